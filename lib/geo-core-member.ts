import type { Endpoint } from './endpoints/endpoint.ts';
import type { SwitchParticipant } from './failover/switch-participant.ts';

/** A client's connections to what shall replace an endpoint. */
export interface EndpointSuccessors {
  /**
   * Connects beside the connection that is used, if there is one. Ends an earlier attempt to replace the same endpoint.
   *
   * @param onChange The connection is ready, or was called off.
   * @throws whatever the endpoint's factory of clients throws.
   */
  connect(endpoint: Endpoint, onChange: () => void): void;
  /** The endpoint answers: connect now rather than after a pause. */
  nudge(endpoint: Endpoint): void;
  /** Whether the connection could be used; also if the client needs none. */
  isReady(endpoint: Endpoint): boolean;
  /** From now on the endpoint has the place of the one with its id. */
  take(endpoint: Endpoint): void;
  /** Gives up what was not taken. */
  discard(endpoint: Endpoint): void;
}

/** What the shared part asks of each client, beside taking part in switches. */
export interface CoreMember extends SwitchParticipant {
  /** Whether the client keeps connections to standbys ready, so that its readiness speaks for an endpoint. */
  readonly keepsStandbys: boolean;
  readonly successors: EndpointSuccessors;
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
