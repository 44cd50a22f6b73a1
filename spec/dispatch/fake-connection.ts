import type { SubscriptionKind } from '../../lib/commands/subscription-commands.ts';
import type { Connection, ConnectionListener } from '../../lib/endpoints/connection.ts';
import type { IoredisCommand, PipelineStream, QueuedCommand } from '../../lib/ioredis-internals/types.ts';
import { parse, print, replyError } from './commands.ts';

/** A connection to a server that a spec plays: commands wait in `queue` until they are answered. */
export class FakeConnection implements Connection {
  readonly endpointId: string;
  readonly flows = [this];
  isSettling = false;
  epoch = 1;
  isReady = true;
  /** The stream takes no more writes, and nobody knows yet. */
  isBroken = false;
  sent = 0;
  failed = 0;
  database = 0;
  ownDatabase = 0;
  bytesRead = 0;
  readonly bytesWritten = 0;
  readonly bytesQueued = 0;
  lastError: Error | undefined;
  heard: Partial<Record<SubscriptionKind, readonly string[]>> = {};
  isSubscribed = false;
  condition: unknown = { select: 0 };
  serverRun: string | undefined;
  queue: QueuedCommand[] = [];
  /** Everything that was written, in order; one line per write. */
  readonly written: string[] = [];
  batches = 0;
  /** Commands of pipelines that were not sent after all. */
  skipped = 0;
  readonly #listener: Partial<ConnectionListener>;
  /** Commands of the connection's own, which its owner does not hear of. */
  readonly #own = new WeakSet<IoredisCommand>();

  constructor(endpointId: string, listener: Partial<ConnectionListener> = {}) {
    this.endpointId = endpointId;
    this.#listener = listener;
  }

  get pending(): number {
    return this.queue.length;
  }

  get head(): IoredisCommand | undefined {
    return this.queue[0]?.command;
  }

  start(): void {
    this.isReady = true;
  }

  nudge(): void {
    // It is where the spec put it.
  }

  send(command: IoredisCommand, stream: PipelineStream | undefined): unknown {
    if (this.isBroken) {
      this.isReady = false;
      this.#listener.refused?.(this, { command, stream });
      return command.promise;
    }
    this.sent++;
    this.written.push(print(command));
    this.queue.push({ command, stream, select: this.database });
    // ioredis believes in a SELECT as soon as it is written.
    if (command.name === 'select') this.database = Number(command.args[0]);
    return command.promise;
  }

  skip(): void {
    this.skipped++;
  }

  subscribedTo(kind: SubscriptionKind): readonly string[] {
    return this.heard[kind] ?? [];
  }

  /** The server answers it by {@link answer} or {@link refuse}. */
  selectDatabase(database: number): Promise<unknown> {
    this.database = database;
    return this.sendOwn(parse(`select ${database}`));
  }

  /** The same. */
  sendOwn(command: IoredisCommand): Promise<unknown> {
    this.written.push(print(command));
    this.#own.add(command);
    this.queue.push({ command });
    return command.promise;
  }

  assumeDatabase(database: number): void {
    this.database = database;
  }

  inFlight(): QueuedCommand[] {
    return this.queue.filter(({ command }) => !this.#own.has(command));
  }

  abandon(): QueuedCommand[] {
    this.isReady = false;
    return this.#takeAll();
  }

  batch(send: () => void): void {
    this.batches++;
    send();
  }

  close(): void {
    this.isReady = false;
  }

  /** The server answers the oldest command. */
  answer(reply: unknown = 'OK'): void {
    this.#shift().command.resolve(typeof reply === 'string' ? Buffer.from(reply) : reply);
  }

  /** The server answers the oldest command with an error. */
  refuse(message: string): void {
    const item = this.#shift();
    const error = replyError(message);
    const isTaken = !this.#own.has(item.command) && this.#listener.errorReply?.(this, error, item) === true;
    if (!isTaken) item.command.reject(error);
  }

  /** The server did not execute the oldest command, which has to go another way. */
  giveBack(): void {
    this.sent--;
    this.#listener.refused?.(this, this.#shift());
  }

  lose(reason = new Error('read ECONNRESET')): void {
    this.isReady = false;
    this.lastError = reason;
    this.#listener.lost?.(this, this.#takeAll());
  }

  reconnect(): void {
    this.isReady = true;
    this.isBroken = false;
    this.epoch++;
    this.#listener.ready?.(this);
  }

  #takeAll(): QueuedCommand[] {
    const items = this.inFlight();
    for (const { command } of this.queue.splice(0)) {
      if (this.#own.has(command)) command.reject(new Error('Connection is closed.'));
    }
    return items;
  }

  #shift(): QueuedCommand {
    const item = this.queue.shift();
    if (item === undefined) throw new Error(`nothing is in flight to ${this.endpointId}`);
    return item;
  }
}
