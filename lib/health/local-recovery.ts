import { isClusterEndpoint } from '../endpoints/endpoint-kinds.ts';
import type { ResolvedEndpoint, ResolvedFailover } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { type CheckResult, GOOD, mayServe } from './check-result.ts';

/** How long Sentinels, or a Cluster, may take to promote a replica, unless the application says otherwise. */
const PROMOTION_MS = 1_000;

/** Between two looks at an endpoint that perhaps recovers. */
const PAUSE_MS = 50;

/** For how long an endpoint that fails is given the chance to help itself. */
export function localRecoveryMsOf(endpoint: ResolvedEndpoint, { localRecoveryMs }: ResolvedFailover): number {
  const { redis } = endpoint;
  const hasReplicas = typeof redis === 'function' ? isClusterEndpoint(endpoint) : redis.sentinels != null;
  return localRecoveryMs ?? (hasReplicas ? PROMOTION_MS : 0);
}

/** Looks again until it is good, or the time is up: a promotion inside an endpoint looks like a failure for a moment. */
export async function verifyWithRecovery(
  verify: () => Promise<CheckResult>,
  localRecoveryMs: number,
  clock: Clock,
): Promise<CheckResult> {
  const until = clock.now() + localRecoveryMs;
  for (;;) {
    const result = await verify();
    const leftMs = until - clock.now();
    if (mayServe(result)) return GOOD;
    if (leftMs <= 0) return result;
    // rare: left-to-its-local-recovery
    await new Promise<void>((resolve) => {
      clock.after(Math.min(PAUSE_MS, leftMs), resolve);
    });
  }
}
