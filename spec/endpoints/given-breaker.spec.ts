import { expect } from 'chai';
import { ConsecutiveBreaker, type IBreaker, SamplingBreaker } from 'cockatiel';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { BreakerBench } from './breaker-bench.ts';

describe("A circuit breaker of the application's", () => {
  let bench: BreakerBench;

  beforeEach(() => {
    bench = new BreakerBench();
  });

  afterEach(() => {
    bench.time.restore();
  });

  it('decides in the place of window, rate and failures in a row', async () => {
    const breaker = bench.breaker({ breaker: () => new ConsecutiveBreaker(3), consecutiveFailures: 1 });
    await bench.fail(breaker, 2);
    breaker.recordSuccesses(1);
    await bench.fail(breaker, 2);
    expect(breaker.state).to.equal('closed');
    await bench.fail(breaker, 1);

    expect(breaker.state).to.equal('open');
  });

  it('counts every refused command, also of one attempt', async () => {
    const breaker = bench.breaker({ breaker: () => new ConsecutiveBreaker(3) });
    await bench.fail(breaker, 3, false);

    expect(breaker.state).to.equal('open');
  });

  it('is told how many commands succeeded', async () => {
    const create = (): SamplingBreaker => new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 1 });
    const breaker = bench.breaker({ breaker: create });
    breaker.recordSuccesses(100);
    await bench.fail(breaker, 99);
    expect(breaker.state).to.equal('closed');
    await bench.fail(breaker, 3);

    expect(breaker.state).to.equal('open');
  });

  it('changes nothing by what it throws, which is told', async () => {
    let throws = true;
    const thrown = (what: string): void => {
      if (throws) throw new Error(what);
    };
    const create = (): IBreaker => ({
      state: undefined,
      success: () => thrown('success'),
      failure: () => (thrown('failure'), true),
    });
    const breaker = bench.breaker({ breaker: create });
    breaker.recordSuccesses(100);
    await bench.fail(breaker, 1);
    expect(bench.changes).to.deep.equal(['failed: success', 'failed: failure']);
    throws = false;
    await bench.fail(breaker, 1);

    expect(breaker.state).to.equal('open');
  });

  it('is used on when no other one can be made for a circuit that is closed by force', async () => {
    let made = 0;
    const create = (): IBreaker => {
      if (++made > 1) throw new Error('no more');
      return new ConsecutiveBreaker(1);
    };
    const breaker = await bench.opened({ breaker: create });
    breaker.reset();
    expect([breaker.state, bench.changes]).to.deep.equal(['closed', ['failed: no more', 'open -> closed']]);
    await bench.fail(breaker, 1);

    expect(breaker.state).to.equal('open');
  });

  it('is made anew when the circuit is closed by force', async () => {
    let made = 0;
    const breaker = bench.breaker({ breaker: () => (made++, new ConsecutiveBreaker(2)) });
    await bench.fail(breaker, 1);
    breaker.reset();
    await bench.fail(breaker, 1);

    expect([made, breaker.state]).to.deep.equal([2, 'closed']);
  });

  it('closes by a good check after its time, as any other', async () => {
    const breaker = await bench.opened({ breaker: () => new ConsecutiveBreaker(1), halfOpenAfterMs: 1_000 });
    await bench.time.tickAsync(1_000);
    await bench.goodRound(breaker);

    expect(breaker.state).to.equal('closed');
  });

  for (const made of [undefined, {}, 'breaker', { success: () => undefined }]) {
    it(`is refused when it is ${JSON.stringify(made)}`, () => {
      try {
        bench.breaker({ breaker: () => made as never });
        expect.fail('it was taken');
      } catch (error) {
        if (!isGeoFailoverError(error)) throw error;
        expect(error.message).to.match(/^circuitBreaker\.breaker must return a new breaker of cockatiel/);
      }
    });
  }
});
