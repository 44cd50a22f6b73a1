import type { Redis } from 'ioredis';
import { SUBSCRIBE, type SubscriptionKind } from '../commands/subscription-commands.ts';
import { type ClientListener, HookedClient } from '../ioredis-internals/client-hooks.ts';
import { queuedBytes } from '../ioredis-internals/connector.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import type { IoredisCommand, PipelineStream, PushedMessage, QueuedCommand } from '../ioredis-internals/types.ts';
import type { Clock, Timer } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { ConnectionKeeper } from './connection-keeper.ts';
import type { Connection, ConnectionListener } from './connection.ts';
import type { Authenticate } from './endpoint-client.ts';

export interface DataConnectionOptions {
  readonly endpointId: string;
  readonly client: Redis;
  readonly authenticate?: Authenticate | undefined;
  readonly listener: ConnectionListener;
  readonly clock: Clock;
  /** Time for the handshake; ioredis's own `connectTimeout` ends with TCP and TLS. */
  readonly handshakeTimeoutMs: () => number;
}

/** A connection over an ioredis client whose reconnecting, queueing and failures are ours. */
export class DataConnection implements Connection, ClientListener {
  readonly endpointId: string;
  readonly send: Connection['send'];
  readonly flows = [this];
  readonly isSettling = false;
  epoch = 0;
  serverRun: string | undefined;
  #isReady = false;
  /** The stream takes no more writes, although its `close` has not come yet. */
  #isRefusing = false;
  sent = 0;
  failed = 0;
  readonly #hooked: HookedClient;
  readonly #listener: ConnectionListener;
  readonly #clock: Clock;
  readonly #handshakeTimeoutMs: () => number;
  readonly #authenticate: Authenticate | undefined;
  readonly #keeper: ConnectionKeeper;
  readonly #destination: { redis: unknown };
  #attempt: { readonly startedAt: number } | undefined;
  #closed = false;
  #onEnd: (() => void) | undefined;

