import { failureKind } from '../commands/failure-kind.ts';
import type { FailureKind, RetryCaps } from '../commands/retry-decision.ts';
import type { Connection, ConnectionListener } from '../endpoints/connection.ts';
import { isReplaced } from '../endpoints/replaced-connections.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import { mayBeSentAnywhere } from './admission.ts';
import { boundFate } from './bound-commands.ts';
import type { EntryBook } from './entry-book.ts';
import { Overloads } from './overloads.ts';
import { OvertakenCommands } from './overtaken-commands.ts';
import { RefusalEpisode } from './refusal-episode.ts';
import type { SelectedDatabase } from './selected-database.ts';
import { surface, surfaceBound } from './surface.ts';
import { transactionError } from './transaction-errors.ts';
import type { TransactionGroup } from './transaction-group.ts';
import type { AttemptFailure, WaitingCommand } from './waiting-command.ts';
import type { WaitingLine } from './waiting-line.ts';

/** How often a command is sent again that was the oldest one on a connection which fell silent: it may be the cause. */
const STALLED_ATTEMPTS = 1;

export interface FailedAttemptsSetup {
  readonly clock: Pick<Clock, 'now'>;
  readonly view: ActiveEndpointView;
  readonly line: WaitingLine;
  readonly book: EntryBook;
  readonly caps: RetryCaps;
  readonly maxFurtherAttempts: number;
  readonly database: SelectedDatabase;
  /** Something failed, or has calmed down: whether commands may flow has to be decided anew. */
  readonly onChange: () => void;
  /** A command waits behind others that were called after it. */
  readonly onOvertaken: (command: IoredisCommand) => void;
  /** An endpoint refused a command, for the first time or again. */
  readonly onRefused: (entry: WaitingCommand, error: Error) => void;
}

/** Takes failed attempts back into the line, or tells the caller when the command may not be sent again. */
export class FailedAttempts implements Omit<ConnectionListener, 'ready'> {
  readonly #setup: FailedAttemptsSetup;
  readonly #overtaken: OvertakenCommands;
  /** By connection. */
  readonly #episodes = new Map<Connection, RefusalEpisode>();
  readonly #overloads: Overloads;

  constructor(setup: FailedAttemptsSetup) {
    this.#setup = setup;
    this.#overtaken = new OvertakenCommands(setup.book);
    this.#overloads = new Overloads(setup.clock);
  }

  /**
   * Whether replies are still expected behind a refused command. Until they are there nothing is sent again: a refused
   * write must not run after a later one of the same key.
   */
  isSettling(connection: Connection): boolean {
    return connection.isSettling || this.#episodes.has(connection);
  }

  /** From now on commands go to this connection, whatever replies are still expected on others. */
  commandsGoTo(connection: Connection): void {
    this.#overtaken.commandsGoTo(connection);
    for (const [other, episode] of this.#episodes) {
      if (other === connection) continue;
      this.#endEpisodeOf(other);
      for (const item of other.inFlight()) episode.leaveBehind(this.#entryOf(item, other));
      episode.sweep();
    }
  }

  /**
   * The connection is gone with these commands in flight: each may have been executed, or not.
   *
   * @param stalled The command that perhaps silenced the server.
   */
  lost(connection: Connection, items: readonly QueuedCommand[], stalled?: QueuedCommand): void {
    const { book, onChange } = this.#setup;
    const episode = this.#endEpisodeOf(connection);
    const groups = new Set<TransactionGroup>();
    for (const item of items) {
      const entry = this.#entryOf(item, connection);
      if (entry.group !== undefined && groups.has(entry.group)) continue;
      if (entry.group !== undefined) groups.add(entry.group);
      const unit = book.unitOf(entry, connection.endpointId);
      if (item === stalled) for (const member of unit) member.stalls++; // rare: head-of-a-silent-connection
      if (!this.#giveBackLost(connection, unit)) episode?.lost(unit.at(-1) ?? entry); // rare: lost-for-good
    }
    episode?.sweep();
    onChange();
  }

  refused(connection: Connection, item: QueuedCommand): void {
    const { book, line, onChange, onRefused } = this.#setup;
    const entry = book.entryOfItem(item, connection.endpointId);
    // The user's own object was not written, so that it is still good for a sending.
    if (entry.command === item.command) entry.sent = false; // rare: refused-before-it-was-written
    entry.transaction?.notWritten(entry.command);
    this.#episodes.get(connection)?.errorReply(item.command);
    // What is in flight is older, and will come back when the connection's end is told.
    line.putBack(entry);
    // It may be the one that an endpoint is tried with.
    onRefused(entry, new Error('It has to go another way.'));
    onChange();
  }

  errorReply(connection: Connection, error: Error, item: QueuedCommand): boolean {
    const isTaken = this.#takeReply(connection, error, item);
    this.#episodes.get(connection)?.errorReply(item.command);
    return isTaken;
  }

  /** The entry of a command that was written to a connection. */
  #entryOf(item: QueuedCommand, connection: Connection): WaitingCommand {
    const { book, database } = this.#setup;
    const entry = book.entryOfItem(item, connection.endpointId);
    entry.database ??= database.databaseOf(item, connection);
    return entry;
  }

  /** @returns whether the reply is kept from the caller. */
  #takeReply(connection: Connection, error: Error, item: QueuedCommand): boolean {
    const { book } = this.#setup;
    const original = book.originalOf(item.command);
    const group = book.groupOf(item);
    if (group?.watch !== undefined || book.find(item.command)?.transaction !== undefined) {
      this.#tellRefusal(connection, original, error);
      return false;
    }
    if (group !== undefined) {
      const verdict = transactionError(group, this.#entryOf(item, connection), error);
      if (verdict.kind === 'held') return true; // rare: refused-member-held-back
      if (verdict.kind === 'answered') return false; // rare: transaction-error-answered
      this.#refuse(connection, book.membersOf(group, connection.endpointId), 'rejected', verdict.cause);
      return true;
    }
    if (isSettled(original)) return false; // rare: error-reply-for-a-settled-command
    const kind = failureKind({ commandName: original.name, place: 'answered', error });
    if (kind !== 'rejected' && kind !== 'overloaded') return false;
    this.#refuse(connection, [this.#entryOf(item, connection)], kind, error);
    return true;
  }

  /** The caller gets the reply, because the command belongs to this connection. What it says of the endpoint counts. */
  #tellRefusal(connection: Connection, { name }: IoredisCommand, error: Error): void {
    this.#complain(connection, failureKind({ commandName: name, place: 'answered', error }), error, false);
  }

