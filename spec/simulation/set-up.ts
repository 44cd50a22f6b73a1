import type { RedisOptions } from 'ioredis';
import type { GeoFailoverOptions } from '../../lib/index.ts';
import { type Random, integerBelow } from '../support/checker/random.ts';
import type { Latency } from './simulated-network.ts';

export const SIDE_LOADS = [
  ...(['transactions', 'watched', 'databases', 'cursors', 'comings-and-goings', 'administration', 'mistakes'] as const),
] as const;

export type SideLoadKind = (typeof SIDE_LOADS)[number];

/** `fails` is against an endpoint now and then, `gates` only against going back to it. */
export type ApplicationCheck = 'none' | 'ping' | 'fails' | 'gates';

/** What differs from seed to seed beside the faults. Plain data, so that it can be printed. */
export interface SetUp {
  readonly endpoints: number;
  readonly operationsPerSecond: number;
  readonly faultsPerSecond: number;
  /** How often many writes of one key are called at once, beside what else the load does. */
  readonly bursts: number;
  readonly latency: Latency;
  /** Whether faults begin before the client does. */
  readonly startsAmidFaults: boolean;
  /** Whether the load runs on a duplicate of the first client. */
  readonly loadsDuplicate: boolean;
  readonly refusesMulti: boolean;
  readonly sideLoads: readonly SideLoadKind[];
  readonly gate: 'none' | 'refuses' | 'throws' | 'is-slow';
  /** What the application judges endpoints by. */
  readonly check: ApplicationCheck;
  /** Time for commands in flight at a switch by hand. */
  readonly drainMs: number | undefined;
  readonly options: Omit<GeoFailoverOptions, 'endpoints' | 'redis'>;
  readonly redis: RedisOptions;
}

/** @param major Of ioredis. */
export function setUpOf(random: Random, major: number): SetUp {
  const one = <T>(...choices: readonly T[]): T => choices[integerBelow(random, choices.length)] as T;
  /** Most seeds have what is usual, so that each of them is unusual in a few things only. */
  const seldom = <T>(share: number, usual: T, ...others: readonly T[]): T =>
    random() < share ? one(...others) : usual;
  const setUp: Omit<SetUp, 'check'> = {
    endpoints: seldom(0.25, 2, 3),
    operationsPerSecond: seldom(0.3, 1_000, 300, 3_000),
    faultsPerSecond: one(0.8, 1.6, 1.6, 4),
    bursts: seldom(0.3, 1, 6),
    latency: seldom(0.2, { leastMs: 0.05, mostMs: 1 }, { leastMs: 5, mostMs: 15 }, { leastMs: 0.05, mostMs: 20 }),
    startsAmidFaults: random() < 0.2,
    loadsDuplicate: random() < 0.25,
    refusesMulti: random() < 0.3,
    sideLoads: SIDE_LOADS.filter(() => random() < 0.4),
    gate: seldom<SetUp['gate']>(0.3, 'none', 'refuses', 'throws', 'is-slow'),
    drainMs: seldom<number | undefined>(0.4, undefined, 0, 50),
    options: {
      topology: seldom<NonNullable<GeoFailoverOptions['topology']>>(0.2, 'active-active', 'independent'),
      healthCheck: seldom<NonNullable<GeoFailoverOptions['healthCheck']>>(
        0.25,
        {},
        { intervalMs: 300, probes: 3, probeDelayMs: 20, policy: 'majority' },
        { probes: 2, probeDelayMs: 10, policy: 'any' },
        { intervalMs: 250 },
      ),
      circuitBreaker: seldom<NonNullable<GeoFailoverOptions['circuitBreaker']>>(
        0.35,
        {},
        { halfOpenAfterMs: 400 },
        { consecutiveFailures: 2, minFailures: 5, failureRate: 0.1, halfOpenAfterMs: 500 },
        { consecutiveFailures: 1_000, minFailures: 10, failureRate: 0.05, halfOpenAfterMs: 1_000 },
      ),
      retry: {
        ...seldom<NonNullable<GeoFailoverOptions['retry']>>(0.35, {}, { deadlineMs: 300 }, { deadlineMs: 1_000 }),
        ...seldom<NonNullable<GeoFailoverOptions['retry']>>(
          0.25,
          {},
          { sameEndpoint: 'none', otherEndpoint: 'none' },
          { sameEndpoint: 'read-only', otherEndpoint: 'read-only' },
          { sameEndpoint: 'any', otherEndpoint: 'effect-and-reply' },
        ),
      },
      failover: {
        ...seldom<NonNullable<GeoFailoverOptions['failover']>>(
          0.15,
          {},
          { maxWaitingCommands: 30 },
          { maxWaitingBytes: 2_000 },
        ),
        ...seldom<NonNullable<GeoFailoverOptions['failover']>>(
          0.2,
          {},
          { localRecoveryMs: 300 },
          { silenceFloorMs: 100, verifyTimeoutMs: 200 },
        ),
        ...seldom<NonNullable<GeoFailoverOptions['failover']>>(0.2, {}, { drainMs: 30 }, { drainMs: 0 }),
      },
      failback: { gracePeriodMs: 1_000, maxGracePeriodMs: 4_000, jitterMs: 200 },
    },
    redis: {
      ...seldom<RedisOptions>(0.15, {}, { commandTimeout: 150 }, { commandTimeout: 30 }),
      ...seldom<RedisOptions>(0.1, {}, { enableOfflineQueue: false }),
      ...seldom<RedisOptions>(
        0.2,
        {},
        { maxRetriesPerRequest: 0 },
        { maxRetriesPerRequest: 2 },
        { maxRetriesPerRequest: null },
      ),
      ...seldom<RedisOptions>(0.1, {}, { lazyConnect: true }),
      ...seldom<RedisOptions>(0.1, {}, { enableAutoPipelining: true }),
      ...(random() < 0.25 && major >= 6 && ({ protocol: 2 } as RedisOptions)),
    },
  };
  const initialization = seldom<NonNullable<GeoFailoverOptions['initialization']>>(
    0.2,
    {},
    { policy: 'majority', timeoutMs: 200 },
    { policy: 'all', timeoutMs: 200 },
  );
  const check = seldom<ApplicationCheck>(0.2, 'none', 'ping', 'fails', 'gates');
  return { ...setUp, check, options: { ...setUp.options, initialization } };
}

/** A transaction without a pipeline never ends in ioredis itself when its commands are sent in pipelines of its own. */
export function sideLoadsOf({ sideLoads, redis }: SetUp): readonly SideLoadKind[] {
  return redis.enableAutoPipelining === true ? sideLoads.filter((kind) => kind !== 'transactions') : sideLoads;
}

/** Whether every error is one of this package's own, or a server's reply: what ioredis does by itself says less. */
export function errorsAreOurs({ redis }: SetUp): boolean {
  return redis.commandTimeout === undefined && redis.enableOfflineQueue !== false;
}

/** What differs from the usual, as one line. */
export function describeSetUp(setUp: SetUp): string {
  return JSON.stringify(setUp);
}
