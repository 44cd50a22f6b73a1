import { expect } from 'chai';
import { BreakerBench, NEVER } from './breaker-bench.ts';

describe('The circuit breaker of an endpoint', () => {
  let bench: BreakerBench;

  beforeEach(() => {
    bench = new BreakerBench();
  });

  afterEach(() => {
    bench.time.restore();
  });

  it('is closed at first, and says nothing about it', () => {
    expect(bench.breaker().state).to.equal('closed');
    expect(bench.changes).to.deep.equal([]);
  });

  it('does not mind good rounds while it is closed, and does not count them', async () => {
    const breaker = bench.breaker({ consecutiveFailures: 2 });

    await bench.fail(breaker, 1);
    await bench.goodRound(breaker);
    expect(bench.changes).to.deep.equal([]);
    await bench.fail(breaker, 1);
    expect(breaker.state).to.equal('open');
  });

  describe('with rounds of failures in a row', () => {
    for (const consecutiveFailures of [1, 2, 5]) {
      it(`opens after ${consecutiveFailures}, not before`, async () => {
        const breaker = bench.breaker({ consecutiveFailures });

        await bench.fail(breaker, consecutiveFailures - 1);
        expect(breaker.state).to.equal('closed');
        await bench.fail(breaker, 1);
        expect(breaker.state).to.equal('open');
        expect(bench.changes).to.deep.equal(['closed -> open']);
      });
    }

    it('opens however far apart they are', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 3, windowMs: 1_000 });

      for (let i = 0; i < 3; i++) {
        await bench.fail(breaker, 1);
        await bench.time.tickAsync(60_000);
      }

      expect(breaker.state).to.equal('open');
    });

    it('counts the refusals of one round once', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 2, minFailures: NEVER });

      await bench.fail(breaker, 1);
      await bench.fail(breaker, 100, false);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('keeps rounds apart that are recorded in one moment', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 3, minFailures: NEVER });

      for (const isRound of [true, false, false, true, false]) breaker.recordFailure(new Error('no'), { isRound });
      await bench.time.tickAsync(0);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('begins anew after a success in between', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 3 });

      await bench.fail(breaker, 2);
      breaker.recordSuccesses(1);
      await bench.fail(breaker, 2);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('does not take no successes, or fewer than none, for one', async () => {
      const breaker = bench.breaker({ consecutiveFailures: 2 });

      await bench.fail(breaker, 1);
      breaker.recordSuccesses(0);
      breaker.recordSuccesses(-1);
      await bench.fail(breaker, 1);

      expect(breaker.state).to.equal('open');
    });
  });

  describe('with a share of failures within the window', () => {
    const byRate = { consecutiveFailures: NEVER, windowMs: 1_000, failureRate: 0.5, minFailures: 4 };

    it('opens at the rate once there are enough failures', async () => {
      const breaker = bench.breaker(byRate);

      await bench.fail(breaker, 3);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('stays closed below the rate, however many failures there are', async () => {
      const breaker = bench.breaker(byRate);

      breaker.recordSuccesses(101);
      await bench.fail(breaker, 100);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('counts every refusal of a round', async () => {
      const breaker = bench.breaker(byRate);

      await bench.fail(breaker, 4, false);

      expect(breaker.state).to.equal('open');
    });

    it('forgets failures that left the window', async () => {
      const breaker = bench.breaker(byRate);

      await bench.fail(breaker, 3);
      await bench.time.tickAsync(1_000);
      await bench.fail(breaker, 3);
      expect(breaker.state).to.equal('closed');
      await bench.fail(breaker, 1);
      expect(breaker.state).to.equal('open');
    });

    it('forgets successes that left the window', async () => {
      const breaker = bench.breaker(byRate);

      breaker.recordSuccesses(1_000);
      await bench.time.tickAsync(1_000);
      await bench.fail(breaker, 4);

      expect(breaker.state).to.equal('open');
    });

    it('adds up what is spread over the window', async () => {
      const breaker = bench.breaker(byRate);

      for (let i = 0; i < 4; i++) {
        expect(breaker.state).to.equal('closed');
        await bench.fail(breaker, 1);
        await bench.time.tickAsync(200);
      }

      expect(breaker.state).to.equal('open');
    });
  });
});
