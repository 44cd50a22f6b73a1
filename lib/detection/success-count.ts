interface CountedConnection {
  readonly sent: number;
  readonly pending: number;
  readonly failed: number;
}

/** Counts successes in bulk, for the circuit breaker: what was sent, less what failed and what is still open. */
export class SuccessCount {
  readonly #counted = new WeakMap<CountedConnection, number>();

  /** Successes since the last call for this connection. */
  since(connection: CountedConnection): number {
    const done = connection.sent - connection.pending - connection.failed;
    const successes = done - (this.#counted.get(connection) ?? 0);
    if (successes !== 0) this.#counted.set(connection, done);
    return successes;
  }
}
