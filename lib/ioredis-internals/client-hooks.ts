import type { Socket } from 'node:net';
import type { AbstractConnector, Redis } from 'ioredis';
import { ResettableConnector, resetSocket } from './connector.ts';
import { afterReply } from './settling.ts';
import {
  type ConnectionCondition,
  type IoredisCommand,
  type PipelineStream,
  type PushedMessage,
  type QueuedCommand,
  internals,
} from './types.ts';
import { withoutCommand } from './without-command.ts';

/** What the owner of a hooked client is told, always synchronously and before ioredis acts on it itself. */
export interface ClientListener {
  statusChanged(status: string): void;
  /** These user commands were written to a connection that is gone, and were not answered. They are in no queue any more. */
  connectionLost(items: QueuedCommand[]): void;
  /** ioredis did not write this user command, because its stream was not writable. */
  refused(item: QueuedCommand): void;
  /** A server answered a user command with an error. `true`: the listener settles the command. */
  errorReply(error: Error, item: QueuedCommand): boolean;
  /** An `error` event, without what it says of the command. */
  emittedError?(error: Error): void;
  /** A message of a subscription. */
  pushed?(message: PushedMessage): void;
}

/**
 * An ioredis client whose failures come to a listener instead of to the callers.
 *
 * The hooks sit on the client, not on its commands, so that a healthy command costs nothing:
 * - `setStatus('close')` runs before ioredis aborts or flushes anything: the command queue is taken there.
 * - `handleReconnection` sees every error reply.
 * - the offline queue is replaced: whatever ioredis refuses to write is pushed there.
 * - `flushQueue` would reject user commands directly.
 * - `sendCommand` on the instance is what ioredis itself calls (handshake, SELECT again): its commands are never moved.
 */
export class HookedClient {
  readonly client: Redis;
  /** Sends a user command as ioredis would. Bound, because every command goes through it. */
  readonly send: (command: IoredisCommand, stream?: PipelineStream) => unknown;
  readonly #internals: ReturnType<typeof internals>;
  readonly #listener: ClientListener;
  readonly #ownCommands = new WeakSet<IoredisCommand>();
  /** The latest `error` event: ioredis rejects commands without a cause, so this is where the reason is. */
  lastError: Error | undefined;

  /** From the INFO by which ioredis finds out whether the server is ready; `undefined` where there is none. */
  serverRun: string | undefined;

  #databaseConfirmed = Promise.resolve();
  #confirmedDatabase = 0;

  constructor(client: Redis, listener: ClientListener) {
    this.client = client;
    this.#internals = internals(client);
    this.#listener = listener;
    this.send = this.#internals.sendCommand.bind(client);
    this.#installHooks();
  }

  get status(): string {
    return this.#internals.status;
  }

  /** Marks a command as one of the client's own, which is rejected rather than moved when its connection is lost. */
  sendOwn(command: IoredisCommand): Promise<unknown> {
    this.#internals.sendCommand(command);
    return command.promise;
  }

  get pending(): number {
    return this.#internals.commandQueue.length;
  }

  get head(): IoredisCommand | undefined {
    return this.#internals.commandQueue.peekFront()?.command;
  }

  get bytesRead(): number {
    return this.#internals.stream?.bytesRead ?? 0;
  }

  get stream(): Socket | undefined {
    return this.#internals.stream;
  }

  /** @param command The one that subscribes. */
  subscribedTo(command: string): readonly string[] {
    const { subscriber } = this.#internals.condition ?? {};
    return subscriber ? subscriber.channels(command) : [];
  }

  get condition(): ConnectionCondition | undefined {
    return this.#internals.condition;
  }

