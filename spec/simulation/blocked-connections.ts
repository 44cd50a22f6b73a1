import type { ModelData } from './model-data.ts';
import type { Connection } from './model-server.ts';

/** Connections that wait for an element of a list, in the order in which they came. */
export class BlockedConnections {
  readonly #data: ModelData;
  readonly #waiting = new Map<Connection, { readonly key: string; readonly timer: NodeJS.Timeout | undefined }>();

  constructor(data: ModelData) {
    this.#data = data;
  }

  has(connection: Connection): boolean {
    return this.#waiting.has(connection);
  }

  /** @param seconds `0` for no limit. */
  add(connection: Connection, key: string, seconds: number): void {
    const timer = seconds > 0 ? setTimeout(() => this.callOff(connection), seconds * 1_000) : undefined;
    this.#waiting.set(connection, { key, timer });
  }

  /** @returns whether it was blocked. */
  callOff(connection: Connection): boolean {
    if (!this.forget(connection)) return false;
    connection.unblocked(null);
    return true;
  }

  forget(connection: Connection): boolean {
    clearTimeout(this.#waiting.get(connection)?.timer);
    return this.#waiting.delete(connection);
  }

  /** Something may have come for those who wait. */
  serve(): void {
    for (const [connection, { key }] of [...this.#waiting]) {
      const element = this.#data.pop(key);
      if (element === undefined) continue;
      this.forget(connection);
      connection.unblocked([key, element]);
    }
  }
}
