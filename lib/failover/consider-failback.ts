import { heaviest } from '../endpoints/weighted-selection.ts';
import type { FailoverRules, FailoverState, PlannedSwitch, Transition } from './failover-state.ts';
import { allowedAt } from './hold-down.ts';

/**
 * How long it is until a failback may happen by the calendar, `0` if it may now.
 *
 * @param jitterMs For so long a window has to be open already: it opens for a whole fleet in one moment.
 */
export type UntilWindow = (jitterMs: number) => number;

/** While the active endpoint is good: goes to a better one that is due, or looks again when one may be. */
export function considerFailback(
  state: FailoverState,
  rules: FailoverRules,
  now: number,
  untilWindowMs: UntilWindow,
): Transition {
  const lookAgain = (at: number): Transition => ({ state, actions: [{ type: 'look-again', at }] });
  if (!rules.isFailbackEnabled || state.planned !== undefined) return { state, actions: [] };
  if (state.pinnedId !== undefined) {
    return state.pinnedUntil === undefined ? { state, actions: [] } : lookAgain(state.pinnedUntil);
  }
  const active = state.endpoints.find(({ id }) => id === state.activeId);
  const better = state.endpoints.filter(
    ({ id, weight }) => weight > (active?.weight ?? 0) && state.fitSince[id] !== undefined,
  );
  const due = heaviest(
    better.filter((endpoint) => allowedAt(endpoint, state, rules) <= now),
    state.activeId,
  );
  if (due !== undefined) {
    const waitMs = untilWindowMs(state.jitterMs);
    if (waitMs > 0) return lookAgain(now + waitMs);
    const planned: PlannedSwitch = {
      ...{ to: due.id, kind: 'failback', reason: 'failback' },
      ...{ isForced: false, isRequested: false },
    };
    return { state: { ...state, planned }, actions: [{ type: 'prepare', planned }] };
  }
  if (better.length === 0) return { state, actions: [] };
  return lookAgain(Math.min(...better.map((endpoint) => allowedAt(endpoint, state, rules))));
}

/** Remembers since when each endpoint has been fit for a failback. */
export function withFitness(state: FailoverState, rules: FailoverRules, now: number): FailoverState {
  const fit = state.endpoints.filter(
    (endpoint) =>
      endpoint.isReady &&
      endpoint.health === 'healthy' &&
      endpoint.circuit === 'closed' &&
      (rules.allowEmptyEndpoint || !endpoint.hasLostData) &&
      endpoint.successes >= rules.consecutiveSuccesses,
  );
  return { ...state, fitSince: Object.fromEntries(fit.map(({ id }) => [id, state.fitSince[id] ?? now])) };
}
