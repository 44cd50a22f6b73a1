import { commandSafety } from '../commands/command-safety.ts';
import { replyFailureKind } from '../commands/failure-kind.ts';
import { type RetryCaps, mayRetry } from '../commands/retry-decision.ts';
import type { Connection, ConnectionListener } from '../endpoints/connection.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import type { QueuedCommand } from '../ioredis-internals/types.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import type { EntryBook } from './entry-book.ts';
import { HeldKeys } from './held-keys.ts';
import { InFlightWatch } from './in-flight-watch.ts';
import { surface, surfaceReply } from './surface.ts';
import { transactionError } from './transaction-errors.ts';
import { type TransactionGroup, isExec } from './transaction-group.ts';
import type { AttemptFailure, WaitingCommand } from './waiting-command.ts';
import type { WaitingLine } from './waiting-line.ts';

/** How often an overloaded endpoint is asked again: more load makes it worse. */
const OVERLOAD_ATTEMPTS = 2;

export interface FailedAttemptsSetup {
  readonly view: ActiveEndpointView;
  readonly line: WaitingLine;
  readonly book: EntryBook;
  readonly caps: RetryCaps;
  readonly maxFurtherAttempts: number;
  /** Something failed, or has calmed down: whether commands may flow has to be decided anew. */
  readonly onChange: () => void;
  /** An endpoint refused a command, for the first time or again. */
  readonly onRefused: (entry: WaitingCommand, error: Error) => void;
}

/** The refusals that one connection returns in a row, and what is in flight behind the first of them. */
interface RefusalEpisode {
  readonly connection: Connection;
  readonly held: HeldKeys;
  readonly watch: InFlightWatch;
}

/** Takes failed attempts back into the line, or tells the caller when the command may not be sent again. */
export class FailedAttempts implements Omit<ConnectionListener, 'ready'> {
  readonly #setup: FailedAttemptsSetup;
  #episode: RefusalEpisode | undefined;

  constructor(setup: FailedAttemptsSetup) {
    this.#setup = setup;
  }

  /**
   * Whether replies are still expected behind a refused command. Until they are there nothing is sent again: a refused
   * write must not run after a later one of the same key.
   */
  get isSettling(): boolean {
    return this.#episode !== undefined;
  }

  /** The connection is gone with these commands in flight: each may have been executed, or not. */
  lost(connection: Connection, items: readonly QueuedCommand[]): void {
    const { book, onChange } = this.#setup;
    this.#endEpisodeOf(connection);
    const groups = new Set<TransactionGroup>();
    for (const item of items) {
      const entry = book.entryOfItem(item, connection.endpointId);
      if (entry.group !== undefined && groups.has(entry.group)) continue;
      if (entry.group !== undefined) groups.add(entry.group);
      this.#giveBackLost(connection, book.unitOf(entry, connection.endpointId));
    }
    onChange();
  }

  refused(connection: Connection, item: QueuedCommand): void {
    const { book, line, onChange } = this.#setup;
    const entry = book.entryOfItem(item, connection.endpointId);
    // The user's own object was not written, so that it is still good for a sending.
    if (entry.command === item.command) entry.sent = false;
    // What is in flight is older, and will come back when the connection's end is told.
    line.putBack(entry);
    onChange();
  }

  errorReply(connection: Connection, error: Error, item: QueuedCommand): boolean {
    const isTaken = this.#takeReply(connection, error, item);
    if (this.#episode?.connection === connection) this.#episode.watch.settled(item.command);
    return isTaken;
  }

  /** @returns whether the reply is kept from the caller. */
  #takeReply(connection: Connection, error: Error, item: QueuedCommand): boolean {
    const { book } = this.#setup;
    const original = book.find(item.command)?.command ?? item.command;
    const group = book.groupOf(item);
    if (group !== undefined) {
      const verdict = transactionError(group, book.entryOf(original, connection.endpointId, group), error);
      if (verdict.kind === 'held') return true;
      if (verdict.kind === 'answered') return false;
      this.#refuse(connection, book.membersOf(group, connection.endpointId), 'rejected', verdict.cause);
      return true;
    }
    if (isSettled(original)) return false;
    const kind = replyFailureKind(original.name, error.message);
    if (kind !== 'rejected' && kind !== 'overloaded') return false;
    this.#refuse(connection, [book.entryOfItem(item, connection.endpointId)], kind, error);
    return true;
  }

