import type { Endpoint } from './endpoints/endpoint.ts';
import type { SwitchParticipant } from './failover/switch-participant.ts';

/** What the shared part asks of each client, beside taking part in switches. */
export interface CoreMember extends SwitchParticipant {
  /** Whether the client keeps connections to standbys ready, so that its readiness speaks for an endpoint. */
  readonly keepsStandbys: boolean;
  /** Keeps them from now on, because the client that did is gone. */
  keepStandbys(): void;
  isReady(endpointId: string): boolean;
  /** Something changed on which it depends whether commands flow. */
  refresh(): void;
  /** A good check: connect now if there is no connection. */
  nudge(endpointId: string): void;
  /** The endpoint answers, so that a connection which is silent all the same has to be replaced. */
  replaceIfSilent(endpointId: string): void;
  /** An endpoint that is not active fails: what is still in flight to it is settled or moved. */
  giveUpInFlight(endpointId: string): void;
  /** The active endpoint fails and no other can take over: what is in flight gets as long as a command may wait. */
  limitInFlight(endpointId: string): Promise<void>;
  /** Looks for silence and counts successes. @returns whether there is nothing to look at until the next command. */
  tick(elapsedMs: number): boolean;
  endpointAdded(endpoint: Endpoint): void;
  endpointRemoved(endpointId: string): void;
}
