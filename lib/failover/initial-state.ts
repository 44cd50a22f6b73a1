import { type EndpointStanding, heaviest } from '../endpoints/weighted-selection.ts';
import type { ResolvedEndpoint, ResolvedOptions } from '../options/types.ts';
import type { GeoEvents } from '../geo-events.ts';
import { choiceOf } from './selection-strategy.ts';
import type { FailoverRules, FailoverState } from './failover-state.ts';

/** Before anything is known: the heaviest endpoint is the active one. */
export function initialState(endpoints: readonly ResolvedEndpoint[]): FailoverState {
  return {
    endpoints: endpoints.map(initialStanding),
    activeId: heaviest(endpoints, '')?.id ?? '',
    epoch: 0,
    servingSince: undefined,
    pinnedId: undefined,
    pinnedUntil: undefined,
    planned: undefined,
    isDown: false,
    unavailableSince: undefined,
    failure: undefined,
    jitterMs: 0,
    fitSince: {},
    connectedOnce: [],
  };
}

export function initialStanding({ id, weight }: ResolvedEndpoint): EndpointStanding {
  return {
    ...{ id, weight, health: 'unknown', circuit: 'closed' },
    ...{ isReady: false, successes: 0, leftAt: undefined, isLeftForBetter: false, holdDownMs: 0, hasLostData: false },
  };
}

/** @param events Where a choice of the application that fails is told; without them the weights decide. */
export function failoverRules(
  { failback, failover }: Pick<ResolvedOptions, 'failback' | 'failover'>,
  events?: Pick<GeoEvents, 'emit'>,
): FailoverRules {
  return {
    choose: events && choiceOf(failover.selectEndpoint, events),
    isFailbackEnabled: failback.enabled,
    gracePeriodMs: failback.gracePeriodMs,
    maxGracePeriodMs: failback.maxGracePeriodMs,
    consecutiveSuccesses: failback.consecutiveSuccesses,
    allowEmptyEndpoint: failback.allowEmptyEndpoint,
  };
}

/** Clients connect again. Nothing goes on that was being prepared, or counted, before all were closed. */
export function reopened(state: FailoverState): FailoverState {
  return { ...forgiven(state), planned: undefined, servingSince: undefined, unavailableSince: undefined };
}

/** What nobody could serve may be well by now: the active endpoint has the first chance again. */
function forgiven(state: FailoverState): FailoverState {
  if (!state.isDown) return state;
  const endpoints = state.endpoints.map((endpoint) =>
    endpoint.id === state.activeId ? { ...endpoint, health: 'unknown' as const } : endpoint,
  );
  return { ...state, endpoints, isDown: false, failure: undefined };
}