  constructor(options: DataConnectionOptions) {
    this.endpointId = options.endpointId;
    this.#listener = options.listener;
    this.#clock = options.clock;
    this.#handshakeTimeoutMs = options.handshakeTimeoutMs;
    this.#authenticate = options.authenticate;
    this.#hooked = new HookedClient(options.client, this);
    const { send } = this.#hooked;
    const destination = (this.#destination = { redis: options.client });
    this.send = (command, stream) => {
      this.sent++;
      if (stream !== undefined) stream.destination = destination;
      return send(command, stream);
    };
    this.#keeper = new ConnectionKeeper(() => this.#connect());
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isRefusing;
  }

  get pending(): number {
    return this.#hooked.pending;
  }

  get head(): IoredisCommand | undefined {
    return this.#hooked.head;
  }

  get bytesRead(): number {
    return this.#hooked.bytesRead;
  }

  get bytesWritten(): number {
    return this.#hooked.stream?.bytesWritten ?? 0;
  }

  get bytesQueued(): number {
    return queuedBytes(this.#hooked.stream);
  }

  get database(): number {
    return this.#hooked.condition?.select ?? 0;
  }

  get ownDatabase(): number {
    return this.#hooked.client.options.db ?? 0;
  }

  get lastError(): Error | undefined {
    return this.#hooked.lastError;
  }

  get condition(): unknown {
    return this.#hooked.condition;
  }

  get isSubscribed(): boolean {
    return Boolean(this.#hooked.condition?.subscriber);
  }

  subscribedTo(kind: SubscriptionKind): readonly string[] {
    return this.#hooked.subscribedTo(SUBSCRIBE[kind]);
  }

  start(): void {
    this.#keeper.start();
  }

  nudge(): void {
    if (this.#isReady || this.#closed) return;
    if (this.#attempt === undefined) return this.#keeper.start();
    // An attempt that began while the endpoint did not answer can hang for long: a frozen server accepts TCP.
    if (this.#clock.now() - this.#attempt.startedAt < this.#handshakeTimeoutMs()) return;
    // rare: hanging-attempt-replaced
    this.#hooked.abandon();
    this.#keeper.start();
  }

  skip(stream: PipelineStream): void {
    stream.destination = this.#destination;
    stream.write('');
  }

  selectDatabase(database: number): Promise<unknown> {
    return this.sendOwn(ownCommand('select', [database]));
  }

  sendOwn(command: IoredisCommand): Promise<unknown> {
    return this.#hooked.sendOwn(command);
  }

  assumeDatabase(database: number): void {
    this.#hooked.selectedDatabase = database;
  }

  inFlight(): QueuedCommand[] {
    return this.#hooked.inFlight();
  }

  abandon(): QueuedCommand[] {
    this.#isReady = false;
    const items = this.#hooked.abandon();
    this.failed += items.length;
    if (!this.#closed) this.#keeper.start();
    return items;
  }

  batch(send: () => void): void {
    const { stream } = this.#hooked;
    stream?.cork();
    try {
      send();
    } finally {
      stream?.uncork();
    }
  }

  close(): void {
    this.#closed = true;
    this.#attempt = undefined;
    this.#isReady = false;
    this.#keeper.stop();
    if (this.#hooked.status !== 'end') this.#hooked.client.disconnect();
  }

  statusChanged(status: string): void {
    if (status === 'close') this.#becomeLost([]);
    else if (status === 'end') this.#onEnd?.();
  }

  connectionLost(items: QueuedCommand[]): void {
    this.failed += items.length;
    this.#becomeLost(items);
  }

  refused(item: QueuedCommand): void {
    this.sent--;
    this.#isRefusing = true;
    this.#listener.refused(this, item);
  }

  errorReply(error: Error, item: QueuedCommand): boolean {
    const isTaken = this.#listener.errorReply(this, error, item);
    if (isTaken) this.failed++;
    return isTaken;
  }

  emittedError(error: Error): void {
    if (!this.#isReady && error.name === 'ReplyError') this.#listener.handshakeRefused?.(this, error);
  }

  pushed(message: PushedMessage): void {
    this.#listener.pushed?.(this, message);
  }

  async #connect(): Promise<void> {
    const { client } = this.#hooked;
    if (this.#hooked.status !== 'wait' && this.#hooked.status !== 'end') await this.#ended(); // rare: attempt-waits-for-an-end
    if (this.#closed) return;
    const attempt = { startedAt: this.#clock.now() };
    this.#attempt = attempt;
    let limit: Timer | undefined;
    try {
      if (this.#authenticate !== undefined) await this.#authenticate();
      // A newer attempt may have begun while the application looked for credentials.
      if (this.#attempt !== attempt) return;
      limit = patientTimeout(this.#clock, this.#handshakeTimeoutMs(), () => this.#hooked.abandon());
      await client.connect();
      await this.#hooked.databaseConfirmed;
      if (this.#attempt !== attempt) return; // rare: connected-in-vain
      if (this.#hooked.status !== 'ready') throw new Error('Connection is closed.'); // rare: lost-in-the-midst-of-the-handshake
      this.#becomeReady();
    } finally {
      limit?.cancel();
      // The next attempt may have begun before this one knows of its end.
      if (this.#attempt === attempt) this.#attempt = undefined;
    }
  }

  #ended(): Promise<void> {
    return new Promise((resolve) => (this.#onEnd = resolve));
  }

  #becomeReady(): void {
    if (this.#closed) return;
    this.#isReady = true;
    this.#isRefusing = false;
    this.epoch++;
    this.serverRun = this.#hooked.serverRun;
    this.#listener.ready(this);
  }

  #becomeLost(items: QueuedCommand[]): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    if (wasReady && !this.#closed) this.#keeper.start();
    if (wasReady || items.length > 0) this.#listener.lost(this, items);
  }
}