  #complain(connection: Connection, kind: FailureKind, error: Error, isRound: boolean): void {
    if ((kind !== 'rejected' && kind !== 'overloaded') || isReplaced(connection)) return;
    const { view } = this.#setup;
    view.recordFailure(connection.endpointId, error, { isRound });
    if (kind === 'rejected') view.suspect(connection.endpointId, 'rejected');
  }

  /** @returns whether the unit waits for another attempt. */
  #giveBackLost(connection: Connection, unit: WaitingCommand[]): boolean {
    // A transaction of which one member was refused cannot have been executed, whatever became of the connection. When it
    // was MULTI that was refused, the members ran by themselves, unless each of them was refused as well.
    const isWhole =
      unit[0]?.heldError === undefined || unit.slice(0, -1).every(({ heldError }) => heldError !== undefined);
    const held = isWhole ? unit.find(({ heldError }) => heldError !== undefined) : undefined;
    if (held?.heldError !== undefined) return this.#giveBack(connection, unit, 'rejected', held.heldError); // rare: transaction-lost-behind-a-refused-member
    return this.#giveBack(connection, unit, 'ambiguous', connection.lastError);
  }

  #refuse(connection: Connection, unit: WaitingCommand[], kind: 'rejected' | 'overloaded', error: Error): void {
    const { onChange, onRefused } = this.#setup;
    const known = this.#episodes.get(connection);
    const episode = known ?? this.#beginEpisode(connection);
    const [head] = unit;
    if (head === undefined) return;
    if (kind === 'overloaded') this.#overloads.count(head, connection.endpointId); // rare: overloaded
    if (this.#giveBack(connection, unit, kind, error)) episode.add(unit.at(-1) ?? head);
    this.#complain(connection, kind, error, known === undefined);
    // The last one is what the answer of the whole hangs on: MULTI's own "OK" says nothing.
    onRefused(unit.at(-1) ?? head, error);
    onChange();
  }

  /** @returns whether the unit waits for another attempt. */
  #giveBack(
    connection: Connection,
    unit: WaitingCommand[],
    kind: AttemptFailure['kind'],
    error: Error | undefined,
  ): boolean {
    const { line, caps, maxFurtherAttempts, view } = this.#setup;
    const place = { endpointId: connection.endpointId, epoch: view.epoch };
    const [head] = unit;
    const last = unit.at(-1);
    if (head === undefined || last === undefined) return false;
    if (last.isOver) {
      head.group?.releaseHeld();
      return false;
    }
    head.group?.resetForNextAttempt();
    for (const entry of unit) {
      entry.sent = true;
      entry.noteFailure({ kind, ...place, connection, error });
      entry.failures++;
      entry.attempt++;
      entry.heldError = undefined;
    }
    const fate = boundFate(unit, undefined);
    if (fate !== undefined) {
      surfaceBound(unit, fate, place);
      return false;
    }
    const isSpent =
      head.failures > maxFurtherAttempts || this.#overloads.isSpent(head) || head.stalls > STALLED_ATTEMPTS;
    // A write that went back now would run behind commands that were called after it.
    const isTooLate = head.safety !== 'read-only' && this.#overtaken.has(last.command);
    if (isSpent || isTooLate || !mayBeSentAnywhere(head, caps)) {
      const code = head.doubts.length > 0 ? 'GEO_AMBIGUOUS' : 'GEO_DEADLINE_EXCEEDED';
      for (const entry of unit) surface(entry, code, place);
      return false;
    }
    if (this.#overtaken.has(last.command)) this.#setup.onOvertaken(last.command); // rare: overtaken-read-goes-back
    for (const entry of unit) line.giveBack(entry);
    return true;
  }

  #beginEpisode(connection: Connection): RefusalEpisode {
    const { book, line } = this.#setup;
    const episode = new RefusalEpisode(connection, {
      book,
      line,
      readAgain: (item, unit) => {
        this.#entryOf(item, connection);
        return this.#giveBack(connection, unit, 'rejected', undefined);
      },
      onSettled: () => {
        this.#endEpisodeOf(connection);
        this.#setup.onChange();
      },
    });
    if (!episode.isSettled) this.#episodes.set(connection, episode);
    return episode;
  }

  #endEpisodeOf(connection: Connection): RefusalEpisode | undefined {
    const episode = this.#episodes.get(connection);
    episode?.stop();
    this.#episodes.delete(connection);
    return episode;
  }
}
