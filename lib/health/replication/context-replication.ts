import type { HealthCheckContext } from '../../options/health-check.ts';
import type { Replication } from './replication.ts';

/** A context may be copied, and may come from another copy of this package. */
const REPLICATION = Symbol.for('ioredis-geo-failover.replication');

type Prover = Pick<Replication, 'prove'>;

/** Lets `replicationHealthCheck()` have its connections, which outlive the check. */
export function withReplication(context: HealthCheckContext, replication: Prover): HealthCheckContext {
  return { ...context, [REPLICATION]: replication } as HealthCheckContext;
}

/** `undefined` in a context that somebody made by hand. */
export function replicationOf(context: HealthCheckContext): Prover | undefined {
  return (context as { readonly [REPLICATION]?: Prover })[REPLICATION];
}
