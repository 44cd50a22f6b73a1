import { type EndpointStanding, graceEndsAt } from '../endpoints/weighted-selection.ts';
import type { FailoverRules, FailoverState } from './failover-state.ts';

type HoldDownRules = Pick<FailoverRules, 'gracePeriodMs' | 'maxGracePeriodMs'>;

/**
 * The hold-down of an endpoint that a failover leaves: the grace period, and twice as long each time that the endpoint fails
 * again. Without that one that fails for a reason which its checks cannot see is gone back to at the same pace for ever.
 *
 * @param remembered What is left of the hold-down of earlier failovers.
 */
export function lengthened(remembered: number, { gracePeriodMs, maxGracePeriodMs }: HoldDownRules): number {
  return remembered === 0 ? gracePeriodMs : Math.min(2 * remembered, maxGracePeriodMs);
}

/**
 * What is left of a hold-down when the endpoint has served for so long without failing: half of it each time that it has
 * served for as long as that, and nothing behind the grace period.
 */
export function decayed(holdDownMs: number, servedMs: number, { gracePeriodMs }: HoldDownRules): number {
  let left = holdDownMs;
  let served = servedMs;
  while (left > 0 && served >= left) {
    served -= left;
    left = left > gracePeriodMs ? Math.max(gracePeriodMs, left / 2) : 0;
  }
  return left;
}

/** What is remembered of the active endpoint's failures by now. */
export function rememberedOfActive(
  { endpoints, activeId, servingSince }: FailoverState,
  rules: HoldDownRules,
  now: number,
): number {
  const { holdDownMs = 0 } = endpoints.find(({ id }) => id === activeId) ?? {};
  return decayed(holdDownMs, servingSince === undefined ? 0 : now - servingSince, rules);
}

/**
 * When an endpoint that was left may be gone back to, as far as that depends on time alone. The random part counts from when
 * it is good enough, if that is later: a region is often away for longer than the grace period, and then it comes back for
 * a whole fleet in the same second.
 */
export function allowedAt(
  endpoint: EndpointStanding,
  { fitSince, jitterMs }: FailoverState,
  rules: HoldDownRules,
): number {
  const graceEnd = graceEndsAt(endpoint, rules.gracePeriodMs);
  // Whoever was never left is gone to at once.
  if (graceEnd === Number.NEGATIVE_INFINITY) return graceEnd;
  return Math.max(graceEnd, fitSince[endpoint.id] ?? graceEnd) + jitterMs;
}

export interface HoldDown {
  readonly holdDownMs: number;
  readonly holdDownRemainingMs: number;
}

/** An endpoint's hold-down as people are shown it. */
export function shownHoldDown(
  state: FailoverState,
  endpoint: EndpointStanding,
  rules: HoldDownRules,
  now: number,
): HoldDown {
  const isActive = endpoint.id === state.activeId;
  const remembered = isActive ? rememberedOfActive(state, rules, now) : endpoint.holdDownMs;
  return {
    holdDownMs: Math.max(rules.gracePeriodMs, remembered),
    holdDownRemainingMs: isActive ? 0 : Math.max(0, allowedAt(endpoint, state, rules) - now),
  };
}
