import type { RedisOptions } from 'ioredis';

/**
 * What this package does itself, and ioredis therefore must not. Inside one endpoint ioredis would send commands again
 * after a reconnect, queue them for a region that is gone, and give up in its own time.
 */
export const TAKEN_OVER = {
  lazyConnect: true,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  reconnectOnError: null,
  autoResubscribe: false,
  // Commands reach an endpoint with their prefix, and their time runs from the moment the application called.
  keyPrefix: '',
  commandTimeout: undefined,
  blockingTimeout: undefined,
  enableAutoPipelining: false,
} as const;

/** ioredis's type wants functions, its code takes anything else for "do not try again". */
export const NO_RECONNECT = { retryStrategy: null, sentinelRetryStrategy: null } as unknown as Pick<
  RedisOptions,
  'retryStrategy' | 'sentinelRetryStrategy'
>;

/** A probe says nothing about keys, so it needs no database, and it shall be quick: no INFO, no CLIENT SETINFO. */
export const PROBE_ONLY = {
  db: 0,
  enableReadyCheck: false,
  disableClientInfo: true,
  readOnly: false,
  himportFieldsets: undefined,
} as const;
