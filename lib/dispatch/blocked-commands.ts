import { blockingMs, canBeCalledOff, limitBlocking } from '../commands/blocking-commands.ts';
import type { Connection } from '../endpoints/connection.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
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
  readonly #ids = new WeakMap<Connection, { readonly socket: Socket; readonly id: Promise<string | undefined> }>();
  readonly #sentAt = new WeakMap<IoredisCommand, number>();

  constructor(setup: BlockedCommandsSetup) {
    this.#setup = setup;
  }

  /** A command that may block is sent next. Its connection has to tell its id before that, because it cannot afterwards. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    if (!canBeCalledOff(command)) return;
    this.#sentAt.set(command, this.#setup.clock.now());
    const socket = socketOf(connection);
    const known = this.#ids.get(connection);
    if (known !== undefined && isSameSocket(known.socket, socket)) return;
    const id = connection.sendOwn(ownCommand('client', ['id'])).then(String, () => undefined);
    this.#ids.set(connection, { socket, id });
  }

  /** Ends the waiting of whatever blocks on this connection. Never rejects. */
  async callOff(connection: Connection): Promise<void> {
    const { clock, ask } = this.#setup;
    const socket = socketOf(connection);
    const known = this.#ids.get(connection);
    const waiting = this.#callable(connection);
    if (waiting.length === 0 || known === undefined || !isSameSocket(known.socket, socket)) return;
    const id = await known.id;
    if (id === undefined) return;
    let open = waiting.length;
    let wake: (() => void) | undefined;
    const settled = (): void => {
      open--;
      wake?.();
    };
    for (const item of waiting) this.#watch(item, connection, settled);
    try {
      for (let calls = 0; open > 0 && calls < MOST_CALLS && isAlive(socket); calls++) {
        const before = open;
        await ask(connection.endpointId, 'client', ['unblock', id]);
        if (open < before) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          clock.after(PAUSE_MS, resolve);
        });
      }
    } catch {
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
      const isCalledOff = reply === null && entry.attempt === attempt && !isSettled(entry.command);
      if (isCalledOff && this.#hasTimeLeft(entry)) this.#giveBack(entry, item);
      else resolve.call(command, reply);
    };
    command.reject = (error) => {
      settled();
      reject.call(command, error);
    };
  }

  /** For the rest of its time it waits elsewhere. */
  #hasTimeLeft({ command }: WaitingCommand): boolean {
    const now = this.#setup.clock.now();
    const leftMs = blockingMs(command) - (now - (this.#sentAt.get(command) ?? now));
    if (leftMs === Number.POSITIVE_INFINITY) return true;
    if (leftMs < 1) return false;
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
