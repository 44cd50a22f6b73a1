import type { RetryCaps } from '../commands/retry-decision.ts';
import type { Connection } from '../endpoints/connection.ts';
import { createCarrier, settleWithReply } from '../ioredis-internals/carrier.ts';
import { admit } from './admission.ts';
import type { EntryBook } from './entry-book.ts';
import type { SelectedDatabase } from './selected-database.ts';
import { socketOf } from './socket.ts';
import type { SpecialHandling } from './special-handling.ts';
import { surfaceAnswer } from './surface.ts';
import type { WaitingCommand } from './waiting-command.ts';

export interface SenderSetup {
  readonly book: EntryBook;
  readonly database: SelectedDatabase;
  readonly special: Pick<SpecialHandling, 'cursors' | 'sentTo'>;
  readonly caps: RetryCaps;
  readonly epoch: () => number;
  /** A command that had failed before was answered by a server. */
  readonly onAnswered: (entry: WaitingCommand) => void;
}

/** Sends what waited: commands that were never sent as they are, others by a fresh carrier. */
export class Sender {
  readonly #setup: SenderSetup;

  constructor(setup: SenderSetup) {
    this.#setup = setup;
  }

  /**
   * Sends commands in this order and in one write, except for those that may not go to this endpoint: they are rejected.
   *
   * @returns what was sent.
   */
  send(entries: readonly WaitingCommand[], connection: Connection): WaitingCommand[] {
    const { caps, epoch, database, special } = this.#setup;
    const { endpointId, ownDatabase } = connection;
    const rules = {
      endpointId,
      socket: socketOf(connection),
      epoch: epoch(),
      caps,
      cursors: special.cursors,
      ownDatabase,
      database: database.current,
    };
    const admitted = admit(entries, rules);
    connection.batch(() => {
      for (const entry of admitted) this.#transmit(entry, connection);
    });
    return admitted;
  }

  #transmit(entry: WaitingCommand, connection: Connection): void {
    const { book, special, onAnswered } = this.#setup;
    const attempt = ++entry.attempt;
    special.sentTo(entry.command, connection);
    if (!entry.sent) {
      entry.sent = true;
      book.register(entry.command, entry);
      if (entry.context === undefined) connection.send(entry.command, undefined);
      else entry.context.runInAsyncScope(connection.send, connection, entry.command, undefined);
      return;
    }
    // A late answer to an attempt that was given up since must not settle the one that is on its way now.
    const ifCurrent = (settle: () => void): void => {
      if (entry.attempt !== attempt) return; // rare: late-reply-to-an-earlier-attempt
      settle();
      onAnswered(entry);
    };
    const carrier = createCarrier(entry.command, {
      onReply: (reply) => ifCurrent(() => settleWithReply(entry.command, reply, connection.condition)),
      onError: (error) => ifCurrent(() => surfaceAnswer(entry, error)),
    });
    book.register(carrier, entry);
    connection.send(carrier, undefined);
  }
}
