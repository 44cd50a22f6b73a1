import type { HealthCheck, HealthCheckContext } from '../options/health-check.ts';
import { builtInLookOf } from './built-in-look.ts';
import { verdictOf } from './check-answer.ts';
import { type CheckResult, GOOD, failedCheck } from './check-result.ts';

/**
 * What an endpoint is judged by when no other check is given: PING, and its role where the server tells it (a replica would
 * refuse writes); of a Cluster, that all slots are served and all nodes that serve some agree. To be combined with others.
 */
export function pingHealthCheck(): HealthCheck {
  return async (context) => {
    const look = builtInLookOf(context) ?? (() => ping(context));
    const result = await look();
    return result.ok ? { ok: true } : verdictOf(result);
  };
}

function ping({ call }: HealthCheckContext): Promise<CheckResult> {
  return call('PING').then(() => GOOD, failedCheck);
}
