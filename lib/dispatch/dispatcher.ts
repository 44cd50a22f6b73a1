import { refusalReason, specialCommand } from '../commands/special-commands.ts';
import type { Connection, ConnectionListener } from '../endpoints/connection.ts';
import { GeoFailoverError } from '../errors.ts';
import { markRejection } from '../ioredis-internals/carrier.ts';
import type { IoredisCommand, PipelineStream, QueuedCommand } from '../ioredis-internals/types.ts';
import type { ResolvedOptions } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import { EntryBook } from './entry-book.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { InFlightWatch } from './in-flight-watch.ts';
import { LineRetry } from './line-retry.ts';
import { Sender } from './sender.ts';
import { surface } from './surface.ts';
import { WaitingCommand, argumentBytes } from './waiting-command.ts';
import { WaitingLine } from './waiting-line.ts';

export interface DispatcherSetup {
  readonly view: ActiveEndpointView;
  readonly options: Pick<ResolvedOptions, 'retry' | 'failover'>;
  readonly clock: Clock;
  /** ioredis's option: further attempts per command; `null` for no limit on attempts or time. */
  readonly maxRetriesPerRequest: number | null;
  readonly commandTimeoutMs: number | undefined;
  /** The database that commands are meant for at first. */
  readonly database: number;
  /** The client's connection to an endpoint. */
  readonly connectionTo: (endpointId: string) => Connection | undefined;
  /** The application sent QUIT. */
  readonly onQuit: (command: IoredisCommand) => void;
}

/**
 * The command way. While all is well a command is one field read away from its connection: no promise, timer, timestamp
 * or policy belongs to it. Only what could not be sent, or failed, becomes a {@link WaitingCommand} in the line.
 */
