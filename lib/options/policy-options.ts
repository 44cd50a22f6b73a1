import type { IBackoffFactory, IBreaker } from 'cockatiel';
import type { CommandClass } from '../commands/declared-commands.ts';
import type { RetryCap } from '../commands/retry-decision.ts';
import type { HealthCheck } from './health-check.ts';
import type { SelectEndpoint } from './select-endpoint.ts';

/**
 * How soon an endpoint is given up, and how slowly it is trusted again.
 * - `fast`: within 250 ms, for endpoints that are near.
 * - `balanced`: within a second.
 * - `conservative`: within about three seconds, with time for an endpoint to recover by itself.
 */
export type Preset = 'fast' | 'balanced' | 'conservative';

/** How the probes of one round are combined into one answer. */
export type ProbingPolicy = 'all' | 'any' | 'majority';

/** Background checks, which run on every endpoint all the time, over a connection of their own. */
export interface HealthCheckOptions {
  /**
   * What the rounds judge by. `false`, or a verdict that is not `ok`, fails the probe, as does what throws, rejects or does not
   * answer within `timeoutMs`; a failed round of the active endpoint is verified by asking once more. What the client notices
   * by itself (a connection that is lost, silence, refusals) is verified by `pingHealthCheck()` all the same, because no other
   * check proves that commands get through.
   *
   * Without it `pingHealthCheck()`: PING, and the role where the server tells it.
   */
  readonly check?: HealthCheck;
  /**
   * Time between the starts of two rounds, in milliseconds.
   *
   * Minimum: `10`.
   *
   * @default 1_000
   */
  readonly intervalMs?: number;
  /**
   * Time that one probe has for its answer, connecting included, in milliseconds.
   *
   * Minimum: `1`.
   *
   * @default 500
   */
  readonly timeoutMs?: number;
  /**
   * Probes in one round.
   *
   * Minimum: `1`.
   *
   * @default 1
   */
  readonly probes?: number;
  /**
   * Pause between two probes of one round, in milliseconds.
   *
   * Minimum: `0`.
   *
   * @default 100
   */
  readonly probeDelayMs?: number;
  /**
   * How many probes of a round have to succeed: `all`, `any`, or more than half of them (`majority`).
   *
   * @default 'all'
   */
  readonly policy?: ProbingPolicy;
}

/**
 * The circuit breaker of every endpoint. It is there for what health checks cannot see: an endpoint that answers them and
 * still refuses commands. It opens when `consecutiveFailures` attempts in a row failed, or when within `windowMs` at
 * least `minFailures` commands failed and they are at least `failureRate` of all.
 */
export interface CircuitBreakerOptions {
  /**
   * Length of the sliding window, in milliseconds.
   *
   * Minimum: `100`.
   *
   * @default 10_000
   */
  readonly windowMs?: number;
  /**
   * Share of failed commands in the window, above `0` and up to `1`.
   *
   * @default 0.5
   */
  readonly failureRate?: number;
  /**
   * Failures that the window must hold before the rate counts. Reached by a service with ten commands a second.
   *
   * Minimum: `1`.
   *
   * @default 20
   */
  readonly minFailures?: number;
  /**
   * Failures in a row that open the circuit whatever the rate. While a command is refused, others wait behind it, so this
   * is also how often one command is refused before its endpoint is left.
   *
   * Minimum: `1`.
   *
   * @default 5
   */
  readonly consecutiveFailures?: number;
  /**
   * Time for which an open circuit stays open before a good health check may close it, in milliseconds.
   *
   * Minimum: `0`.
   *
   * @default 10_000
   */
  readonly halfOpenAfterMs?: number;
  /**
   * A breaker of cockatiel's in the place of window, rate and failures in a row: a function that makes a new one, such as
   * `() => new ConsecutiveBreaker(3)`. It is told of every refused command, and of successes every 20 ms.
   */
  readonly breaker?: () => IBreaker;
}

