import { expect } from 'chai';
import fc from 'fast-check';
import { decayed, lengthened, shownHoldDown } from '../../lib/failover/hold-down.ts';
import { ControllerBench } from './controller-bench.ts';
import { type FlowTable, SILENT_A, type Steps, UP, describeFlows } from './flow-table.ts';
import { Flow, RULES } from './flow.ts';

/** Up to 32 times the grace period. */
const GROWING = { maxGracePeriodMs: 1_920_000 };
const rules = { ...RULES, ...GROWING };

const UNSEEN_AT_A = ['a circuit open', 'switch a>b failover circuit-breaker'] as const;

/** Its circuit is closed by good checks, which see nothing; and it is gone back to when it is due, and fails at once. */
function backAndAway(waitMs: number, dueAt: number): Steps {
  return [
    ['a circuit closed', `look again at ${dueAt}`],
    [`wait ${waitMs - 1}`, `look again at ${dueAt}`],
    ['wait 1', 'prepare a failback'],
    ['planned-ready', 'switch b>a failback failback, planned'],
    UNSEEN_AT_A,
  ];
}

const table: FlowTable = {
  'for an endpoint that fails again and again': [
    {
      name: 'double the time before it is gone back to',
      rules: GROWING,
      steps: [
        ...UP,
        UNSEEN_AT_A,
        ...backAndAway(60_500, 60_500),
        ...backAndAway(120_500, 181_000),
        ...backAndAway(240_500, 421_500),
        ['a circuit closed', 'look again at 902000'],
      ],
      active: 'b',
    },
    {
      name: 'double it up to the limit',
      rules: { maxGracePeriodMs: 100_000 },
      steps: [
        ...UP,
        UNSEEN_AT_A,
        ...backAndAway(60_500, 60_500),
        ...backAndAway(100_500, 161_000),
        ['a circuit closed', 'look again at 261500'],
      ],
      active: 'b',
    },
    {
      name: 'do not double it when the limit is the grace period, or when there is none',
      rules: { maxGracePeriodMs: 60_000 },
      steps: [...UP, UNSEEN_AT_A, ...backAndAway(60_500, 60_500), ['a circuit closed', 'look again at 121000']],
      active: 'b',
    },
    {
      name: 'do so for any reason',
      rules: GROWING,
      steps: [
        ...UP,
        ...SILENT_A,
        ['a healthy 3', 'look again at 60500'],
        ['wait 60500', 'prepare a failback'],
        ['planned-ready', 'switch b>a failback failback, planned'],
        ...SILENT_A,
        ['a healthy 3', 'look again at 181000'],
      ],
      active: 'b',
    },
    {
      name: 'wait as long as at first when it has served for as long as it was waited for',
      rules: GROWING,
      steps: [
        ...UP,
        UNSEEN_AT_A,
        ['a circuit closed', 'look again at 60500'],
        ['wait 60500', 'prepare a failback'],
        ['planned-ready', 'switch b>a failback failback, planned'],
        'wait 60000',
        UNSEEN_AT_A,
        ['a circuit closed', 'look again at 181000'],
      ],
      active: 'b',
    },
    {
      name: 'take it all the same when no other is left, and count that',
      rules: GROWING,
      steps: [
        ...UP,
        UNSEEN_AT_A,
        ['a circuit closed', 'look again at 60500'],
        ['verdict b silence', 'switch b>a failover silence'],
        'wait 1000',
        'b healthy 3',
        UNSEEN_AT_A,
        ['a circuit closed', 'look again at 121500'],
      ],
      active: 'b',
    },
    {
      name: 'turn to the one that was left for it, and rather to a lighter one than to it while it is held down',
      endpoints: 'a 3, b 1, c 2',
      rules: GROWING,
      steps: [
        ...UP,
        'c ready',
        'c healthy 3',
        ['a circuit open', 'switch a>c failover circuit-breaker'],
        ['a circuit closed', 'look again at 60500'],
        ['wait 60500', 'prepare a failback'],
        ['planned-ready', 'switch c>a failback failback, planned'],
        ['a circuit open', 'switch a>c failover circuit-breaker'],
        ['a circuit closed', 'look again at 181000'],
        ['verdict c silence', 'switch c>b failover silence'],
      ],
      active: 'b',
    },
    {
      name: 'do not bind whoever moves by hand, nor forget it for that',
      rules: GROWING,
      steps: [
        ...UP,
        UNSEEN_AT_A,
        ...backAndAway(60_500, 60_500),
        ['a circuit closed', 'look again at 181000'],
        ['plan a', 'prepare a manual'],
        ['planned-ready', 'switch b>a manual manual, planned'],
        ['plan b', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual manual, planned'],
        ['release', 'look again at 181000'],
      ],
      active: 'b',
    },
    {
      name: 'go to one that was left by hand only as after any other switch',
      rules: GROWING,
      steps: [
        ...UP,
        ['plan b', 'prepare b manual'],
        ['planned-ready', 'switch a>b manual manual, planned'],
        ['release', 'look again at 60500'],
        ['plan a', 'prepare a manual'],
        ['planned-ready', 'switch b>a manual manual, planned'],
        UNSEEN_AT_A,
        ['a circuit closed', 'look again at 60500'],
      ],
      active: 'b',
    },
  ],
};

describe('The hold-down', () => {
  it('is the grace period at first, and doubles up to its limit', () => {
    let holdDownMs = 0;
    const series = Array.from({ length: 8 }, () => (holdDownMs = lengthened(holdDownMs, rules)) / 1_000);

    expect(series).to.deep.equal([60, 120, 240, 480, 960, 1_920, 1_920, 1_920]);
  });

  it('stays nothing where there is no grace period', () => {
    const none = { gracePeriodMs: 0, maxGracePeriodMs: 0 };

    expect([lengthened(0, none), decayed(0, 1_000, none)]).to.deep.equal([0, 0]);
  });

  const left: readonly (readonly [holdDownMs: number, servedMs: number, left: number])[] = [
    [240_000, 239_999, 240_000],
    [240_000, 240_000, 120_000],
    [240_000, 359_999, 120_000],
    [240_000, 360_000, 60_000],
    [240_000, 420_000, 0],
    [60_000, 59_999, 60_000],
    [60_000, 60_000, 0],
    // The limit need not be twice anything.
    [100_000, 100_000, 60_000],
    [0, 5, 0],
  ];

  for (const [holdDownMs, servedMs, remembered] of left) {
    it(`of ${holdDownMs} ms is ${remembered} ms behind ${servedMs} ms of good service`, () => {
      expect(decayed(holdDownMs, servedMs, rules)).to.equal(remembered);
    });
  }

  it('is shown, and how much of it is still to come', () => {
    const flow = new Flow('a 2, b 1', GROWING);
    const shown = () =>
      flow.state.endpoints.map((it) => Object.values(shownHoldDown(flow.state, it, rules, flow.now)) as number[]);
    for (const step of ['a ready', 'a healthy 3', 'b ready', 'b healthy 3']) flow.tell(step);
    expect(shown()).to.deep.equal([
      [60_000, 0],
      [60_000, 0],
    ]);
    flow.tell('verdict a silence');
    flow.tell('wait 500');
    expect(shown()[0]).to.deep.equal([60_000, 60_000]);
    for (const step of ['a healthy 3', 'wait 60000', 'planned-ready', 'verdict a silence']) flow.tell(step);
    expect(shown()[0]).to.deep.equal([120_000, 120_500]);
    for (const step of ['a healthy 3', 'wait 120500', 'planned-ready', 'wait 119999']) flow.tell(step);
    expect(shown()[0]).to.deep.equal([120_000, 0]);
    flow.tell('wait 1');
    expect(shown()).to.deep.equal([
      [60_000, 0],
      [60_000, 0],
    ]);
  });

  it('does not decay while the endpoint fails, whoever else could take over', () => {
    const flow = new Flow('a 2, b 1', GROWING);
    const steps = [
      'a ready',
      'a healthy 3',
      'b ready',
      'b healthy 3',
      'verdict a silence',
      'a healthy 3',
      'wait 60500',
    ];
    for (const step of [...steps, 'planned-ready', 'b unhealthy', 'verdict a silence', 'wait 900000']) flow.tell(step);
    expect(flow.state).to.include({ activeId: 'a', isDown: true });
    flow.tell('a healthy 3');
    flow.tell('b healthy 3');
    flow.tell('verdict a silence');

    expect(flow.state.endpoints[0]).to.include({ holdDownMs: 120_000 });
  });

  it('does not decay while nobody is connected', async () => {
    const bench = new ControllerBench('a 2, b 1', { rules });
    await bench.failOver();
    await bench.time.tickAsync(60_000);
    bench.client.drain();
    await bench.time.tickAsync(0);
    expect(bench.registry.activeId).to.equal('a');
    bench.controller.stop();
    await bench.time.tickAsync(3_600_000);
    bench.controller.start();
    bench.signal('verdict a silence');
    expect(bench.controller.standing('a')).to.include({ holdDownMs: 120_000 });
    bench.close();
  });

  it('does not decay while the endpoint serves with an open circuit for want of a better one', () => {
    const flow = new Flow('a 2, b 1', GROWING);
    for (const step of ['a ready', 'a healthy 3', 'b ready', 'b healthy 3', 'a circuit open']) flow.tell(step);
    for (const step of ['b circuit open', 'a circuit closed', 'a circuit open', 'wait 900000']) flow.tell(step);
    expect(flow.state.activeId).to.equal('a');
    flow.tell('b circuit closed');

    expect(flow.state).to.include({ activeId: 'b', epoch: 3 });
    expect(flow.state.endpoints[0]).to.include({ holdDownMs: 120_000 });
  });

  describe('whatever happens', () => {
    const served = fc.integer({ min: 0, max: 10_000_000 });
    const grace = fc.integer({ min: 1, max: 600_000 });

    it('is never shorter than the grace period, nor longer than its limit', () => {
      fc.assert(
        fc.property(grace, served, fc.array(served, { maxLength: 30 }), (gracePeriodMs, more, services) => {
          const limits = { gracePeriodMs, maxGracePeriodMs: gracePeriodMs + more };
          let remembered = 0;
          for (const servedMs of services) {
            const before = remembered;
            remembered = decayed(remembered, servedMs, limits);
            expect(remembered).to.be.at.most(before);
            remembered = lengthened(remembered, limits);
            expect(remembered).to.be.within(gracePeriodMs, limits.maxGracePeriodMs);
          }
        }),
      );
    });

    it('is forgotten behind twice its length of good service, and the grace period', () => {
      fc.assert(
        fc.property(grace, served, (gracePeriodMs, holdDownMs) => {
          const forgottenAfter = 2 * Math.max(holdDownMs, gracePeriodMs) + gracePeriodMs;
          expect(decayed(holdDownMs, forgottenAfter, { gracePeriodMs, maxGracePeriodMs: 1e9 })).to.equal(0);
        }),
      );
    });

    it('decays the same in one go and in two', () => {
      fc.assert(
        fc.property(fc.nat(8), served, (doublings, servedMs) => {
          const holdDownMs = 60_000 * 2 ** doublings;
          const half = decayed(holdDownMs, servedMs, rules);
          expect(half).to.be.oneOf([0, ...Array.from({ length: 9 }, (_, i) => 60_000 * 2 ** i)]);
          expect(decayed(half, 1e9, rules)).to.equal(0);
        }),
      );
    });
  });
});

describe('The rules', () => {
  describeFlows(table);
});

describe('An endpoint that fails whenever it serves, for a reason that its checks cannot see', () => {
  /** @returns the number of switches while it was tried for so long. */
  function switchesWithin(ms: number, maxGracePeriodMs: number): number {
    const flow = new Flow('a 2, b 1', { maxGracePeriodMs });
    for (const step of UP) flow.tell(String(step));
    while (flow.now < ms) {
      if (flow.state.activeId === 'a') flow.tell('a circuit open');
      flow.tell('wait 1000');
      flow.tell('a circuit closed');
      flow.tell('a healthy 3');
      if (flow.state.planned !== undefined) flow.tell('planned-ready');
    }
    return flow.state.epoch;
  }

  it('is tried twice again in five minutes, and five times in an hour', () => {
    expect(switchesWithin(300_000, 1_920_000)).to.equal(5);
    expect(switchesWithin(3_600_000, 1_920_000)).to.equal(11);
  });

  it('would be tried at the same pace for ever without it', () => {
    expect(switchesWithin(3_600_000, 60_000)).to.be.above(100);
  });
});