export class Dispatcher implements ConnectionListener {
  readonly #setup: DispatcherSetup;
  readonly #line: WaitingLine;
  readonly #book = new EntryBook();
  readonly #failed: FailedAttempts;
  readonly #sender: Sender;
  readonly #retry: LineRetry;
  /** Where commands go at once; `null` while they have to wait. */
  #open: Connection | null = null;
  /** The line's head, tried on its own on an endpoint that had refused it. */
  #trial: { head: WaitingCommand; answered: () => void; refused: (error: Error) => void } | undefined;
  readonly #drains = new Set<InFlightWatch>();
  /** The connection whose database is known to be the right one. */
  #prepared: { connection?: Connection; epoch: number } = { epoch: 0 };
  #database: number;
  #holds = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  constructor(setup: DispatcherSetup) {
    this.#setup = setup;
    const { view, clock, options, maxRetriesPerRequest } = setup;
    this.#database = setup.database;
    this.#retry = new LineRetry(options.retry);
    this.#line = new WaitingLine({
      clock,
      deadlineMs: maxRetriesPerRequest === null ? undefined : options.retry.deadlineMs,
      maxCommands: options.failover.maxWaitingCommands,
      maxBytes: options.failover.maxWaitingBytes,
      onExpired: (expired) => this.#expire(expired),
    });
    this.#failed = new FailedAttempts({
      view,
      line: this.#line,
      book: this.#book,
      caps: options.retry,
      maxFurtherAttempts: maxRetriesPerRequest ?? Number.POSITIVE_INFINITY,
      onChange: () => this.refresh(),
      onTrialRefused: (entry, error) => {
        if (this.#trial?.head === entry) this.#trial.refused(error);
      },
    });
    this.#sender = new Sender({
      book: this.#book,
      caps: options.retry,
      epoch: () => view.epoch,
      onAnswered: (entry) => {
        if (this.#trial?.head === entry) this.#trial.answered();
      },
    });
  }

  /** Commands that wait. */
  get waiting(): number {
    return this.#line.length;
  }

  /** Where healthy commands go right now. */
  get openConnection(): Connection | null {
    return this.#open;
  }

  /** Every command of the application comes through here. */
  send(command: IoredisCommand, stream?: PipelineStream): unknown {
    if (specialCommand(command.name) !== null && this.#takeSpecial(command)) return command.promise;
    if (stream !== undefined && (command.inTransaction || command.name === 'exec')) {
      this.#book.transactions.note(command, stream);
    }
    if (this.#setup.commandTimeoutMs !== undefined) this.#limit(command, this.#setup.commandTimeoutMs);
    const connection = this.#open;
    if (connection !== null) return connection.send(command, stream);
    this.#enqueue(command, stream);
    return command.promise;
  }

  ready(): void {
    this.refresh();
  }

  lost(connection: Connection, items: QueuedCommand[]): void {
    if (this.#open === connection) this.#open = null;
    this.#settleDrains(items);
    if (this.#isActive(connection)) this.#endTrial();
    if (this.#isClosed) return this.#rejectLost(items, connection);
    this.#failed.lost(connection, items);
    if (this.#isActive(connection)) this.#setup.view.suspect(connection.endpointId, 'connection-lost');
    this.refresh();
  }

  refused(connection: Connection, item: QueuedCommand): void {
    if (this.#open === connection) this.#open = null;
    this.#failed.refused(connection, item);
  }

  errorReply(connection: Connection, error: Error, item: QueuedCommand): boolean {
    const isTaken = this.#failed.errorReply(connection, error, item);
    // ioredis believes in a SELECT as soon as it is written, and would repeat a refused one after a reconnect.
    if (specialCommand(item.command.name) === 'select') connection.assumeDatabase(this.#database);
    this.#settleDrains([item]);
    return isTaken;
  }

  /** Keeps new commands in the line until {@link release}. */
  hold(): void {
    this.#holds++;
    this.#open = null;
  }

  release(): void {
    this.#holds--;
    this.refresh();
  }

  /** Resolves when nothing is in flight on the connection to this endpoint any more, or when the time is up. */
  drained(endpointId: string, deadlineMs: number): Promise<boolean> {
    const connection = this.#setup.connectionTo(endpointId);
    if (connection === undefined || !connection.isReady) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (isDrained: boolean): void => {
        limit.cancel();
        watch.stop();
        this.#drains.delete(watch);
        resolve(isDrained);
      };
      const limit = patientTimeout(this.#setup.clock, deadlineMs, () => finish(false));
      const watch = new InFlightWatch(
        connection,
        (_item, deliver) => deliver(),
        () => finish(true),
      );
      this.#drains.add(watch);
      if (watch.isEmpty) finish(true);
    });
  }

  /** Gives up the connection to an endpoint; what was in flight is settled or moved. */
  abandon(endpointId: string): void {
    const connection = this.#setup.connectionTo(endpointId);
    if (connection === undefined) return;
    if (this.#open === connection) this.#open = null;
    const items = connection.abandon();
    this.#settleDrains(items);
    this.#failed.lost(connection, items);
  }

  /** The active endpoint is another one now: what waited for the old one need not wait any longer. */
  activeChanged(): void {
    this.#open = null;
    this.#endTrial();
    this.refresh();
  }

  /** Decides anew whether commands flow. To be called after every change of what the decision rests on. */
  refresh(): void {
    const connection = this.#usableConnection();
    if (connection === undefined) {
      this.#open = null;
      return;
    }
    this.#selectDatabaseOn(connection);
    if (this.#line.length > 0 && !this.#retry.isRunning) this.#releaseTo(connection);
    const isFlowing = this.#line.length === 0 && !this.#retry.isRunning && this.#usableConnection() === connection;
    this.#open = isFlowing ? connection : null;
    if (isFlowing) this.#onIdle?.();
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    if (this.#line.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Ends the command way: whatever waits is rejected, and so is whatever comes. */
  close(): void {
    this.#isClosed = true;
    this.#open = null;
    this.#retry.cancel();
    for (const entry of this.#line.takeAll()) this.#surface(entry, 'GEO_CLIENT_CLOSED');
    this.#onIdle?.();
  }

  #usableConnection(): Connection | undefined {
    const { view, connectionTo } = this.#setup;
    if (this.#isClosed || this.#holds > 0 || this.#failed.isSettling) return undefined;
    if (!view.isServing(view.activeEndpointId)) return undefined;
    const connection = connectionTo(view.activeEndpointId);
    return connection?.isReady === true ? connection : undefined;
  }

  #isActive(connection: Connection): boolean {
    return connection.endpointId === this.#setup.view.activeEndpointId;
  }

  #releaseTo(connection: Connection): void {
    const failure = this.#line.head?.failure;
    const wasRefusedHere =
      failure !== undefined && failure.kind !== 'ambiguous' && failure.endpointId === connection.endpointId;
    if (!wasRefusedHere) this.#sender.send(this.#line.takeAll(), connection);
    else this.#retry.start(() => this.#tryHead());
  }

  /** Sends the line's head alone, to see whether the endpoint takes commands again. Rejects when it refuses. */
  #tryHead(): Promise<void> {
    const connection = this.#usableConnection();
    if (connection === undefined) return Promise.reject(new Error('The endpoint is being looked at.'));
    const sent = this.#sender.send(this.#line.takeHead(), connection);
    const [head] = sent;
    if (head === undefined) {
      // Nothing of it may go to this endpoint; the next one's turn.
      this.#endTrial();
      queueMicrotask(() => this.refresh());
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#trial = {
        head,
        answered: () => {
          this.#endTrial();
          resolve();
          this.refresh();
        },
        refused: (error) => {
          this.#trial = undefined;
          reject(error);
        },
      };
    });
  }

  #endTrial(): void {
    this.#trial = undefined;
    this.#retry.cancel();
  }

  /** Once for each new connection: from then on the application's own SELECTs keep it right. */
  #selectDatabaseOn(connection: Connection): void {
    if (this.#prepared.connection === connection && this.#prepared.epoch === connection.epoch) return;
    this.#prepared = { connection, epoch: connection.epoch };
    if (connection.database !== this.#database) connection.selectDatabase(this.#database);
  }

  #settleDrains(items: readonly QueuedCommand[]): void {
    for (const watch of this.#drains) for (const { command } of items) watch.settled(command);
  }

  #rejectLost(items: readonly QueuedCommand[], connection: Connection): void {
    const { view } = this.#setup;
    const failure = { kind: 'ambiguous', endpointId: connection.endpointId, epoch: view.epoch } as const;
    for (const item of items) {
      const entry = this.#book.entryOfItem(item, connection.endpointId);
      entry.failure = { ...failure, error: connection.lastError };
      this.#surface(entry, 'GEO_CLIENT_CLOSED');
    }
  }

  #enqueue(command: IoredisCommand, stream: PipelineStream | undefined): void {
    const { view } = this.#setup;
    const entry = this.#book.entryOfItem({ command, stream }, view.activeEndpointId);
    if (this.#isClosed) return this.#surface(entry, 'GEO_CLIENT_CLOSED');
    const bytes = argumentBytes(command);
    if (!this.#line.hasRoomFor(bytes)) return this.#surface(entry, 'GEO_LINE_OVERFLOW');
    this.#line.push(entry, bytes);
  }

  #expire(expired: readonly WaitingCommand[]): void {
    const code = this.#setup.view.hasHealthyEndpoint ? 'GEO_DEADLINE_EXCEEDED' : 'GEO_NO_HEALTHY_ENDPOINT';
    for (const entry of expired) this.#surface(entry, code);
    this.refresh();
  }

  #surface(entry: WaitingCommand, code: Parameters<typeof surface>[1]): void {
    const { activeEndpointId, epoch, retryAfterMs } = this.#setup.view;
    surface(entry, code, { endpointId: activeEndpointId, epoch, retryAfterMs });
  }

  /** ioredis counts `commandTimeout` from the call on, and over all attempts. */
  #limit(command: IoredisCommand, timeoutMs: number): void {
    markRejection(command);
    command.setTimeout(timeoutMs);
  }

  /** @returns whether the command needs nothing more. */
  #takeSpecial(command: IoredisCommand): boolean {
    switch (specialCommand(command.name)) {
      case 'quit':
        this.#setup.onQuit(command);
        return true;
      case 'refused': {
        const name = command.name.toUpperCase();
        const message = `${name} cannot be used through this client: ${refusalReason(command.name)}`;
        command.reject(new GeoFailoverError('GEO_UNSUPPORTED_COMMAND', message, { outcome: 'not-executed' }));
        return true;
      }
      default:
        this.#followSelect(command);
        return false;
    }
  }

  /** A database counts as selected when the server said so, not when it was asked. */
  #followSelect(command: IoredisCommand): void {
    const database = Number(command.args[0]);
    const { resolve } = command;
    command.resolve = (reply) => {
      this.#database = database;
      resolve.call(command, reply);
    };
  }
}
