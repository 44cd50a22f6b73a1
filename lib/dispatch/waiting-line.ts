import { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from '../time/clock.ts';
import type { TransactionGroup } from './transaction-group.ts';
import type { WaitingCommand } from './waiting-command.ts';

/** What holds for a command that comes. What waits already may stay, and keeps its deadline. */
export interface LineLimits {
  /** How long it may wait in all; `undefined` for no limit. */
  readonly deadlineMs: number | undefined;
  readonly maxCommands: number;
  readonly maxBytes: number;
}

export interface WaitingLineOptions {
  readonly clock: Clock;
  readonly limits: LineLimits;
  readonly onExpired: (expired: WaitingCommand[]) => void;
}

/**
 * Everything that waits, in the order in which it has to leave: commands that came back from a failed attempt, which are
 * older than any other, and behind them those that were never sent.
 */
export class WaitingLine {
  readonly #options: WaitingLineOptions;
  #returned: WaitingCommand[] = [];
  #fresh: WaitingCommand[] = [];
  /** How many of the first ones came back since the last sending: the next that comes back belongs behind them. */
  #returnedOfLast = 0;
  /** How many of those that follow were not written in it. They are newer than all that was in flight by then. */
  #refusedOfLast = 0;
  #countedCommands = 0;
  #countedBytes = 0;
  #timer: Timer | undefined;
  readonly #emptyWaiters: (() => void)[] = [];
  #hasSettled = false;
  #timerDueAt = Number.POSITIVE_INFINITY;

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#returned.length + this.#fresh.length;
  }

  get head(): WaitingCommand | undefined {
    return this.#returned[0] ?? this.#fresh[0];
  }

  /** Resolves when nothing waits any more whose caller has not got an answer. */
  async idle(): Promise<void> {
    this.#dropSettled();
    while (this.length > 0) await new Promise<void>((resolve) => this.#emptyWaiters.push(resolve));
  }

  /** The first commands: so many at most, and the rest of the last one's transaction. */
  first(most: number): WaitingCommand[] {
    const from = this.#front;
    let count = Math.min(most, from.length);
    const group = from[count - 1]?.group;
    if (group !== undefined) while (from[count]?.group === group) count++;
    return from.slice(0, count);
  }

  get #front(): WaitingCommand[] {
    return this.#returned.length > 0 ? this.#returned : this.#fresh;
  }

  /** Whether one more command of this size may wait. */
  hasRoomFor(bytes: number): boolean {
    const { maxCommands, maxBytes } = this.#options.limits;
    return this.#countedCommands < maxCommands && this.#countedBytes + bytes <= maxBytes;
  }

  /** The same for a command. A transaction waits as a whole or not at all: half of one would leave MULTI open. */
  admits({ group, command }: WaitingCommand, bytes: number): boolean {
    if (group !== undefined && group.commands[0] !== command) return !group.isTurnedAway;
    if (!this.hasRoomFor(bytes)) this.#dropSettled();
    const hasRoom = this.hasRoomFor(bytes);
    if (group !== undefined) group.isTurnedAway = !hasRoom;
    return hasRoom;
  }

  /** The caller of a command that perhaps waits here has its answer. */
  noteSettled(): void {
    if (this.#hasSettled) return;
    this.#hasSettled = true;
    // All of this turn at once, because each time takes as long as the line is.
    if (this.#emptyWaiters.length > 0) queueMicrotask(() => this.#dropSettled());
  }

  /** Adds a command that was never sent, at the end. */
  push(entry: WaitingCommand, bytes: number): void {
    entry.countedBytes = bytes;
    entry.isCounted = true;
    // It is sent from a timer or a socket of ours; ioredis, and who traces it, shall find the caller's context there.
    entry.context = new AsyncResource('GeoFailoverWaitingCommand');
    this.#countedCommands++;
    this.#countedBytes += bytes;
    this.#fresh.push(entry);
    this.#enter(entry);
  }

  /** Takes a command back whose attempt failed. To be called in the order in which they were sent. */
  giveBack(entry: WaitingCommand): void {
    this.#returned.splice(this.#returnedOfLast++, 0, entry);
    this.#enter(entry);
  }

  /**
   * Takes a command back that was not written: behind all that was in flight by then, which may come back later, and before
   * all that was not sent.
   */
  putBack(entry: WaitingCommand): void {
    const index = this.#returnedOfLast + this.#refusedOfLast++;
    const freshIndex = index - this.#returned.length;
    if (freshIndex < 0) this.#returned.splice(index, 0, entry);
    else this.#fresh.splice(freshIndex, 0, entry); // rare: put-back-among-new-ones
    this.#enter(entry);
  }

  /** Takes the first command out, with the rest of its transaction. */
  takeHead(): WaitingCommand[] {
    return this.take(1);
  }

  /** Takes {@link first} out. */
  take(most: number): WaitingCommand[] {
    const taken = this.first(most);
    this.#front.splice(0, taken.length);
    this.#returnedOfLast = 0;
    this.#refusedOfLast = 0;
    return this.#leave(taken);
  }

  takeAll(): WaitingCommand[] {
    const all = this.#returned.length === 0 ? this.#fresh : this.#returned.concat(this.#fresh);
    this.#returned = [];
    this.#fresh = [];
    this.#returnedOfLast = 0;
    this.#refusedOfLast = 0;
    return this.#leave(all);
  }

  /** Takes particular commands out, wherever they are. */
  remove(entries: ReadonlySet<WaitingCommand>): void {
    const keep = (entry: WaitingCommand): boolean => !entries.has(entry);
    const all = [...this.#returned, ...this.#fresh];
    const ofLast = all.slice(0, this.#returnedOfLast + this.#refusedOfLast);
    this.#leave(all.filter((entry) => entries.has(entry)));
    this.#returnedOfLast = ofLast.slice(0, this.#returnedOfLast).filter(keep).length;
    this.#refusedOfLast = ofLast.filter(keep).length - this.#returnedOfLast;
    this.#returned = this.#returned.filter(keep);
    this.#fresh = this.#fresh.filter(keep);
    this.#disarmWhenEmpty();
  }

  #dropSettled(): void {
    if (!this.#hasSettled) return;
    this.#hasSettled = false;
    // rare: room-made-by-settled-ones
    const settled = [...this.#returned, ...this.#fresh].filter(({ isOver }) => isOver);
    this.remove(new Set(settled));
    for (const entry of settled) entry.giveUpBindings();
  }

  #enter(entry: WaitingCommand): void {
    const { clock, limits } = this.#options;
    entry.waitingSince = clock.now();
    entry.deadlineMs ??= limits.deadlineMs ?? Number.POSITIVE_INFINITY;
    this.#arm(dueAt(entry));
  }

  #leave(entries: WaitingCommand[]): WaitingCommand[] {
    const now = this.#options.clock.now();
    for (const entry of entries) {
      entry.waitedMs += now - entry.waitingSince;
      if (!entry.isCounted) continue;
      entry.isCounted = false;
      this.#countedCommands--;
      this.#countedBytes -= entry.countedBytes;
    }
    this.#disarmWhenEmpty();
    return entries;
  }

  #arm(dueAt: number): void {
    if (dueAt >= this.#timerDueAt) return;
    const { clock } = this.#options;
    this.#timer?.cancel();
    this.#timerDueAt = dueAt;
    // Somebody awaits these commands, so the process must not end before they are settled.
    this.#timer = clock.after(
      Math.max(0, dueAt - clock.now()),
      () => {
        // After a freeze of this process the sockets come first: the reply, or a connection, may be there already.
        clock.afterPoll(() => this.#expire());
      },
      { keepAlive: true },
    );
  }

  #expire(): void {
    const { clock, onExpired } = this.#options;
    const now = clock.now();
    const expired = new Set<WaitingCommand>();
    const expiredGroups = new Set<TransactionGroup>();
    let nextDueAt = Number.POSITIVE_INFINITY;
    for (const entry of [...this.#returned, ...this.#fresh]) {
      const due = dueAt(entry);
      const isDue = due <= now || (entry.group !== undefined && expiredGroups.has(entry.group));
      if (isDue && entry.group !== undefined) expiredGroups.add(entry.group);
      if (isDue || entry.isOver) expired.add(entry);
      else nextDueAt = Math.min(nextDueAt, due);
    }
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    if (expired.size > 0) {
      this.remove(expired);
      onExpired([...expired]);
    }
    this.#arm(nextDueAt);
  }

  #disarmWhenEmpty(): void {
    if (this.length > 0) return;
    this.#timer?.cancel();
    this.#timerDueAt = Number.POSITIVE_INFINITY;
    for (const resolve of this.#emptyWaiters.splice(0)) resolve();
  }
}

function dueAt({ waitingSince, waitedMs, deadlineMs = Number.POSITIVE_INFINITY }: WaitingCommand): number {
  return waitingSince + deadlineMs - waitedMs;
}
