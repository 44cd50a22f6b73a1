import { blockingMs, canBeCalledOff, limitBlocking } from '../commands/blocking-commands.ts';
import type { Connection } from '../endpoints/connection.ts';
import { isReplaced } from '../endpoints/replaced-connections.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import { afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import type { BlockingTimeout } from '../options/command-options.ts';
import type { Clock } from '../time/clock.ts';
import { BlockingLimits } from './blocking-limits.ts';
import type { Drains } from './drains.ts';
import type { EntryBook } from './entry-book.ts';
import { type Socket, isAlive, isSameSocket, socketOf } from './socket.ts';
import type { WaitingCommand } from './waiting-command.ts';
import type { WaitingLine } from './waiting-line.ts';

/** How long to wait for a reply before the server is asked again: the command had perhaps not reached it. */
const PAUSE_MS = 20;

/** How often it is asked in all. What is still blocked then stays so. */
const MOST_CALLS = 1_000;

export interface BlockedCommandsSetup {
  readonly clock: Clock;
  readonly book: EntryBook;
  readonly line: WaitingLine;
  readonly blockingTimeout?: BlockingTimeout | undefined;
  /** Asks an endpoint something over another connection than those of commands. */
  readonly ask: (endpointId: string, name: string, args: readonly string[]) => Promise<unknown>;
  readonly drains: Pick<Drains, 'settled'>;
  /** A command waits that may be sent elsewhere. */
  readonly onChange: () => void;
}

/**
 * Moves commands that block from an endpoint that is left to the next one. CLIENT UNBLOCK makes a server answer as if their
 * time was over, unless it has an element for them: either they took one, or they can wait elsewhere, and nothing is lost.
 */
export class BlockedCommands {
  readonly #setup: BlockedCommandsSetup;
  readonly #limits: BlockingLimits;
  readonly #ids = new WeakMap<Connection, { readonly socket: Socket; readonly id: Promise<number | undefined> }>();
  /** Since when each of them blocks. */
  readonly #since = new WeakMap<IoredisCommand, number>();
  /** The latest one of each connection. */
  readonly #latest = new WeakMap<Connection, IoredisCommand>();

  constructor(setup: BlockedCommandsSetup) {
    this.#setup = setup;
    const { clock, line, blockingTimeout: timeout } = setup;
    this.#limits = new BlockingLimits({ clock, timeout, onSettled: () => line.noteSettled() });
  }

  /**
   * Has a connection tell its id. To be called when it becomes ready: while something blocks it cannot, and among the
   * commands of a pipeline or a transaction it must not.
   */
  identify(connection: Connection): void {
    const id = connection.sendOwn(ownCommand('client', ['id'])).then(
      (reply) => (Number.isSafeInteger(Number(reply)) ? Number(reply) : undefined),
      () => undefined,
    );
    this.#ids.set(connection, { socket: socketOf(connection), id });
  }

  /** A command that may block cannot be sent now. */
  waits(command: IoredisCommand): void {
    this.#limits.waits(command);
  }

  /** A command that may block is sent next. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    this.#limits.sent(command);
    if (!canBeCalledOff(command)) return;
    const begins = (): void => {
      this.#since.set(command, this.#setup.clock.now());
    };
    begins();
    // Behind another one it begins when that ends.
    const latest = this.#latest.get(connection);
    if (latest !== undefined && !isSettled(latest)) afterReply(latest, begins); // rare: blocking-command-behind-another
    this.#latest.set(connection, command);
  }

  /** Ends the waiting of whatever blocks on this connection. Never rejects. */
  async callOff(connection: Connection): Promise<void> {
    const { clock, ask, book } = this.#setup;
    const socket = socketOf(connection);
    const known = this.#ids.get(connection);
    const waiting = this.#callable(connection);
    if (waiting.length === 0 || known === undefined || !isSameSocket(known.socket, socket)) return;
    const id = await known.id;
    if (id === undefined) return;
    let settledOnes = 0;
    let wake: (() => void) | undefined;
    const settled = (): void => {
      settledOnes++;
      const next = waiting[settledOnes];
      if (next !== undefined) this.#since.set(book.originalOf(next.command), clock.now());
      wake?.();
    };
    for (const item of waiting) this.#watch(item, connection, settled);
    // Another one that is called off meanwhile is not for this loop to end: it may have been sent since.
    const commands = new Set(waiting.map(({ command }) => command));
    // By the same id another server may be asked then, where the number is that of somebody else.
    const isWaiting = (): boolean =>
      !isReplaced(connection) && connection.inFlight().some(({ command }) => commands.has(command));
    try {
      for (let calls = 0; isWaiting() && calls < MOST_CALLS && isAlive(socket); calls++) {
        const before = settledOnes;
        await ask(connection.endpointId, 'client', ['unblock', String(id)]);
        if (settledOnes > before) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          clock.after(PAUSE_MS, resolve);
        });
      }
    } catch {
      // rare: called-off-in-vain
      // It may not be allowed, or the endpoint answers nobody: then they stay where they are.
    }
  }

  #callable(connection: Connection): QueuedCommand[] {
    return connection.inFlight().filter((item) => {
      const entry = this.#setup.book.find(item.command);
      return canBeCalledOff(item.command) && entry?.transaction === undefined && !item.command.inTransaction;
    });
  }

  #watch(item: QueuedCommand, connection: Connection, onSettled: () => void): void {
    const { command } = item;
    const { resolve, reject } = command;
    const entry = this.#setup.book.entryOfItem(item, connection.endpointId);
    const { attempt } = entry;
    const settled = (): void => {
      command.resolve = resolve;
      command.reject = reject;
      onSettled();
    };
    command.resolve = (reply) => {
      settled();
      if (reply !== null) return resolve.call(command, reply); // rare: element-came-when-called-off
      const isCurrent = entry.attempt === attempt && !isSettled(entry.command);
      if (!isCurrent || !this.#hasTimeLeft(entry)) return resolve.call(command, reply);
      // rare: blocking-command-called-off
      this.#giveBack(entry, item);
    };
    command.reject = (error) => {
      settled();
      reject.call(command, error);
    };
  }

  /** For the rest of its time it waits elsewhere. */
  #hasTimeLeft({ command }: WaitingCommand): boolean {
    const now = this.#setup.clock.now();
    const leftMs = blockingMs(command) - (now - (this.#since.get(command) ?? now));
    if (leftMs === Number.POSITIVE_INFINITY) return true;
    if (leftMs < 1) return false; // rare: no-time-left-when-called-off
    limitBlocking(command, leftMs);
    return true;
  }

  #giveBack(entry: WaitingCommand, item: QueuedCommand): void {
    entry.sent = true;
    entry.attempt++;
    this.#setup.line.giveBack(entry);
    this.#setup.drains.settled([item]);
    this.#setup.onChange();
  }
}
