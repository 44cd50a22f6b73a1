export interface KnownDifference {
  /** Why the tests fail through this package, and need not pass. */
  readonly reason: string;
  /** Full titles, in which a `*` stands for anything. */
  readonly titles: readonly string[];
}

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    reason:
      'Deliberate: what cannot be sent, and connect(), wait up to retry.deadlineMs; the error is a GeoFailoverError, and the reason its cause.',
    titles: [
      'auth auth:redis5-specific should emit "error" when the password is wrong',
      'connection #connect should return a promise',
      'connection #connect should reject when closed *',
      'connection #connect should close if socket destroyed before being returned',
      'maxRetriesPerRequest *',
      'sentinel connect should raise error when all sentinel are unreachable and retry is disabled',
      'sentinel connect should close the connection to the sentinel when resolving unsuccessfully',
      'sentinel master should reject when sentinel is rejected',
      'sentinel_nat rejects connection if host is not defined in map',
      'tracing ioredis:connect should trace connection failure',
    ],
  },
  {
    reason:
      'Deliberate: retryStrategy, sentinelRetryStrategy, reconnectOnError and autoResendUnfulfilledCommands have no effect inside an endpoint.',
    titles: [
      'connection #connect should stop reconnecting when disconnected',
      'connection retryStrategy should pass the correct retry times',
      "connection retryStrategy should skip reconnecting when retryStrategy doesn't return a number",
      'connection autoResendUnfulfilledCommands should resend unfulfilled commands to the correct db when reconnected',
      'disconnection should clear all timers on server exits',
      'elasticache *',
      'sentinel connect should call sentinelRetryStrategy when all sentinels are unreachable',
      'reconnectOnError *',
    ],
  },
  {
    reason: 'Deliberate: a connection that is lost and made again is no event of the client, whose endpoint serves.',
    titles: [
      'himport replays configured fieldsets after reconnecting',
      'himport keeps the connection usable and rejects dependent SET with PREPARE errors',
      'Redis Connection Socket Timeout should throw when socket timeout threshold is exceeded',
      'Redis Connection Socket Timeout does not apply a closed connection timeout to its replacement',
    ],
  },
  {
    reason: 'Deliberate: the client is told to be connected when it is ready for every command.',
    titles: ['send command should reject loading invalid commands in connect event'],
  },
  {
    reason:
      'Deliberate: a command that was given up says "Connection is closed."; why the connection broke is its cause.',
    titles: ['fatal_error should handle fatal error of parser'],
  },
  {
    reason: 'Deliberate: HELLO and RESET are refused.',
    titles: ['hello *', 'himport invalidates configured fieldsets when RESET is sent', 'himport * after RESET'],
  },
  {
    reason:
      'Deliberate: what Sentinel does inside an endpoint is followed, and is no event of the client (close, failoverSubscribed).',
    titles: ['sentinel failover *'],
  },
  {
    reason: 'The test counts connections, or what all of them do: health checks have connections of their own.',
    titles: [
      'auth * should handle auth with Redis URL string *',
      'auth * should handle username and password auth *',
      'connection sync connection ignores connectTimeout when connection established before promise is resolved',
      'connection connectTimeout *',
      'monitor should wait for the ready event before monitoring',
      'protocol downgrade stays on RESP3 when the server supports HELLO',
      'tracing ioredis:command should include database number',
      'tracing ioredis:command should include serverPort for TCP connections',
      'tracing ioredis:connect should trace the connection',
    ],
  },
  {
    reason:
      "The test replaces methods or options of the client, where ioredis's own calls, on another instance, are not seen.",
    titles: [
      'blocking command recovery arms blocking timer for finite-timeout commands in offline queue when blockingTimeout is set',
      'connection should send * command before any other commands',
      'himport does not retry a configured SET after its command timeout',
      'ready_check *',
      'select should be sent on the connect event',
      'spub/ssub should call ssubscribe individually for each channel during auto-resubscription',
    ],
  },
];

export function reasonFor(title: string): string | undefined {
  return KNOWN_DIFFERENCES.find(({ titles }) => titles.some((known) => matches(title, known)))?.reason;
}

function matches(title: string, known: string): boolean {
  const parts = known.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(title);
}
