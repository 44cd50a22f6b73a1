import type { HealthCheckContext } from '../options/health-check.ts';
import type { CheckResult } from './check-result.ts';

/** A context may be copied, and may come from another copy of this package. */
const LOOK = Symbol.for('ioredis-geo-failover.builtInLook');

type BuiltInLook = () => Promise<CheckResult>;

/** Lets `pingHealthCheck()` have what the client itself sees, so that nothing is asked twice. */
export function withBuiltInLook(context: HealthCheckContext, look: BuiltInLook): HealthCheckContext {
  return { ...context, [LOOK]: look } as HealthCheckContext;
}

/** `undefined` in a context that somebody made by hand. */
export function builtInLookOf(context: HealthCheckContext): BuiltInLook | undefined {
  return (context as { readonly [LOOK]?: BuiltInLook })[LOOK];
}
