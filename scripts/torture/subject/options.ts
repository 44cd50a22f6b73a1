import type { FailbackGate, GeoFailoverOptions } from '../../../lib/index.ts';
import { profileOf } from '../profiles.ts';
import type { RoundSetup } from '../protocol.ts';

/** Detection as by default; what keeps an endpoint out is short, so that many failbacks fit into a round. */
export function clientOptions({ seed, endpoints }: RoundSetup, gate: FailbackGate): GeoFailoverOptions {
  return {
    endpoints: endpoints.map(({ id, host, port }, index) => ({ id, weight: 1 / (index + 1), redis: { host, port } })),
    healthCheck: { intervalMs: 250 },
    circuitBreaker: { halfOpenAfterMs: 1_000 },
    failback: { gracePeriodMs: 500, maxGracePeriodMs: 2_000, consecutiveSuccesses: 2, jitterMs: 100, gate },
    ...profileOf(seed).options,
  };
}
