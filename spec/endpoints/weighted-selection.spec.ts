import { expect } from 'chai';
import fc from 'fast-check';
import { type EndpointStanding, heaviest, selectFailoverTarget } from '../../lib/endpoints/weighted-selection.ts';

const NOW = 100_000;
const GRACE = 60_000;

function standing(id: string, more: Partial<EndpointStanding> = {}): EndpointStanding {
  return {
    id,
    weight: 1,
    health: 'healthy',
    circuit: 'closed',
    isReady: true,
    successes: 0,
    leftAt: undefined,
    isLeftForBetter: false,
    holdDownMs: 0,
    hasLostData: false,
    ...more,
  };
}

function select(
  endpoints: readonly EndpointStanding[],
  activeId = 'a',
  { allowEmptyEndpoint = false } = {},
): string | undefined {
  return selectFailoverTarget(endpoints, { activeId, gracePeriodMs: GRACE, allowEmptyEndpoint, now: NOW })?.id;
}

const inGrace = { leftAt: NOW - GRACE + 1 };
const outOfGrace = { leftAt: NOW - GRACE };
const down = standing('a', { health: 'unhealthy', weight: 9 });

describe('The target of a failover', () => {
  describe('among healthy endpoints', () => {
    it('is the heaviest', () => {
      expect(select([down, standing('b'), standing('c', { weight: 3 }), standing('d', { weight: 2 })])).to.equal('c');
    });

    it('is the first listed of equal ones', () => {
      expect(select([down, standing('b'), standing('c'), standing('d')])).to.equal('b');
    });

    it('is the active one when it is as good as any', () => {
      expect(select([standing('b'), standing('a'), standing('c')], 'a')).to.equal('a');
    });

    it('may be a heavier one than the active one', () => {
      expect(select([standing('a'), standing('b', { weight: 2 })], 'a')).to.equal('b');
    });
  });

  describe('when some are out of the question', () => {
    it('is never an unhealthy one, whatever its weight', () => {
      expect(select([down, standing('b', { health: 'unhealthy', weight: 1_000 }), standing('c')])).to.equal('c');
      expect(select([down, standing('b', { health: 'unhealthy' })])).to.equal(undefined);
    });

    it('is never one that is not ready, whatever its weight', () => {
      expect(select([down, standing('b', { isReady: false, weight: 1_000 }), standing('c')])).to.equal('c');
      expect(select([down, standing('b', { isReady: false })])).to.equal(undefined);
    });

    it('is nothing when there is nothing', () => {
      expect(select([])).to.equal(undefined);
      expect(select([down])).to.equal(undefined);
    });
  });

  describe('by tiers', () => {
    const tiers: readonly (readonly [name: string, standing: Partial<EndpointStanding>])[] = [
      ['healthy', {}],
      ['healthy, inside its grace period', inGrace],
      ['healthy, without its data', { hasLostData: true }],
      ['healthy, its circuit open', { circuit: 'open' }],
      ['not checked yet', { health: 'unknown' }],
    ];

    for (const [i, [better, its]] of tiers.entries()) {
      for (const [worse, others] of tiers.slice(i + 1)) {
        it(`is rather one that is ${better} than one that is ${worse}, although lighter`, () => {
          expect(select([down, standing('b', { ...others, weight: 8 }), standing('c', its)])).to.equal('c');
        });
      }

      it(`is the heaviest of those that are ${better}`, () => {
        const endpoints = [down, standing('b', its), standing('c', { ...its, weight: 2 }), standing('d', its)];

        expect(select(endpoints)).to.equal('c');
      });
    }

    it('counts the grace period from the moment of leaving, its end excluded', () => {
      const light = standing('c');

      expect(select([down, standing('b', { ...inGrace, weight: 2 }), light])).to.equal('c');
      expect(select([down, standing('b', { ...outOfGrace, weight: 2 }), light])).to.equal('b');
    });

    it('is one without its data like any other, where that is no matter', () => {
      const empty = standing('b', { hasLostData: true, weight: 2 });

      expect(select([down, empty, standing('c')], 'a', { allowEmptyEndpoint: true })).to.equal('b');
      expect(select([down, empty, standing('c')], 'a')).to.equal('c');
    });

    it('is never an isolated one', () => {
      expect(select([down, standing('b', { circuit: 'isolated' })])).to.equal(undefined);
      expect(select([standing('a', { circuit: 'isolated' })], 'a')).to.equal(undefined);
    });

    it('treats a half-open circuit like an open one', () => {
      for (const circuit of ['half-open', 'open'] as const) {
        expect(select([down, standing('b', { circuit, weight: 2 }), standing('c')])).to.equal('c');
        expect(select([down, standing('b', { circuit })])).to.equal('b');
      }
    });

    it('is not one that was not checked yet and whose circuit is not closed', () => {
      expect(select([down, standing('b', { health: 'unknown', circuit: 'open' })])).to.equal(undefined);
    });

    it('is the active one, its circuit open like every other, when it is no lighter', () => {
      const open = { circuit: 'open' } as const;

      expect(select([standing('b', open), standing('a', open)], 'a')).to.equal('a');
    });
  });

  describe('always', () => {
    const standings = fc
      .array(
        fc.record({
          weight: fc.constantFrom(0.5, 1, 2, 3),
          health: fc.constantFrom('unknown' as const, 'healthy' as const, 'unhealthy' as const),
          circuit: fc.constantFrom('closed' as const, 'open' as const, 'half-open' as const, 'isolated' as const),
          isReady: fc.boolean(),
          successes: fc.nat(5),
          leftAt: fc.constantFrom(undefined, inGrace.leftAt, outOfGrace.leftAt, NOW),
          isLeftForBetter: fc.boolean(),
          holdDownMs: fc.constantFrom(0, 0, GRACE, 2 * GRACE),
          hasLostData: fc.boolean(),
        }),
        { maxLength: 6 },
      )
      .map((records) => records.map((record, index) => ({ ...record, id: 'abcdef'.charAt(index) })));
    const active = fc.constantFrom('a', 'b', 'c', 'none of them');

    /** The rules once more, written as a rank instead of as filters. */
    function rank(endpoint: EndpointStanding): number | undefined {
      const { health, circuit, isReady, leftAt, isLeftForBetter, holdDownMs, hasLostData } = endpoint;
      if (!isReady || health === 'unhealthy' || circuit === 'isolated') return undefined;
      if (health === 'unknown') return circuit === 'closed' ? 4 : undefined;
      if (circuit !== 'closed') return 3;
      if (hasLostData) return 2;
      if (isLeftForBetter) return 0;
      return leftAt !== undefined && NOW - leftAt < Math.max(GRACE, holdDownMs) ? 1 : 0;
    }

    it('is ready and not unhealthy', () => {
      fc.assert(
        fc.property(standings, active, (endpoints, activeId) => {
          const target = endpoints.find(({ id }) => id === select(endpoints, activeId));

          if (target === undefined) return;
          expect(target.isReady).to.equal(true);
          expect(target.health).not.to.equal('unhealthy');
        }),
      );
    });

    it('exists exactly when one is in the question', () => {
      fc.assert(
        fc.property(standings, active, (endpoints, activeId) => {
          const isAny = endpoints.some((endpoint) => rank(endpoint) !== undefined);

          expect(select(endpoints, activeId) !== undefined).to.equal(isAny);
        }),
      );
    });

    it('is of the best tier, and none of that tier is heavier', () => {
      fc.assert(
        fc.property(standings, active, (endpoints, activeId) => {
          const target = endpoints.find(({ id }) => id === select(endpoints, activeId));
          if (target === undefined) return;
          const ranks = endpoints.map(rank).filter((value) => value !== undefined);
          const peers = endpoints.filter((endpoint) => rank(endpoint) === rank(target));

          expect(rank(target)).to.equal(Math.min(...ranks));
          expect(target.weight).to.equal(Math.max(...peers.map(({ weight }) => weight)));
        }),
      );
    });

    it('does not depend on what is out of the question', () => {
      fc.assert(
        fc.property(standings, active, (endpoints, activeId) => {
          const candidates = endpoints.filter((endpoint) => rank(endpoint) !== undefined);

          expect(select(candidates, activeId)).to.equal(select(endpoints, activeId));
        }),
      );
    });
  });
});

describe('The heaviest endpoint', () => {
  it('is nothing of nothing', () => {
    const none: readonly EndpointStanding[] = [];

    expect(heaviest(none, 'a')).to.equal(undefined);
  });

  it('is the active one of equal ones, wherever it stands', () => {
    const endpoints = ['a', 'b', 'c'].map((id) => ({ id, weight: 2 }));

    for (const id of ['a', 'b', 'c']) expect(heaviest(endpoints, id)?.id).to.equal(id);
    expect(heaviest(endpoints, 'x')?.id).to.equal('a');
  });

  it('is not the active one when that is lighter', () => {
    expect(
      heaviest(
        [
          { id: 'a', weight: 1 },
          { id: 'b', weight: 2 },
          { id: 'c', weight: 2 },
        ],
        'a',
      )?.id,
    ).to.equal('b');
  });
});
