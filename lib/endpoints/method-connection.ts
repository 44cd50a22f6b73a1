import { SUBSCRIPTION_KINDS, type SubscriptionKind, subscriptionCommand } from '../commands/subscription-commands.ts';
import { toError } from '../errors.ts';
import { withScriptText } from '../ioredis-internals/script-text.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import type { MethodClient } from './endpoint-client.ts';

/**
 * A connection to a client that has methods but no wire protocol, such as ioredis-mock. Commands become method calls, and
 * nothing is ever sent a second time: what such a client did with a call cannot be told.
 */
export class MethodConnection implements Connection {
  readonly endpointId: string;
  /** There is no socket that could be silent. */
  readonly flows = [];
  readonly isSettling = false;
  readonly epoch = 1;
  readonly ownDatabase = 0;
  readonly lastError = undefined;
  readonly condition = undefined;
  readonly failed = 0;
  isReady = false;
  sent = 0;
  pending = 0;
  database = 0;
  /** Such a client does not tell what it hears. */
  readonly #heard: Readonly<Record<SubscriptionKind, Set<string>>> = {
    channels: new Set(),
    patterns: new Set(),
    shardChannels: new Set(),
  };
  readonly #client: MethodClient;
  readonly #listener: ConnectionListener;
  #isClosed = false;
  #transaction: IoredisCommand[] | undefined;

  constructor(setup: {
    readonly endpointId: string;
    readonly client: MethodClient;
    readonly listener: ConnectionListener;
  }) {
    this.endpointId = setup.endpointId;
    this.#client = setup.client;
    this.#listener = setup.listener;
    this.#forwardMessages();
  }

  start(): void {
    queueMicrotask(() => {
      if (this.#isClosed) return;
      this.isReady = true;
      this.#listener.ready(this);
    });
  }

  nudge(): void {
    // There is no connection that could be missing.
  }

  send(command: IoredisCommand): unknown {
    this.sent++;
    const name = command.name.toLowerCase();
    if (name === 'multi' && (command.inTransaction || this.#transaction === undefined)) this.#transaction = [];
    if (this.#transaction === undefined) this.#settle(command, this.#call(command));
    else this.#collect(name, command, this.#transaction);
    return command.promise;
  }

  skip(): void {
    // Every command is a call of its own; nothing waits for it.
  }

  selectDatabase(database: number): Promise<unknown> {
    this.database = database;
    return this.#invoke('select', [database]);
  }

  get isSubscribed(): boolean {
    return SUBSCRIPTION_KINDS.some((kind) => this.#heard[kind].size > 0);
  }

  subscribedTo(kind: SubscriptionKind): readonly string[] {
    return [...this.#heard[kind]];
  }

  sendOwn(command: IoredisCommand): Promise<unknown> {
    return this.#invoke(command.name, command.args.map(String));
  }

  assumeDatabase(database: number): void {
    this.database = database;
  }

  inFlight(): QueuedCommand[] {
    return [];
  }

  abandon(): QueuedCommand[] {
    return [];
  }

  batch(send: () => void): void {
    send();
  }

  close(): void {
    this.#isClosed = true;
    this.isReady = false;
    if (typeof this.#client['disconnect'] === 'function') (this.#client['disconnect'] as () => void).call(this.#client);
  }

  #forwardMessages(): void {
    const { on } = this.#client;
    if (typeof on !== 'function') return;
    for (const event of ['message', 'pmessage', 'smessage'] as const) {
      // Such a client emits one of the two, by how it was asked to subscribe.
      for (const emitted of [event, `${event}Buffer`]) {
        on.call(this.#client, emitted, (...args: (string | Buffer)[]) => {
          const bytes = args.map((arg, index) => (event === 'pmessage' && index === 0 ? arg : Buffer.from(arg)));
          this.#listener.pushed?.(this, { event, args: bytes });
        });
      }
    }
  }

  #call(command: IoredisCommand): Promise<unknown> {
    // Such a client knows no script, and does not always tell so in the words of a server.
    const { name: given, args } = withScriptText(command);
    const name = given.toLowerCase();
    const method = command.replyEncoding === null ? `${name}Buffer` : name;
    if (name === 'select') this.database = Number(args[0]);
    return this.#invoke(typeof this.#client[method] === 'function' ? method : name, args);
  }

  #invoke(method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve) => {
      const implementation = this.#client[method];
      if (typeof implementation !== 'function') throw new Error(`ERR unknown command '${method}'`);
      resolve((implementation as (...args: unknown[]) => unknown).apply(this.#client, [...args]));
      this.#noteSubscriptions(method, args);
    });
  }

  #noteSubscriptions(method: string, names: readonly unknown[]): void {
    const change = subscriptionCommand(method.replace('Buffer', ''));
    if (change === undefined) return;
    const heard = this.#heard[change.kind];
    if (!change.subscribes && names.length === 0) heard.clear();
    for (const name of names) {
      if (change.subscribes) heard.add(String(name));
      else heard.delete(String(name));
    }
  }

  #settle(command: IoredisCommand, reply: Promise<unknown>): void {
    this.pending++;
    reply.then(
      (value) => {
        this.pending--;
        command.resolve(value);
      },
      (error: unknown) => {
        this.pending--;
        command.reject(toError(error));
      },
    );
  }

  /** Such a client takes a transaction as a whole, so it is called when EXEC comes. */
  #collect(name: string, command: IoredisCommand, members: IoredisCommand[]): void {
    if (name !== 'multi' && name !== 'exec' && name !== 'discard') {
      members.push(command);
      return command.resolve(Buffer.from('QUEUED'));
    }
    if (name !== 'multi') this.#transaction = undefined;
    if (name === 'exec') this.#settle(command, this.#runTransaction(members));
    else command.resolve(Buffer.from('OK'));
  }

  async #runTransaction(members: readonly IoredisCommand[]): Promise<unknown> {
    const calls = members.map(withScriptText).map(({ name, args }) => [name.toLowerCase(), ...args]);
    const multi = (await this.#invoke('multi', [calls])) as { exec(): Promise<[Error | null, unknown][] | null> };
    const results = await multi.exec();
    return results?.map(([error, value]) => error ?? value) ?? null;
  }
}