  set selectedDatabase(database: number) {
    if (this.#internals.condition !== undefined) this.#internals.condition.select = database;
  }

  /**
   * Resolves when the server has answered the SELECT by which ioredis returns to its database, if there is one. ioredis
   * believes in it as soon as it is written, also when it is refused.
   */
  get databaseConfirmed(): Promise<void> {
    return this.#databaseConfirmed;
  }

  /** The user commands that were written and wait for their reply, oldest first. */
  inFlight(): QueuedCommand[] {
    return this.#internals.commandQueue.toArray().filter((item) => !this.#ownCommands.has(item.command));
  }

  /** Gives the connection up: what was not answered is returned, and nothing that was written can arrive any more. */
  abandon(): QueuedCommand[] {
    const items = this.#takeQueue();
    // A late reply would find an empty queue, and ioredis would emit that as an error nobody handles.
    this.#internals.stream?.removeAllListeners('data');
    this.#reset();
    return items;
  }

  #installHooks(): void {
    const target = this.#internals;
    const { setStatus, handleReconnection } = target;

    target.setStatus = (status, arg) => {
      if (status === 'close') this.#surrender();
      if (status === 'connect') {
        this.#confirmedDatabase = 0;
        this.serverRun = undefined;
      }
      setStatus.call(target, status, arg);
      this.#listener.statusChanged(status);
    };
    target.handleReconnection = (error, item) => {
      if (!this.#ownCommands.has(item.command) && this.#listener.errorReply(error, item)) return;
      handleReconnection.call(target, error, item);
    };
    target.flushQueue = (_error, options) => {
      if (options?.commandQueue !== false) this.#surrender();
    };
    target.sendCommand = (command, stream) => {
      this.#ownCommands.add(command);
      if (command.name === 'select') this.#followSelect(command);
      if (command.name === 'info') afterReply(command, (info) => (this.serverRun = runIn(info)));
      // Nobody awaits some of ioredis's own commands (SELECT after a reconnect).
      command.promise.catch(noop);
      return this.send(command, stream);
    };
    target.offlineQueue = {
      length: 0,
      shift: () => undefined,
      push: (item: QueuedCommand) => {
        if (this.#ownCommands.has(item.command)) item.command.reject(connectionClosed());
        else this.#listener.refused(item); // rare: refused-by-a-closing-stream
      },
    };
    target.resetOfflineQueue = noop;
    for (const event of ['message', 'pmessage', 'smessage'] as const) {
      this.client.on(`${event}Buffer`, (...args: (string | Buffer | null)[]) =>
        this.#listener.pushed?.({ event, args }),
      );
    }
    this.client.on('error', (error: Error) => {
      this.lastError = withoutCommand(error);
      this.#listener.emittedError?.(this.lastError);
    });
  }

  #followSelect(command: IoredisCommand): void {
    const database = Number(command.args[0]);
    this.#databaseConfirmed = command.promise.then(
      () => {
        this.#confirmedDatabase = database;
      },
      (error: unknown) => {
        if (error instanceof Error && error.name === 'ReplyError') this.selectedDatabase = this.#confirmedDatabase;
      },
    );
  }

  #surrender(): void {
    if (this.#internals.commandQueue.length === 0) return;
    const items = this.#takeQueue();
    this.#internals.stream?.removeAllListeners('data');
    if (items.length === 0) return;
    this.#reset();
    this.#listener.connectionLost(items);
  }

  #takeQueue(): QueuedCommand[] {
    const items = this.#internals.commandQueue.toArray();
    this.#internals.resetCommandQueue();
    this.#internals.prevCommandQueue = null;
    return items.filter((item) => {
      const own = this.#ownCommands.has(item.command);
      if (own) item.command.reject(connectionClosed());
      return !own;
    });
  }

  #reset(): void {
    const { connector, status, stream } = this.#internals;
    if (connector instanceof ResettableConnector) connector.reset();
    // A connector of the user's own, such as Sentinel's, can look for an address for as long as nobody answers it.
    else if (status === 'connecting' && stream?.destroyed !== false) (connector as AbstractConnector).disconnect();
    else resetSocket(stream);
  }
}

function runIn(info: unknown): string | undefined {
  return /^run_id:(\S+)/m.exec(String(info))?.[1];
}

function connectionClosed(): Error {
  return new Error('Connection is closed.');
}

function noop(): void {
  // Deliberately nothing.
}
