/**
 * How many endpoints have to be available before the first command goes out.
 * - `one`: the first that can serve.
 * - `majority`: more than half of them. Of two that is both.
 * - `all`: every one.
 */
export type InitializationPolicy = 'one' | 'majority' | 'all';

/** The start. */
export interface InitializationOptions {
  /**
   * How many endpoints are waited for before the client is `ready` and commands go out, for `timeoutMs` at most. Then one is
   * enough, whenever it comes, and the event `degradedStart` tells which ones are missing.
   *
   * @default 'one'
   */
  readonly policy?: InitializationPolicy;
  /**
   * Time that more preferred endpoints get to become ready while a less preferred one is ready already, in milliseconds.
   * An endpoint that refuses is not waited for. With another `policy` than `one` also the time for the endpoints that it asks
   * for, those that refuse included.
   *
   * Minimum: `0`. With another `policy` than `one` less than `retry.deadlineMs`, unless there is no deadline.
   *
   * @default 1_000
   */
  readonly timeoutMs?: number;
}
