import { type UntilWindow, considerFailback, withFitness } from './consider-failback.ts';
import type { FailoverRules, FailoverState, RulesChange } from './failover-state.ts';

/**
 * The state by new rules: what was observed stays, and what was made of it by the old ones is made anew. A failback that is
 * being prepared is called off when it would not begin by the new ones.
 */
export function byNewRules(
  state: FailoverState,
  { gracePeriodMs, isJitterOutdated }: RulesChange,
  rules: FailoverRules,
  now: number,
  random: () => number,
  untilWindowMs: UntilWindow,
): FailoverState {
  const scaled: FailoverState = {
    ...state,
    jitterMs: isJitterOutdated ? random() : state.jitterMs,
    endpoints: state.endpoints.map((endpoint) => ({
      ...endpoint,
      holdDownMs: scaledHoldDown(endpoint.holdDownMs, gracePeriodMs, rules),
    })),
  };
  const { planned } = scaled;
  if (planned?.kind !== 'failback' || planned.isRequested) return scaled;
  const unprepared = withFitness({ ...scaled, planned: undefined }, rules, now);
  const again = considerFailback(unprepared, rules, now, untilWindowMs).state.planned;
  if (again?.to === planned.to) return scaled;
  // rare: failback-called-off-by-new-rules
  return { ...scaled, planned: undefined };
}

/** It has been doubled as often as before. */
function scaledHoldDown(
  holdDownMs: number,
  { before, now }: RulesChange['gracePeriodMs'],
  { maxGracePeriodMs }: Pick<FailoverRules, 'maxGracePeriodMs'>,
): number {
  if (holdDownMs === 0 || before === 0) return holdDownMs;
  return Math.min(maxGracePeriodMs, (holdDownMs / before) * now);
}
