import { expect } from 'chai';
import fc from 'fast-check';
import { byNewRules } from '../../lib/failover/changed-rules.ts';
import type { FailoverPolicy } from '../../lib/failover/failover-policy.ts';
import { ControllerBench } from './controller-bench.ts';
import { RULES, stateOf } from './flow.ts';

const SAME_GRACE = { gracePeriodMs: { before: 60_000, now: 60_000 } };

describe('Rules that change', () => {
  describe('while a switch is made', () => {
    let policy: { -readonly [K in keyof FailoverPolicy]?: FailoverPolicy[K] };
    let bench: ControllerBench;

    beforeEach(() => {
      policy = {};
      bench = new ControllerBench('a 2, b 1', policy);
    });

    afterEach(() => bench.close());

    it('leave a drain alone that has begun, and give the next one its time', async () => {
      const first = bench.controller.switchTo('b', 'manual');
      expect(bench.takeLog()).to.deep.equal(['client: hold', 'client: drain a in 1000']);
      policy.drainMs = 5;
      bench.controller.signal({ type: 'rules', change: { ...SAME_GRACE, isJitterOutdated: false } });
      expect(bench.takeLog()).to.deep.equal([]);
      bench.client.drain();
      expect(await first).to.include({ from: 'a', to: 'b' });

      const second = bench.controller.switchTo('a', 'manual');
      expect(bench.takeLog()).to.include('client: drain b in 5');
      bench.client.drain();
      await second;
    });

    it('give the drain of a failback the time that holds when it begins', async () => {
      let tell: ((isWelcome: boolean) => void) | undefined;
      bench.mayFailBack = () => new Promise((resolve) => (tell = resolve));
      await bench.failOver();
      await bench.time.tickAsync(60_000);
      bench.takeLog();
      policy.drainMs = 5;
      tell?.(true);
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal(['client: hold', 'client: drain b in 5']);
      bench.client.drain();
    });

    it('do not call off what somebody asked for', async () => {
      await bench.failOver();
      const asked = bench.controller.switchTo('a', 'failback');
      policy.rules = { ...RULES, isFailbackEnabled: false };
      bench.controller.signal({ type: 'rules', change: { ...SAME_GRACE, isJitterOutdated: true } });
      bench.client.drain();

      expect(await asked).to.include({ from: 'b', to: 'a' });
    });

    it('call off a failback that is drained, and let go on what waited for it', async () => {
      await bench.failOver();
      await bench.time.tickAsync(60_000);
      expect(bench.takeLog()).to.include('client: drain b in 1000');
      policy.rules = { ...RULES, isFailbackEnabled: false };
      bench.controller.signal({ type: 'rules', change: { ...SAME_GRACE, isJitterOutdated: false } });
      bench.client.drain();
      await bench.time.tickAsync(0);

      expect(bench.takeLog()).to.deep.equal(['client: release']);
      expect(bench.client.holds).to.equal(0);
      expect(bench.controller.state).to.include({ activeId: 'b', planned: undefined });
    });
  });

  it('scale a hold-down as it was doubled, between nothing and the longest one', () => {
    const graces = fc.integer({ min: 0, max: 100_000 });
    const doublings = fc.integer({ min: 0, max: 5 });
    fc.assert(
      fc.property(graces, graces, doublings, fc.integer({ min: 0, max: 6 }), (before, gracePeriodMs, doubled, most) => {
        const state = stateOf('a 2, b 1');
        const holdDownMs = before * 2 ** doubled;
        const left = { ...state, endpoints: state.endpoints.map((endpoint) => ({ ...endpoint, holdDownMs })) };
        const rules = { ...RULES, gracePeriodMs, maxGracePeriodMs: gracePeriodMs * 2 ** most };
        const told = { gracePeriodMs: { before, now: gracePeriodMs }, isJitterOutdated: false };
        const changed = byNewRules(
          left,
          told,
          rules,
          0,
          () => 0,
          () => 0,
        );

        const expected = before === 0 ? 0 : gracePeriodMs * 2 ** Math.min(doubled, most);
        for (const endpoint of changed.endpoints) expect(endpoint.holdDownMs).to.be.closeTo(expected, 1e-6);
      }),
    );
  });
});