/** What happens to a command whose attempt failed. */
export interface RetryOptions {
  /**
   * Up to which class a command that may have been executed is sent again to the endpoint that may have executed it.
   *
   * @default 'effect'
   */
  readonly sameEndpoint?: RetryCap;
  /**
   * Up to which class a command that may have been executed is sent to another endpoint.
   *
   * @default 'effect-and-reply'
   */
  readonly otherEndpoint?: RetryCap;
  /**
   * Time that a command may spend waiting, over all its attempts and switches, in milliseconds. It runs while the command
   * waits, not while it is in flight on a connection that is alive.
   *
   * Minimum: `1`.
   *
   * @default 10_000
   */
  readonly deadlineMs?: number;
  /**
   * Classes of commands by their name: of modules that are not known, or of your scripts and functions, for which a name and
   * the first argument may be given (`fcall my_function`, `evalsha <sha1>`). They win over what is known of the command.
   */
  readonly commands?: Readonly<Record<string, CommandClass>>;
  /** Pause between two attempts on an endpoint that refuses. It delays the whole line; a switch ends it. */
  readonly backoff?: BackoffOptions;
}

export interface BackoffOptions {
  /**
   * About the first pause, in milliseconds. Later ones grow exponentially, with jitter.
   *
   * Minimum: `1`.
   *
   * @default 10
   */
  readonly initialMs?: number;
  /**
   * Longest pause, in milliseconds. Not below `initialMs`.
   *
   * @default 1_000
   */
  readonly maxMs?: number;
  /**
   * A backoff of cockatiel's in the place of these two, such as `new ConstantBackoff(50)`. Where that throws or gives no pause,
   * which is the event `actionFailed`, these two count.
   */
  readonly strategy?: IBackoffFactory<unknown>;
}

/** Leaving an endpoint. */
export interface FailoverOptions {
  /**
   * Time without a byte received while a reply is awaited, after which the endpoint is suspected, in milliseconds.
   *
   * Minimum: `20`.
   *
   * @default 350
   */
  readonly silenceFloorMs?: number;
  /**
   * The same time where the endpoint has been silent for longer now and then, and went on by itself, in milliseconds: it is
   * suspected after 1.5 times its longest silence of the last 5 to 10 minutes, between `silenceFloorMs` and this. When a
   * higher `silenceFloorMs` is given alone, that is the ceiling as well.
   *
   * Minimum: `silenceFloorMs`.
   *
   * @default 500
   */
  readonly silenceCeilingMs?: number;
  /**
   * Time that a suspected endpoint has to answer, in milliseconds. Together with `silenceFloorMs` this bounds how long a
   * silent failure goes on. A new TLS connection takes about five round trips: leave room for them.
   *
   * Minimum: `10`.
   *
   * @default 550
   */
  readonly verifyTimeoutMs?: number;
  /**
   * Time that a failing endpoint gets to recover by itself before it is left, in milliseconds: a promotion inside it looks
   * like a failure for a moment. Commands wait meanwhile.
   *
   * Minimum: `0`. Without it `1_000` for an endpoint behind Sentinel and for a Cluster, and `0` for any other.
   */
  readonly localRecoveryMs?: number;
  /**
   * Commands that may wait at once. Those that come back from a failed attempt are not counted.
   *
   * Minimum: `0`.
   *
   * @default 1_000_000
   */
  readonly maxWaitingCommands?: number;
  /**
   * Bytes of arguments that may wait at once.
   *
   * Minimum: `0`.
   *
   * @default 268_435_456
   */
  readonly maxWaitingBytes?: number;
  /**
   * Time that commands in flight get to finish on the old endpoint when it still answers, in milliseconds.
   *
   * Minimum: `0`.
   *
   * @default 1_000
   */
  readonly drainMs?: number;
  /**
   * Chooses where a failover goes when several endpoints are equally fit, in the place of the weights. The way back is
   * still to the heaviest one.
   */
  readonly selectEndpoint?: SelectEndpoint;
}
