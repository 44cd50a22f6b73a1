import { expect } from 'chai';
import fc from 'fast-check';
import { BreakerBench, NEVER } from './breaker-bench.ts';

describe('The circuit breaker of an endpoint that opened', () => {
  let bench: BreakerBench;

  beforeEach(() => {
    bench = new BreakerBench();
  });

  afterEach(() => {
    bench.time.restore();
  });

  describe('while it is open', () => {
    it('never leaves that state by itself', async () => {
      const breaker = await bench.opened();

      await bench.time.tickAsync(86_400_000);

      expect(breaker.state).to.equal('open');
      expect(bench.changes).to.deep.equal([]);
    });

    it('stays open for good rounds that come before its time', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 10_000 });

      await bench.time.tickAsync(9_999);
      await bench.goodRound(breaker);

      expect(breaker.state).to.equal('open');
      expect(bench.changes).to.deep.equal([]);
    });

    it('closes through half-open by the first good round after its time', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 10_000 });

      await bench.time.tickAsync(10_000);
      await bench.goodRound(breaker);

      expect(breaker.state).to.equal('closed');
      expect(bench.changes).to.deep.equal(['open -> half-open', 'half-open -> closed']);
    });

    it('ignores what commands do', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 10_000 });

      await bench.time.tickAsync(20_000);
      breaker.recordSuccesses(1_000);
      await bench.fail(breaker, 10);

      expect(breaker.state).to.equal('open');
      expect(bench.changes).to.deep.equal([]);
    });

    it('is in no half-open state twice when two good rounds come at once', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 0 });

      breaker.recordGoodRound();
      breaker.recordGoodRound();
      await bench.time.tickAsync(0);

      expect(bench.changes).to.deep.equal(['open -> half-open', 'half-open -> closed']);
    });
  });

  describe('after it closed again', () => {
    it('counts rounds in a row anew', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 3, halfOpenAfterMs: 0 });
      await bench.fail(breaker, 3);
      await bench.goodRound(breaker);

      await bench.fail(breaker, 2);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('counts the window anew', async () => {
      const options = { consecutiveFailures: NEVER, minFailures: 4, windowMs: 100_000, halfOpenAfterMs: 0 };
      const breaker = bench.breaker(options);
      await bench.fail(breaker, 4);
      await bench.goodRound(breaker);

      await bench.fail(breaker, 3);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('stays open for its whole time once more when it opens once more', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 1_000 });
      await bench.time.tickAsync(1_000);
      await bench.goodRound(breaker);
      await bench.fail(breaker, 1);

      await bench.time.tickAsync(999);
      await bench.goodRound(breaker);
      expect(breaker.state).to.equal('open');
      await bench.time.tickAsync(1);
      await bench.goodRound(breaker);
      expect(breaker.state).to.equal('closed');
    });
  });

  describe('that is reset', () => {
    it('is closed at once, whatever its time is', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 10_000 });
      breaker.reset();
      await bench.time.tickAsync(20_000);

      expect(breaker.state).to.equal('closed');
      expect(bench.changes).to.deep.equal(['open -> closed']);
    });

    it('opens anew by as many failures as ever, and for its whole time', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 3, halfOpenAfterMs: 1_000 });
      await bench.fail(breaker, 3);
      await bench.time.tickAsync(900);
      breaker.reset();
      await bench.fail(breaker, 2);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      await bench.time.tickAsync(999);
      await bench.goodRound(breaker);

      expect(breaker.state).to.equal('open');
      expect(bench.changes).to.deep.equal(['closed -> open', 'open -> closed', 'closed -> open']);
    });

    it('forgets failures that did not open it yet, those on their way as well', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 3 });
      await bench.fail(breaker, 2);
      breaker.recordFailure(new Error('refused'), { isRound: true });
      breaker.reset();
      await bench.fail(breaker, 2);

      expect(breaker.state).to.equal('closed');
      expect(bench.changes).to.deep.equal([]);
    });

    it('is not closed once more by a trial that was under way', async () => {
      const breaker = await bench.opened({ halfOpenAfterMs: 0 });
      breaker.recordGoodRound();
      breaker.reset();
      await bench.time.tickAsync(0);

      expect(breaker.state).to.equal('closed');
      expect(bench.changes).to.deep.equal(['open -> half-open', 'half-open -> closed']);
    });
  });

  it('tells every change once, and each begins where the last one ended', async () => {
    const steps = fc.array(fc.constantFrom('failure', 'refusal', 'success', 'round', 'time', 'reset'), {
      maxLength: 40,
    });

    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        bench.changes = [];
        const breaker = bench.breaker({ consecutiveFailures: 2, minFailures: 3, windowMs: 500, halfOpenAfterMs: 100 });
        for (const step of sequence) {
          if (step === 'failure' || step === 'refusal') await bench.fail(breaker, 1, step === 'failure');
          else if (step === 'reset') breaker.reset();
          else if (step === 'success') breaker.recordSuccesses(1);
          else if (step === 'round') await bench.goodRound(breaker);
          else await bench.time.tickAsync(60);
        }

        let state = 'closed';
        for (const change of bench.changes) {
          expect(change.startsWith(`${state} -> `)).to.equal(true);
          state = change.slice(change.indexOf('>') + 2);
        }
        expect(state).to.equal(breaker.state);
      }),
      { numRuns: 50 },
    );
  });
});
