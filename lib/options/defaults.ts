import type { ResolvedFailback, ResolvedOptions } from './types.ts';

/** The defaults of these depend on other options. */
type FailbackDefaults = Omit<ResolvedFailback, 'allowEmptyEndpoint' | 'maxGracePeriodMs'>;

/** Every default, in one place. `spec/defaults.spec.ts` holds this, the docstrings and the README's tables together. */
export const DEFAULTS = {
  topology: 'active-active',
  healthCheck: { intervalMs: 1_000, timeoutMs: 500, probes: 1, probeDelayMs: 100, policy: 'all' },
  circuitBreaker: {
    windowMs: 10_000,
    failureRate: 0.5,
    minFailures: 20,
    consecutiveFailures: 5,
    halfOpenAfterMs: 10_000,
  },
  retry: {
    sameEndpoint: 'effect',
    otherEndpoint: 'effect-and-reply',
    deadlineMs: 10_000,
    backoff: { initialMs: 10, maxMs: 1_000 },
  },
  // The sum of the floor and the verification stays just under a second: a server that is blocked for 700 ms by a fork or a slow script
  // is not left, and a new TLS connection over 100 ms of round trip still fits into the verification.
  failover: {
    silenceFloorMs: 350,
    silenceCeilingMs: 500,
    verifyTimeoutMs: 550,
    maxWaitingCommands: 1_000_000,
    maxWaitingBytes: 268_435_456,
    drainMs: 1_000,
  },
  failback: { enabled: true, gracePeriodMs: 60_000, consecutiveSuccesses: 3, jitterMs: 1_000 },
  initialization: { policy: 'one', timeoutMs: 1_000 },
} as const satisfies Omit<ResolvedOptions, 'endpoints' | 'redis' | 'onSwitch' | 'failback'> & {
  failback: FailbackDefaults;
};

/** How long the grace period of an endpoint may get that fails again and again: five doublings, if that is no more than an hour. */
export function defaultMaxGracePeriodMs(gracePeriodMs: number): number {
  return Math.max(gracePeriodMs, Math.min(32 * gracePeriodMs, 3_600_000));
}

/** Weight of an endpoint that names none. */
export const DEFAULT_WEIGHT = 1;

/** The preset that changes nothing of this. */
export const DEFAULT_PRESET = 'balanced';
