import type { RedisOptions } from 'ioredis';

/** When a blocking command resolves with null. */
export interface BlockingTimeout {
  /** For one that waits without a limit of its own, or could not be sent. */
  readonly ms: number;
  /** Beyond the time that a command asks for. */
  readonly graceMs: number;
}

/** ioredis's default. */
const BLOCKING_TIMEOUT_GRACE_MS = 100;

/** What ioredis's options say about how commands are treated. */
export interface CommandOptions {
  /** Further attempts per command; `null` means that it may wait for ever. */
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeoutMs: number | undefined;
  readonly blockingTimeout: BlockingTimeout | undefined;
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
    blockingTimeout: blockingTimeoutOf(options),
    mayQueueOffline: enableOfflineQueue !== false,
    resubscribes: autoResubscribe !== false,
  };
}

function blockingTimeoutOf({ blockingTimeout: ms, blockingTimeoutGrace }: RedisOptions): BlockingTimeout | undefined {
  // As ioredis does, whatever else it may be.
  if (typeof ms !== 'number' || !(ms > 0)) return undefined;
  return { ms, graceMs: blockingTimeoutGrace ?? BLOCKING_TIMEOUT_GRACE_MS };
}
