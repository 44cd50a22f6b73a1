import type { DrainResult } from '../endpoints/connection.ts';

/** What a switch asks of every client that shares the endpoints. */
export interface SwitchParticipant {
  /** Keeps new commands waiting until {@link release}. */
  hold(): void;
  /** @returns how many commands waited by then; they go to the active endpoint. */
  release(): number;
  /** Resolves when nothing is in flight to this endpoint any more, or when the time is up. */
  drained(endpointId: string, deadlineMs: number): Promise<DrainResult>;
  /** Gives up what is in flight to this endpoint. It is settled or moved, and cannot reach the server any more. */
  abandon(endpointId: string): void;
  /** Another endpoint is active now, or the active one is good again. */
  activeChanged(): void;
  /** The active endpoint failed, and no other can take over. */
  allUnhealthy(): void;
}
