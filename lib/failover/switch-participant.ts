/** What a switch asks of every client that shares the endpoints. */
export interface SwitchParticipant {
  /** Keeps new commands waiting until {@link release}. */
  hold(): void;
  release(): void;
  /** Resolves when nothing is in flight to this endpoint any more (`true`), or when the time is up. */
  drained(endpointId: string, deadlineMs: number): Promise<boolean>;
  /** Gives up what is in flight to this endpoint. It is settled or moved, and cannot reach the server any more. */
  abandon(endpointId: string): void;
  /** Another endpoint is active now, or the active one is good again. */
  activeChanged(): void;
  /** The active endpoint failed, and no other can take over. */
  allUnhealthy(): void;
}

/** What a planned switch did. */
export interface SwitchReport {
  readonly from: string;
  readonly to: string;
  /** `redis.geo.epoch` after the switch. */
  readonly epoch: number;
  /** Whether all commands in flight finished in time. Others may finish on the old endpoint for `retry.deadlineMs`. */
  readonly isDrained: boolean;
  /** For how long new commands were held, in milliseconds. */
  readonly heldMs: number;
}
