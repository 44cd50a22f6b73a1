import type { EndpointRegistry } from './endpoints/endpoint-registry.ts';
import type { FailoverController } from './failover/failover-controller.ts';
import type { GeoHealth } from './geo-health.ts';
import { type CheckResult, mayServe, unanswered } from './health/check-result.ts';
import type { CheckRegistry } from './health/check-registry.ts';
import type { Clock } from './time/clock.ts';

export interface LookSetup {
  readonly clock: Clock;
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  readonly checks: CheckRegistry;
  readonly health: GeoHealth;
}

/** Looks at an endpoint on behalf of somebody who wants to go there. */
export async function lookAt(endpointId: string, setup: LookSetup): Promise<CheckResult> {
  const { clock, registry, controller, checks, health } = setup;
  const startedAt = clock.now();
  const endpoint = registry.find(endpointId);
  const result = await checks.verify(endpointId, { alsoOnProbeConnection: true, customCheck: 'beside' });
  const present = registry.find(endpointId);
  if (present === undefined) return unanswered('It was removed meanwhile.', 'connection');
  // Another one has its id by now, which nobody has looked at for this.
  if (present !== endpoint) return lookAt(endpointId, setup);
  const isBetter = mayServe(result) && controller.standing(endpointId)?.health === 'unhealthy';
  if (!isBetter || startedAt < endpoint.judgedAt) return result;
  // With what was known before, it would be left again at once.
  endpoint.judgedAt = startedAt;
  health.good(endpoint, result);
  return result;
}
