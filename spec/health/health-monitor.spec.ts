import { expect } from 'chai';
import sinon from 'sinon';
import { type CheckResult, type FailedCheck, GOOD } from '../../lib/health/check-result.ts';
import { HealthMonitor } from '../../lib/health/health-monitor.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import type { ResolvedHealthCheck } from '../../lib/options/types.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';

function bad(message: string): CheckResult {
  return { ok: false, isAnswer: false, error: new Error(message), reason: 'timeout' };
}

describe('The monitor of an endpoint', () => {
  let time: sinon.SinonFakeTimers;
  let random: sinon.SinonStub<[], number>;
  let look: sinon.SinonStub<[number], Promise<CheckResult>>;
  let rounds: { result: CheckResult; startedAt: number; at: number }[];
  let monitor: HealthMonitor;

  beforeEach(() => {
    time = fakeSystemTime();
    random = sinon.stub<[], number>().returns(0.5);
    look = sinon.stub<[number], Promise<CheckResult>>().resolves(GOOD);
    rounds = [];
  });

  afterEach(() => {
    monitor.stop();
    time.restore();
  });

  async function start(options: Partial<ResolvedHealthCheck> = {}): Promise<void> {
    monitor = new HealthMonitor({
      look,
      options: () => ({ ...DEFAULTS.healthCheck, ...options }),
      clock: systemClock,
      random,
      onRound: (result, startedAt) => rounds.push({ result, startedAt, at: time.now }),
    });
    monitor.start();
    await time.tickAsync(0);
  }

  /** Each look takes so long. */
  function looksTake(ms: number, result = GOOD): void {
    look.callsFake(() => new Promise((resolve) => setTimeout(() => resolve(result), ms)));
  }

  describe('in a round', () => {
    it('looks at once, with the time that one look may take', async () => {
      await start({ timeoutMs: 123 });

      sinon.assert.calledOnceWithExactly(look, 123);
      expect(rounds).to.deep.equal([{ result: GOOD, startedAt: 0, at: 0 }]);
    });

    it('tells when it began, not when it ended', async () => {
      looksTake(70);
      await start();
      await time.tickAsync(70);

      expect(rounds).to.deep.equal([{ result: GOOD, startedAt: 0, at: 70 }]);
    });

    it('looks as often as it is told, with pauses', async () => {
      await start({ probes: 3, probeDelayMs: 100 });
      expect(look.callCount).to.equal(1);
      await time.tickAsync(100);
      expect(look.callCount).to.equal(2);
      expect(rounds).to.deep.equal([]);
      await time.tickAsync(100);

      expect(look.callCount).to.equal(3);
      expect(rounds).to.have.length(1);
    });

    it('looks no more once the outcome is known', async () => {
      look.resolves(bad('no'));
      await start({ probes: 5, policy: 'all' });
      expect(rounds).to.have.length(1);
      await time.tickAsync(500);

      expect(look.callCount).to.equal(1);
    });

    const outcomes: readonly (readonly [policy: ResolvedHealthCheck['policy'], looks: string, outcome: string])[] = [
      ['all', '+++', 'good'],
      ['all', '+-', '2'],
      ['any', '+', 'good'],
      ['any', '--+', 'good'],
      ['any', '---', '3'],
      ['majority', '++', 'good'],
      ['majority', '-+-', '3'],
      ['majority', '+--', '3'],
      ['majority', '--', '2'],
    ];

    for (const [policy, looks, outcome] of outcomes) {
      it(`by "${policy}" of 3 finds ${looks} ${outcome === 'good' ? 'good' : `bad, with the error of look ${outcome}`}`, async () => {
        for (const [i, sign] of Array.from(looks).entries()) {
          look.onCall(i).resolves(sign === '+' ? GOOD : bad(String(i + 1)));
        }
        await start({ probes: 3, policy, intervalMs: 10_000 });
        await time.tickAsync(1_000);

        expect(look.callCount).to.equal(looks.length);
        const { result } = rounds[0]!;
        expect(result.ok ? 'good' : result.error.message).to.equal(outcome);
      });
    }
  });

  describe('with probes that hold the endpoint back', () => {
    const gate: CheckResult = { ...(bad('behind') as FailedCheck), isFailbackOnly: true };
    const outcomes: readonly (readonly [policy: ResolvedHealthCheck['policy'], looks: string, outcome: string])[] = [
      ['all', '+g+', 'behind'],
      ['all', 'g-', 'no'],
      ['any', 'g', 'behind'],
      ['any', '-g', 'behind'],
      ['majority', 'g+', 'behind'],
      ['majority', '++', 'good'],
      ['majority', 'g--', 'no'],
    ];

    for (const [policy, looks, outcome] of outcomes) {
      it(`by "${policy}" of 3 takes ${looks} for ${outcome}`, async () => {
        const results: Readonly<Record<string, CheckResult>> = { '+': GOOD, g: gate, '-': bad('no') };
        for (const [i, sign] of Array.from(looks).entries()) look.onCall(i).resolves(results[sign]);
        await start({ probes: 3, policy, intervalMs: 10_000 });
        await time.tickAsync(1_000);

        expect(look.callCount).to.equal(looks.length);
        const { result } = rounds[0]!;
        expect(result.ok ? 'good' : result.error.message).to.equal(outcome);
        expect(!result.ok && result.isFailbackOnly === true).to.equal(outcome === 'behind');
      });
    }
  });

  describe('from round to round', () => {
    it('keeps the interval between the starts', async () => {
      looksTake(300);
      await start({ intervalMs: 1_000 });
      await time.tickAsync(3_500);

      expect(rounds.map(({ startedAt }) => startedAt)).to.deep.equal([0, 1_000, 2_000, 3_000]);
    });

    it('begins the next one right after one that took longer than the interval', async () => {
      looksTake(450);
      await start({ intervalMs: 200 });
      await time.tickAsync(5_000);

      const starts = rounds.map(({ startedAt }) => startedAt);
      // Faked timers take a pause of 0 ms for one of 1 ms.
      for (const [i, startedAt] of starts.entries()) expect(startedAt).to.be.within(i * 450, i * 451);
      expect(starts).to.have.length.above(5);
    });

    it('goes on after bad rounds', async () => {
      look.resolves(bad('no'));
      await start({ intervalMs: 1_000 });
      await time.tickAsync(5_000);

      expect(rounds).to.have.length(6);
    });

    it('varies the interval by 5 % either way, so that a fleet does not fall into step', async () => {
      random.onCall(0).returns(0);
      random.onCall(1).returns(1);
      await start({ intervalMs: 1_000 });
      await time.tickAsync(2_000);

      expect(rounds.map(({ startedAt }) => startedAt)).to.deep.equal([0, 950, 2_000]);
    });

    it('does not keep the process alive', async () => {
      const setTimeoutSpy = sinon.spy(globalThis, 'setTimeout');
      await start();
      const timers = setTimeoutSpy.returnValues.map((timer) => timer.hasRef());
      setTimeoutSpy.restore();

      expect(timers).to.deep.equal([false]);
    });
  });

  it('looks on in the new round alone, when one begins anew for another check', async () => {
    const options = { check: () => true, probes: 3, probeDelayMs: 100 };
    await start(options);
    await time.tickAsync(50);
    options.check = () => true;
    monitor.restart();
    await time.tickAsync(500);

    expect(look.callCount).to.equal(1 + 3);
    expect(rounds).to.deep.equal([{ result: GOOD, startedAt: 50, at: 250 }]);
  });

  describe('that is stopped', () => {
    it('looks no more', async () => {
      await start();
      monitor.stop();
      await time.tickAsync(60_000);

      expect(look.callCount).to.equal(1);
    });

    it('looks no more in the round that was under way', async () => {
      await start({ probes: 3, probeDelayMs: 100 });
      monitor.stop();
      await time.tickAsync(60_000);

      expect(look.callCount).to.equal(1);
    });

    it('does not tell of the round that was under way', async () => {
      looksTake(100);
      await start();
      monitor.stop();
      await time.tickAsync(60_000);

      expect(rounds).to.deep.equal([]);
      expect(look.callCount).to.equal(1);
    });
  });
});
