import { type EndpointStanding, heaviest } from '../endpoints/weighted-selection.ts';
import type { ResolvedEndpoint, ResolvedOptions } from '../options/types.ts';
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

export function failoverRules({ failback }: Pick<ResolvedOptions, 'failback'>): FailoverRules {
  return {
    isFailbackEnabled: failback.enabled,
    gracePeriodMs: failback.gracePeriodMs,
    maxGracePeriodMs: failback.maxGracePeriodMs,
    consecutiveSuccesses: failback.consecutiveSuccesses,
    allowEmptyEndpoint: failback.allowEmptyEndpoint,
  };
}
