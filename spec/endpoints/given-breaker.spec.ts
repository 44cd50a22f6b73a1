import { expect } from 'chai';
import { ConsecutiveBreaker, SamplingBreaker } from 'cockatiel';
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
