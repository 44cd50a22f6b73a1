import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { EntryBook } from './entry-book.ts';

/**
 * Commands that were in flight on a connection when later ones began to go to another. A write among them must not be
 * sent again: it would run behind commands that were called after it.
 */
export class OvertakenCommands {
  readonly #book: EntryBook;
  readonly #commands = new WeakSet<IoredisCommand>();
  #latest: Connection | undefined;

  constructor(book: EntryBook) {
    this.#book = book;
  }

  /** From now on commands go to this connection. */
  commandsGoTo(connection: Connection): void {
    const former = this.#latest;
    if (former === connection) return;
    this.#latest = connection;
    for (const { command } of former?.inFlight() ?? []) this.#commands.add(this.#book.originalOf(command));
  }

  has(command: IoredisCommand): boolean {
    return this.#commands.has(command);
  }
}
