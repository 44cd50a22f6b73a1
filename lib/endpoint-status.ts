import type { CircuitState, HealthCheckReason, HealthStatus } from './events.ts';

/** An endpoint as it stands. */
export interface EndpointStatus {
  readonly id: string;
  readonly weight: number;
  readonly isActive: boolean;
  readonly health: HealthStatus;
  readonly circuit: CircuitState;
  /** Whether commands could be sent to it at once. */
  readonly isReady: boolean;
  /** It came back without the keys that it had, and has none yet: see `failback.allowEmptyEndpoint`. */
  readonly hasLostData: boolean;
  /** Its health check says that it may serve, but is not to be gone back to. */
  readonly isHeldBack: boolean;
  /**
   * Its hold-down: for how long since it was left the client does not go back to it, in milliseconds. That is
   * `failback.gracePeriodMs`; more for an endpoint that is failed over from again and again: see `failback.maxGracePeriodMs`.
   */
  readonly holdDownMs: number;
  /** How much of its hold-down is still to come, random part included, in milliseconds; `0` for the active endpoint. */
  readonly holdDownRemainingMs: number;
  /** Why it is not healthy, or is held back. */
  readonly lastError?: Error | undefined;
  /** The same in a word. */
  readonly lastReason?: HealthCheckReason | undefined;
}
