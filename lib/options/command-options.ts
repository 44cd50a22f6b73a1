import type { RedisOptions } from 'ioredis';

/** What ioredis's options say about how commands are treated. */
export interface CommandOptions {
  /** Further attempts per command; `null` means that it may wait for ever. */
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeoutMs: number | undefined;
  /** Without the offline queue a command waits for a verification or a switch only. */
  readonly mayQueueOffline: boolean;
  /** Whether subscriptions outlast their connection. */
  readonly resubscribes: boolean;
}

/** Reads them, with ioredis's defaults. */
export function commandOptions(options: RedisOptions): CommandOptions {
  const { maxRetriesPerRequest = 20, commandTimeout, enableOfflineQueue, autoResubscribe } = options;
  return {
    maxRetriesPerRequest,
    commandTimeoutMs: commandTimeout,
    mayQueueOffline: enableOfflineQueue !== false,
    resubscribes: autoResubscribe !== false,
  };
}
