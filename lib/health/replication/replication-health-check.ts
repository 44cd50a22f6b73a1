import type { HealthCheck } from '../../options/health-check.ts';
import { allOf, gateFailbackOnly } from '../combined-checks.ts';
import { pingHealthCheck } from '../ping-health-check.ts';
import { replicationOf } from './context-replication.ts';
import { type ReplicationOptions, replicationSettings } from './replication-options.ts';

/**
 * Lets the client go back to an endpoint only when that and the active one replicate to each other: a message that is published
 * on each of them has to arrive at the other. An Active-Active database replicates published messages, so that what is proven
 * is the way that data takes. Nothing is written, and nobody else hears of it.
 *
 * It makes no endpoint be left. Beside it the endpoint has to pass {@link pingHealthCheck}. Endpoints that are not preferred to
 * the active one are not asked, because the client does not go back to them.
 *
 * Not for a Cluster, nor for clients that have methods only: such an endpoint is held back for good.
 *
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once
 */
export function replicationHealthCheck(options: ReplicationOptions = {}): HealthCheck {
  const settings = replicationSettings(options);
  const check: HealthCheck = (context) => {
    const message = 'replicationHealthCheck() needs the context that a client gives its checks';
    return replicationOf(context)?.prove(settings, context.signal) ?? { ok: false, reason: 'custom', message };
  };
  return allOf(pingHealthCheck(), gateFailbackOnly(check));
}
