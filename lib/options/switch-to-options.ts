/** Options of `redis.geo.switchTo()`. */
export interface SwitchToOptions {
  /**
   * Switch without looking at the endpoint first, and give it the benefit of the doubt: when it was unhealthy, its health is
   * `unknown` from then on, and its circuit is closed, also when it was isolated. It is left only when something newer says
   * that it fails.
   *
   * @default false
   */
  readonly force?: boolean;
  /**
   * Time that commands in flight get to finish, in milliseconds.
   *
   * Minimum: `0`.
   *
   * @default `failover.drainMs`
   */
  readonly drainMs?: number;
  /**
   * For how long no failback leaves the endpoint, in milliseconds. A failover leaves it all the same.
   *
   * Minimum: `1`.
   *
   * @default until `release()`
   */
  readonly pinMs?: number;
}
