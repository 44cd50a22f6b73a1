import type { CircuitState, HealthCheckReason, HealthStatus } from './events.ts';
import { shownHoldDown } from './failover/hold-down.ts';
import { failoverRules } from './failover/initial-state.ts';
import type { GeoCore } from './geo-core.ts';

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

/** All endpoints as they stand, in the order in which they were given. */
export function statusesIn({
  controller,
  registry,
  activeEndpointId,
  clock,
  options,
}: Pick<GeoCore, 'controller' | 'registry' | 'activeEndpointId' | 'clock' | 'options'>): EndpointStatus[] {
  const rules = failoverRules(options);
  return controller.state.endpoints.map((standing) => {
    const { id, weight, health, circuit, isReady, hasLostData } = standing;
    const { isHeldBack = false, lastError, lastReason } = registry.find(id) ?? {};
    return {
      ...{ id, weight, isActive: id === activeEndpointId, health, circuit, isReady, hasLostData, isHeldBack },
      ...shownHoldDown(controller.state, standing, rules, clock.now()),
      ...{ lastError, lastReason },
    };
  });
}
