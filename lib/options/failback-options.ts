/** Going back to a more preferred endpoint. */
export interface FailbackOptions {
  /**
   * Whether the client goes back by itself.
   *
   * @default true
   */
  readonly enabled?: boolean;
  /**
   * Time since an endpoint was left before the client goes back to it, in milliseconds. It does not bind a failover that
   * finds no other endpoint, nor `switchTo()`.
   *
   * Minimum: `0`.
   *
   * @default 60_000
   */
  readonly gracePeriodMs?: number;
  /**
   * How long the grace period may get for an endpoint that is failed over from again and again, in milliseconds. Each
   * failover doubles it, and it is halved whenever the endpoint has served for as long as that without failing. The value of
   * `gracePeriodMs` switches that off.
   *
   * Minimum: `gracePeriodMs`. Without it 32 times `gracePeriodMs`, but an hour at most, and never less than `gracePeriodMs`.
   */
  readonly maxGracePeriodMs?: number;
  /**
   * Good health checks in a row that are asked of the endpoint first.
   *
   * Minimum: `1`.
   *
   * @default 3
   */
  readonly consecutiveSuccesses?: number;
  /**
   * Longest random extra delay, in milliseconds, so that a fleet does not move in one moment. It counts from the end of the
   * grace period, or from the last of the good checks if that comes later.
   *
   * Minimum: `0`.
   *
   * @default 1_000
   */
  readonly jitterMs?: number;
  /**
   * Whether the client goes back to an endpoint that came back without the keys that it had (event `endpointLostData`),
   * while it has none. A failover takes it only when no other endpoint is left, unless this is set; `switchTo()` always may.
   *
   * Without it `false` for the topology `active-active`, where the others will bring the data back, and `true` for
   * `independent`, where nobody will.
   */
  readonly allowEmptyEndpoint?: boolean;
  /**
   * When a failback may happen; one that becomes due at another time is done when the next window opens. `switchTo()` and
   * `failback()` do not wait for one.
   *
   * At least one. Without it at any time.
   */
  readonly windows?: readonly FailbackWindow[];
  /**
   * Asked before each failback, which it can refuse: it is asked again when the endpoint's checks have been good
   * `consecutiveSuccesses` times more. One that throws, rejects, or does not answer within 30 seconds has refused, and is
   * an `actionFailed` event. It is not asked about `switchTo()`.
   */
  readonly gate?: FailbackGate;
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/**
 * A part of the day, by the clocks on the wall: when they are changed while it is open, it is an hour shorter or longer, and
 * what they leave out does not happen.
 */
export interface FailbackWindow {
  /** When it opens, such as `'02:00'`. */
  readonly from: string;
  /** When it closes, `'24:00'` at the latest. Before `from` it is on the next day. */
  readonly to: string;
  /** The days on which it opens, `'mon'` to `'sun'`. Without it every day. */
  readonly days?: readonly Weekday[];
  /** The time zone of all of this by its name, such as `'Europe/Berlin'`. Without it `'UTC'`. */
  readonly timeZone?: string;
}

/** The failback that a gate is asked about. */
export interface FailbackGateContext {
  /** The endpoint that is active. */
  readonly from: string;
  /** The more preferred one, which has recovered. */
  readonly to: string;
}

/** @returns whether the client may go back now. */
export type FailbackGate = (context: FailbackGateContext) => boolean | Promise<boolean>;
