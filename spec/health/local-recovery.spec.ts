import { expect } from 'chai';
import type { CheckResult } from '../../lib/health/check-result.ts';
import { localRecoveryMsOf, verifyWithRecovery } from '../../lib/health/local-recovery.ts';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';

const GOOD: CheckResult = { ok: true };
const BAD: CheckResult = { ok: false, isAnswer: false, error: new Error('down'), reason: 'connection' };

describe('A failing endpoint', () => {
  const time = fakeTimeForEachTest();

  /** How often it was looked at, and what came of it after so long. */
  async function verify(results: readonly CheckResult[], recoveryMs: number, afterMs: number): Promise<unknown> {
    let looks = 0;
    let outcome: CheckResult | 'pending' = 'pending';
    const look = (): Promise<CheckResult> => Promise.resolve(results[Math.min(looks++, results.length - 1)] ?? BAD);
    void verifyWithRecovery(look, recoveryMs, systemClock).then((result) => {
      outcome = result;
    });
    await time.tickAsync(afterMs);
    return [looks, outcome];
  }

  it('is looked at once when it gets no time', async () => {
    expect(await verify([BAD], 0, 0)).to.deep.equal([1, BAD]);
    expect(await verify([GOOD], 0, 0)).to.deep.equal([1, GOOD]);
  });

  it('is looked at until it is good', async () => {
    expect(await verify([BAD, BAD, GOOD], 1_000, 99)).to.deep.equal([2, 'pending']);
    expect(await verify([BAD, BAD, GOOD], 1_000, 100)).to.deep.equal([3, GOOD]);
  });

  it('is looked at a last time when its time is up', async () => {
    expect(await verify([BAD], 120, 119)).to.deep.equal([3, 'pending']);
    expect(await verify([BAD], 120, 120)).to.deep.equal([4, BAD]);
  });

  it('gets time behind Sentinel, or as much as the application says', () => {
    const redis = { sentinels: [{ host: 's', port: 1 }], name: 'main' };
    const endpoints = [
      { id: 'a', redis },
      { id: 'b', redis: 'redis://b' },
    ];
    const times = (failover: object): number[] => {
      const options = resolveOptions({ endpoints, failover });
      return options.endpoints.map((endpoint) => localRecoveryMsOf(endpoint, options.failover));
    };

    expect(times({})).to.deep.equal([1_000, 0]);
    expect(times({ localRecoveryMs: 0 })).to.deep.equal([0, 0]);
    expect(times({ localRecoveryMs: 300 })).to.deep.equal([300, 300]);
  });
});
