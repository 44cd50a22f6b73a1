import { inspect } from 'node:util';

/** What is known about a command whose call failed: it certainly did not run, or it may have. */
export type Outcome = 'not-executed' | 'maybe-executed';

/** Stable machine-readable codes of {@link GeoFailoverError}. Match on these, never on messages. */
export type GeoFailoverErrorCode =
  | 'GEO_INVALID_OPTIONS'
  | 'GEO_AMBIGUOUS'
  | 'GEO_DEADLINE_EXCEEDED'
  | 'GEO_NO_HEALTHY_ENDPOINT'
  | 'GEO_LINE_OVERFLOW'
  | 'GEO_UNSUPPORTED_COMMAND'
  | 'GEO_NOT_MOVABLE'
  | 'GEO_CURSOR_LOST'
  | 'GEO_UNKNOWN_ENDPOINT'
  | 'GEO_ENDPOINT_UNHEALTHY'
  | 'GEO_CLIENT_CLOSED'
  | 'GEO_EPOCH_CHANGED';

export interface GeoFailoverErrorDetails {
  readonly endpointId?: string | undefined;
  readonly epoch?: number | undefined;
  readonly outcome?: Outcome | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly unavailableForMs?: number | undefined;
  readonly problems?: readonly OptionProblem[] | undefined;
  readonly explanation?: string | undefined;
  readonly cause?: unknown;
}

/** One rule that the options break. */
export interface OptionProblem {
  /** Where, e.g. `endpoints[1].weight`. */
  readonly path: string;
  /** What is asked for, e.g. `must be a finite number > 0`. */
  readonly rule: string;
  /** What was given, printed; secrets are masked. */
  readonly value: string;
}

/** ioredis's own text. Libraries compare it as a whole, and take any other for an error of the application. */
export const CONNECTION_CLOSED = 'Connection is closed.';

const brand = Symbol.for('ioredis-geo-failover.GeoFailoverError');

/**
 * Every error that this package itself raises. A server's own reply is never wrapped: it stays ioredis's `ReplyError`.
 *
 * `instanceof` also holds across two copies of the package (ESM and CommonJS), by a shared brand.
 */
export class GeoFailoverError extends Error {
  readonly code: GeoFailoverErrorCode;
  /** The endpoint that the error is about. */
  readonly endpointId?: string;
  /** The switch epoch (`redis.geo.epoch`) to which the failed attempt belonged. */
  readonly epoch?: number;
  /** Whether the command may have been executed. Absent where no command is involved. */
  readonly outcome?: Outcome;
  /** For `GEO_NO_HEALTHY_ENDPOINT`: in how many milliseconds the endpoints are checked again. */
  readonly retryAfterMs?: number;
  /**
   * For `GEO_NO_HEALTHY_ENDPOINT`: for how long no endpoint could take commands by then, in milliseconds. It tells a short
   * interruption, after which it is worth to try again, from a lasting one.
   */
  readonly unavailableForMs?: number;
  /** For `GEO_INVALID_OPTIONS`: every problem that was found. */
  readonly problems?: readonly OptionProblem[];
  /** What happened, in words. Present where `message` is only what ioredis says: `Connection is closed.` */
  readonly explanation?: string;

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }

  constructor(code: GeoFailoverErrorCode, message: string, details: GeoFailoverErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GeoFailoverError';
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
    if (details.endpointId !== undefined) this.endpointId = details.endpointId;
    if (details.epoch !== undefined) this.epoch = details.epoch;
    if (details.outcome !== undefined) this.outcome = details.outcome;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.unavailableForMs !== undefined) this.unavailableForMs = details.unavailableForMs;
    if (details.problems !== undefined) this.problems = details.problems;
    if (details.explanation !== undefined) this.explanation = details.explanation;
  }
}

/**
 * Makes an error that is told to a caller who is not on the stack: only the line that made it is kept. For the commands of a
 * large pipeline traces would take the process as long as everything else that has to be done for them.
 */
export function withoutTrace<T extends Error>(create: () => T): T {
  const { stackTraceLimit } = Error;
  // Where it may not be set, it stays what it is.
  Reflect.set(Error, 'stackTraceLimit', 1);
  try {
    return create();
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** What was thrown or rejected with, as an error: it may be anything, also something that cannot be converted to text. */
export function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(typeof reason === 'string' ? reason : inspect(reason));
}

/** Whether a value is an error of this package, optionally with the given code. */
export function isGeoFailoverError(value: unknown, code?: GeoFailoverErrorCode): value is GeoFailoverError {
  return value instanceof GeoFailoverError && (code === undefined || value.code === code);
}
