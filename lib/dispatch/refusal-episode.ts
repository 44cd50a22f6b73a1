import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import { isRefusedWrite } from './admission.ts';
import type { EntryBook } from './entry-book.ts';
import { HeldKeys } from './held-keys.ts';
import { InFlightWatch } from './in-flight-watch.ts';
import { surfaceReply } from './surface.ts';
import { isExec } from './transaction-group.ts';
import type { WaitingCommand } from './waiting-command.ts';
import type { WaitingLine } from './waiting-line.ts';

export interface RefusalEpisodeSetup {
  readonly book: EntryBook;
  readonly line: WaitingLine;
  /** Takes a read back into the line; says whether it waits there. */
  readonly readAgain: (item: QueuedCommand, unit: WaitingCommand[]) => boolean;
  /** All that was in flight behind the first refusal has been answered. */
  readonly onSettled: () => void;
}

/**
 * The refusals that one connection returns in a row. What is in flight behind the first of them decides what becomes of
 * the refused commands: once a later one of the same key has run, they can no longer run in their place.
 */
export class RefusalEpisode {
  readonly connection: Connection;
  readonly #setup: RefusalEpisodeSetup;
  readonly #refused = new HeldKeys();
  /** Reads that wait to be answered behind a refused write, and how to give their caller the reply that came. */
  readonly #keptReads = new Map<WaitingCommand, () => void>();
  readonly #keysOfKeptReads = new HeldKeys();
  /** Given up, and still in the line. */
  readonly #gone = new Set<WaitingCommand>();
  readonly #watch: InFlightWatch;

  constructor(connection: Connection, setup: RefusalEpisodeSetup) {
    this.connection = connection;
    this.#setup = setup;
    this.#watch = new InFlightWatch(
      connection,
      (item, deliver) => this.#replied(item, deliver),
      () => {
        this.sweep();
        setup.onSettled();
      },
    );
  }

  /** Whether no reply is expected any more. */
  get isSettled(): boolean {
    return this.#watch.size === 0;
  }

  /** This command, or the transaction that ends with it, was refused and waits for another attempt. */
  add(entry: WaitingCommand): void {
    this.#refused.add(entry);
  }

  /** A command that was in flight was answered with an error. */
  errorReply(command: IoredisCommand): void {
    this.#watch.settled(command);
  }

  /** This one was in flight when the connection was lost, and is not sent again: it may have overtaken refused ones. */
  lost(entry: WaitingCommand): void {
    if (entry.safety === 'read-only') return;
    const overtaken = this.#refused.sharing(entry.command, entry.group?.commands);
    this.#giveUp(overtaken.filter(isRefusedWrite));
  }

  /** This one is still in flight, and refused ones go elsewhere before its reply shows whether it overtook them. */
  leaveBehind(entry: WaitingCommand): void {
    if (isRead(entry)) return;
    const overtaken = this.#refused.sharing(entry.command, entry.group?.commands);
    this.#giveUp(overtaken.filter((refused) => !isRead(refused)));
  }

  stop(): void {
    this.#watch.stop();
    this.sweep();
  }

  /** Takes out of the line what was given up; all at once, because each time takes as long as the line is. */
  sweep(): void {
    if (this.#gone.size > 0) this.#setup.line.remove(this.#gone);
    this.#gone.clear();
  }

  /** A command behind a refused one was executed. */
  #replied(item: QueuedCommand, deliver: () => void): void {
    const { book } = this.#setup;
    const original = book.originalOf(item.command);
    const group = book.groupOf(item);
    if (group !== undefined && !isExec(original)) return deliver();
    const overtaken = this.#refused.sharing(original, group?.commands);
    if (book.safetyOf(original, group) !== 'read-only') {
      this.#giveUp(overtaken);
      return deliver();
    }
    if (overtaken.every(isRead)) return deliver();
    // The reply shows data without the write before it. It is read again behind that write.
    this.#keepRead(item, deliver);
  }

  #keepRead(item: QueuedCommand, deliver: () => void): void {
    const { book, readAgain } = this.#setup;
    const entry = book.entryOfItem(item, this.connection.endpointId);
    const unit = book.unitOf(entry, this.connection.endpointId);
    const last = unit.at(-1) ?? entry;
    const { attempt } = last;
    if (!readAgain(item, unit)) return; // rare: read-not-repeatable
    // rare: read-behind-a-refused-write
    this.#keysOfKeptReads.add(last);
    this.#keptReads.set(last, () => {
      // rare: kept-read-gets-its-first-reply
      last.attempt = attempt;
      deliver();
    });
  }

  /** These can no longer run in their place, so their callers get the refusal. */
  #giveUp(overtaken: readonly WaitingCommand[]): void {
    if (overtaken.length === 0) return;
    // rare: refused-write-overtaken
    this.#refused.delete(overtaken);
    this.#leaveLine(overtaken).forEach(surfaceReply);
    // The write that the reply to a kept read did not show is not going to happen.
    const reads = overtaken
      .flatMap((write) => this.#keysOfKeptReads.sharing(write.command, write.group?.commands))
      .filter((read) => this.#refused.sharing(read.command, read.group?.commands).every(isRead));
    this.#leaveLine(reads);
    this.#keysOfKeptReads.delete(reads);
    for (const read of reads) this.#keptReads.get(read)?.();
    for (const read of reads) this.#keptReads.delete(read);
  }

  /** @returns the same, transactions with all of their members. */
  #leaveLine(entries: readonly WaitingCommand[]): WaitingCommand[] {
    const units = entries.flatMap((entry) => this.#setup.book.unitOf(entry, this.connection.endpointId));
    for (const entry of units) this.#gone.add(entry);
    return units;
  }
}

function isRead({ safety }: WaitingCommand): boolean {
  return safety === 'read-only';
}
