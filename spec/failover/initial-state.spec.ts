import { expect } from 'chai';
import { failoverRules, initialState } from '../../lib/failover/initial-state.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { resolvedEndpoint } from './flow.ts';

describe('The state before anything is known', () => {
  it('lists the endpoints as they were given', () => {
    const state = initialState([resolvedEndpoint('a', 1), resolvedEndpoint('b', 2)]);

    expect(state.endpoints).to.deep.equal(
      ['a', 'b'].map((id, i) => ({
        id,
        weight: i + 1,
        health: 'unknown',
        circuit: 'closed',
        isReady: false,
        successes: 0,
        leftAt: undefined,
        isLeftForBetter: false,
        holdDownMs: 0,
        hasLostData: false,
      })),
    );
    expect(state).to.include({ epoch: 0, pinnedId: undefined, planned: undefined, isDown: false, jitterMs: 0 });
  });

  const weights: readonly (readonly [weights: readonly number[], active: string])[] = [
    [[1], 'a'],
    [[1, 2], 'b'],
    [[2, 2], 'a'],
    [[1, 3, 3, 2], 'b'],
  ];

  for (const [given, active] of weights) {
    it(`begins with endpoint ${active} for weights ${given.join(', ')}`, () => {
      const endpoints = given.map((weight, i) => resolvedEndpoint('abcd'.charAt(i), weight));

      expect(initialState(endpoints).activeId).to.equal(active);
    });
  }

  it('takes the rules from the options', () => {
    expect(
      failoverRules({
        failover: DEFAULTS.failover,
        failback: { ...DEFAULTS.failback, allowEmptyEndpoint: false, maxGracePeriodMs: 1_920_000 },
      }),
    ).to.deep.equal({
      choose: undefined,
      isFailbackEnabled: true,
      gracePeriodMs: 60_000,
      maxGracePeriodMs: 1_920_000,
      consecutiveSuccesses: 3,
      allowEmptyEndpoint: false,
    });
  });
});
