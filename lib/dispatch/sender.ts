import { type RetryCaps, mayRetry } from '../commands/retry-decision.ts';
import type { Connection } from '../endpoints/connection.ts';
import { createCarrier, isSettled, settleWithReply } from '../ioredis-internals/carrier.ts';
import type { EntryBook } from './entry-book.ts';
import { surface } from './surface.ts';
import type { WaitingCommand } from './waiting-command.ts';

export interface SenderSetup {
  readonly book: EntryBook;
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
    const sent: WaitingCommand[] = [];
    connection.batch(() => {
      for (let index = 0; index < entries.length;) {
        const unit = unitAt(entries, index);
        index += unit.length;
        if (!this.#isAdmitted(unit, connection)) continue;
        for (const entry of unit) {
          this.#transmit(entry, connection);
          sent.push(entry);
        }
      }
    });
    return sent;
  }

  #isAdmitted(unit: readonly WaitingCommand[], connection: Connection): boolean {
    const last = unit.at(-1);
    if (last === undefined || isSettled(last.command)) return false;
    const refuse = (code: 'GEO_NOT_MOVABLE' | 'GEO_AMBIGUOUS', endpointId: string): false => {
      for (const entry of unit) surface(entry, code, { endpointId, epoch: this.#setup.epoch() });
      return false;
    };
    const bound = unit.find(({ boundTo }) => boundTo !== undefined && boundTo !== connection.endpointId);
    if (bound?.boundTo !== undefined) return refuse('GEO_NOT_MOVABLE', bound.boundTo);
    const { failure } = last;
    if (failure === undefined) return true;
    const target = failure.endpointId === connection.endpointId ? 'same-endpoint' : 'other-endpoint';
    return mayRetry(failure.kind, last.safety, target, this.#setup.caps)
      ? true
      : refuse('GEO_AMBIGUOUS', failure.endpointId);
  }

  #transmit(entry: WaitingCommand, connection: Connection): void {
    const { book, onAnswered } = this.#setup;
    const attempt = ++entry.attempt;
    if (!entry.sent) {
      entry.sent = true;
      book.register(entry.command, entry);
      connection.send(entry.command, undefined);
      return;
    }
    // A late answer to an attempt that was given up since must not settle the one that is on its way now.
    const ifCurrent = (settle: () => void): void => {
      if (entry.attempt !== attempt) return;
      settle();
      onAnswered(entry);
    };
    const carrier = createCarrier(entry.command, {
      onReply: (reply) => ifCurrent(() => settleWithReply(entry.command, reply, connection.condition)),
      onError: (error) => ifCurrent(() => entry.command.reject(error)),
    });
    book.register(carrier, entry);
    connection.send(carrier, undefined);
  }
}

/** A command, or the transaction that begins here. */
function unitAt(entries: readonly WaitingCommand[], index: number): WaitingCommand[] {
  const group = entries[index]?.group;
  let end = index + 1;
  if (group !== undefined) while (entries[end]?.group === group) end++;
  return entries.slice(index, end);
}
