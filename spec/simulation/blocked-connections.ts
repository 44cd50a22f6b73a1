import type { Failure, ModelData } from './model-data.ts';
import type { Connection } from './model-server.ts';
import type { WorldTimers } from './virtual-time.ts';

interface Waiting {
  readonly key: string;
  readonly database: number;
  readonly timer: { cancel(): void } | undefined;
}

/** Connections that wait for an element of a list, in the order in which they came. */
export class BlockedConnections {
  readonly #data: ModelData;
  readonly #timers: WorldTimers;
  readonly #waiting = new Map<Connection, Waiting>();

  constructor(data: ModelData, timers: WorldTimers) {
    this.#data = data;
    this.#timers = timers;
  }

  has(connection: Connection): boolean {
    return this.#waiting.has(connection);
  }

  /** @param seconds `0` for no limit. */
  add(connection: Connection, key: string, database: number, seconds: number): void {
    const timer = seconds > 0 ? this.#timers.after(seconds * 1_000, () => this.callOff(connection)) : undefined;
    this.#waiting.set(connection, { key, database, timer });
  }

  /** @returns whether it was blocked. */
  callOff(connection: Connection): boolean {
    if (!this.forget(connection)) return false;
    connection.unblocked(null);
    return true;
  }

  /** Nobody waits here any more. */
  refuse(error: Failure): void {
    for (const connection of this.#waiting.keys()) if (this.forget(connection)) connection.unblocked(error);
  }

  forget(connection: Connection): boolean {
    this.#waiting.get(connection)?.timer?.cancel();
    return this.#waiting.delete(connection);
  }

  /** Something may have come for those who wait. */
  serve(): void {
    for (const [connection, { key, database }] of this.#waiting) {
      const element = this.#data.pop(key, database);
      if (element === undefined) continue;
      this.forget(connection);
      connection.unblocked([key, element]);
    }
  }
}