  #giveBackLost(connection: Connection, unit: WaitingCommand[]): void {
    // A transaction of which one member was refused cannot have been executed, whatever became of the connection. When it
    // was MULTI that was refused, the members ran by themselves.
    const [first] = unit;
    const held = first?.heldError === undefined ? unit.find(({ heldError }) => heldError !== undefined) : undefined;
    const kind = held === undefined ? 'ambiguous' : 'rejected';
    this.#giveBack(unit, {
      kind,
      endpointId: connection.endpointId,
      epoch: this.#setup.view.epoch,
      error: held?.heldError ?? connection.lastError,
    });
  }

  #refuse(connection: Connection, unit: WaitingCommand[], kind: 'rejected' | 'overloaded', error: Error): void {
    const { view, onChange, onRefused } = this.#setup;
    const { endpointId } = connection;
    const isFirst = this.#episode?.connection !== connection;
    const held = isFirst ? this.#beginEpisode(connection) : this.#episode?.held;
    const [head] = unit;
    if (head === undefined) return;
    if (kind === 'overloaded') head.overloads++;
    const isBack = this.#giveBack(unit, { kind, endpointId, epoch: view.epoch, error });
    if (isBack) held?.add(unit.at(-1) ?? head);
    view.recordFailure(endpointId, error, { isRound: isFirst });
    if (kind === 'rejected') view.suspect(endpointId, 'rejected');
    // The last one is what the answer of the whole hangs on: MULTI's own "OK" says nothing.
    onRefused(unit.at(-1) ?? head, error);
    onChange();
  }

  /** @returns whether the unit waits for another attempt. */
  #giveBack(unit: WaitingCommand[], failure: AttemptFailure): boolean {
    const { line, caps, maxFurtherAttempts, view } = this.#setup;
    const [head] = unit;
    const last = unit.at(-1);
    if (head === undefined || last === undefined || isSettled(last.command)) return false;
    for (const entry of unit) {
      entry.sent = true;
      entry.failure = failure;
      entry.failures++;
      entry.attempt++;
      entry.heldError = undefined;
    }
    const isUseless =
      !mayRetry(failure.kind, head.safety, 'same-endpoint', caps) &&
      !mayRetry(failure.kind, head.safety, 'other-endpoint', caps);
    const isSpent = head.failures > maxFurtherAttempts || head.overloads > OVERLOAD_ATTEMPTS;
    if (isUseless || isSpent) {
      const code = failure.kind === 'ambiguous' ? 'GEO_AMBIGUOUS' : 'GEO_DEADLINE_EXCEEDED';
      for (const entry of unit) surface(entry, code, { endpointId: failure.endpointId, epoch: view.epoch });
      return false;
    }
    for (const entry of unit) line.giveBack(entry);
    return true;
  }

  #beginEpisode(connection: Connection): HeldKeys {
    this.#episode?.watch.stop();
    const held = new HeldKeys();
    const watch = new InFlightWatch(
      connection,
      (item, deliver) => this.#replyBehindRefusal(held, connection, item, deliver),
      () => this.#endEpisodeOf(connection, true),
    );
    this.#episode = watch.isEmpty ? undefined : { connection, held, watch };
    return held;
  }

  #endEpisodeOf(connection: Connection, tell = false): void {
    if (this.#episode?.connection !== connection) return;
    this.#episode.watch.stop();
    this.#episode = undefined;
    if (tell) this.#setup.onChange();
  }

  /** A command behind a refused one was executed. */
  #replyBehindRefusal(held: HeldKeys, connection: Connection, item: QueuedCommand, deliver: () => void): void {
    const { book, line } = this.#setup;
    const original = book.find(item.command)?.command ?? item.command;
    const group = book.groupOf(item);
    if (group !== undefined && !isExec(original)) return deliver();
    const overtaken = held.sharing(original, group?.commands);
    if (overtaken.length === 0) return deliver();
    if ((group?.safety ?? commandSafety(original)) !== 'read-only') {
      // The refused ones can no longer run in their place, so their callers get the refusal.
      held.delete(overtaken);
      const units = overtaken.flatMap((entry) => book.unitOf(entry, connection.endpointId));
      line.remove(new Set(units));
      units.forEach(surfaceReply);
      return deliver();
    }
    if (overtaken.every((entry) => entry.safety === 'read-only')) return deliver();
    // The reply shows data without the write before it. It is read again behind that write.
    const entry = book.entryOfItem(item, connection.endpointId);
    const unit = book.unitOf(entry, connection.endpointId);
    this.#giveBack(unit, {
      kind: 'rejected',
      endpointId: connection.endpointId,
      epoch: this.#setup.view.epoch,
      error: undefined,
    });
  }
}
