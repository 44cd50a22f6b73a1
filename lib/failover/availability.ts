import { type EndpointStanding, isIsolated, usableOf } from '../endpoints/weighted-selection.ts';
import type { FailoverState } from './failover-state.ts';

/** Not checked yet, or just found good and still without the connection for data that comes about at the same time. */
export function isOnItsWayUp(endpoint: EndpointStanding, { connectedOnce }: FailoverState): boolean {
  const { id, health, successes } = endpoint;
  const isNew = health === 'unknown' || (health === 'healthy' && successes === 1 && !connectedOnce.includes(id));
  return isNew && !isIsolated(endpoint);
}

/** Remembers since when no endpoint could take commands. */
export function withAvailability(state: FailoverState, now: number): FailoverState {
  const isAvailable = usableOf(state.endpoints).length > 0;
  return { ...state, unavailableSince: isAvailable ? undefined : (state.unavailableSince ?? now) };
}
