import { Suspicions } from './detection/suspicions.ts';
import type { GeoEvents } from './geo-events.ts';
import type { GeoHealth } from './geo-health.ts';
import type { CheckRegistry } from './health/check-registry.ts';
import type { CheckResult } from './health/check-result.ts';
import { localRecoveryMsOf, verifyWithRecovery } from './health/local-recovery.ts';
import type { ResolvedFailover } from './options/types.ts';
import type { Clock } from './time/clock.ts';

export interface SuspicionsSetup {
  readonly clock: Clock;
  readonly events: GeoEvents;
  readonly failover: ResolvedFailover;
  readonly checks: CheckRegistry;
  readonly health: GeoHealth;
}

/** Who is suspected is looked at, and everybody whom it concerns is told what came of that. */
export function createSuspicions({ clock, events, failover, checks, health }: SuspicionsSetup): Suspicions {
  return new Suspicions({
    clock,
    verify: (endpoint, suspicion) => {
      events.debug('failover', `${endpoint.id} is suspected (${suspicion}) and verified`);
      // A connection that was lost takes the probes' one with it more often than not.
      const alsoOnProbeConnection = suspicion === 'silence' || suspicion === 'rejected';
      // What the client noticed by itself no other check can refute.
      const ownCheck = suspicion === 'health-check' ? ({ customCheck: 'instead' } as const) : {};
      const options = { alsoOnProbeConnection, ...ownCheck };
      const verify = (): Promise<CheckResult> => checks.verify(endpoint.id, options);
      return verifyWithRecovery(verify, localRecoveryMsOf(endpoint.options, failover), clock);
    },
    onSuspected: () => health.refreshMembers(),
    onCleared: (endpoint, suspicion, since) => health.cleared(endpoint, suspicion, since),
    onVerdict: (endpoint, suspicion, result, since) => health.judge(endpoint, suspicion, result, since),
  });
}
