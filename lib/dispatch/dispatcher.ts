import { specialCommand } from '../commands/special-commands.ts';
import type { Connection, ConnectionListener, DrainResult, Flow } from '../endpoints/connection.ts';
import { limitTime } from '../ioredis-internals/carrier.ts';
import type { IoredisCommand, PipelineStream, QueuedCommand } from '../ioredis-internals/types.ts';
import { BlockedCommands } from './blocked-commands.ts';
import { ConnectionState } from './connection-state.ts';
import { currentCaps, currentClassify, currentLimits } from './current-rules.ts';
import type { DispatcherSetup } from './dispatcher-setup.ts';
import { Drains } from './drains.ts';
import { EntryBook } from './entry-book.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { Gate } from './gate.ts';
import { LineRelease } from './line-release.ts';
import { Rejections } from './rejections.ts';
import { SpecialHandling } from './special-handling.ts';
import { argumentBytes } from './waiting-command.ts';
import { WaitingLine } from './waiting-line.ts';

/**
 * The command way. While all is well a command is one field read away from its connection: no promise, timer, timestamp
 * or policy belongs to it. Only what could not be sent, or failed, becomes a {@link WaitingCommand} in the line.
 */
export class Dispatcher implements Omit<ConnectionListener, 'ready'> {
  readonly #setup: DispatcherSetup;
  readonly #commandTimeoutMs: number | undefined;
  readonly #gate: Gate;
  readonly #line: WaitingLine;
  readonly #book: EntryBook;
  readonly #failed: FailedAttempts;
  readonly #rejections: Rejections;
  readonly #release: LineRelease;
  readonly #drains: Drains;
  readonly state: ConnectionState;
  readonly blocked: BlockedCommands;
  readonly #special: SpecialHandling;
  /** Where commands go at once; `null` while they have to wait. */
  #open: Connection | null = null;
  readonly #noteSettled = (): void => this.#line.noteSettled();
  /** Nobody watches, because there is nothing to watch. The next command changes that. */
  #isParked = false;

  constructor(setup: DispatcherSetup) {
    const { view, clock, options, connectionTo, maxRetriesPerRequest } = setup;
    this.#setup = setup;
    this.#commandTimeoutMs = setup.commandTimeoutMs;
    this.state = new ConnectionState({ ...setup, onChange: () => this.refresh() });
    const book = new EntryBook(currentClassify(options));
    this.#book = book;
    const onChange = (): void => this.refresh();
    const caps = currentCaps(options);
    this.#gate = new Gate({ view, connectionTo, isSettling: (connection) => this.#failed.isSettling(connection) });
    this.#drains = new Drains(clock);
    this.#rejections = new Rejections(view, book, this.state);
    this.#line = new WaitingLine({
      clock,
      limits: currentLimits(options, maxRetriesPerRequest === null),
      onExpired: (expired) => {
        this.#rejections.expired(expired);
        this.refresh();
      },
    });
    const line = this.#line;
    this.blocked = new BlockedCommands({ ...setup, book, line, drains: this.#drains, onChange });
    this.#special = new SpecialHandling({
      clock,
      gate: this.#gate,
      state: this.state,
      book,
      blocked: this.blocked,
      epoch: () => view.epoch,
      onBound: () => void (this.#open = null),
      onUnbound: onChange,
      onQuit: setup.onQuit,
    });
    this.#failed = new FailedAttempts({
      clock,
      view,
      line,
      book,
      database: this.state.database,
      caps,
      maxFurtherAttempts: maxRetriesPerRequest ?? Number.POSITIVE_INFINITY,
      onChange,
      onOvertaken: (command) => this.state.overtaken(command),
      onRefused: (entry, error) => this.#release.refused(entry, error),
    });
    this.#release = new LineRelease({
      ...{ clock, line, book },
      database: this.state.database,
      special: this.#special,
      ...{ options, caps },
      epoch: () => view.epoch,
      connection: () => this.#gate.connection,
      ...{ onPassed: onChange, onBackoffFailed: setup.onBackoffFailed },
    });
  }

  /** Every command of the application comes through here. A function of its own, so that nothing stands before it. */
  readonly send = (command: IoredisCommand, stream?: PipelineStream): unknown => {
    const isSpecial = specialCommand(command.name) !== null;
    if (isSpecial && !this.#gate.isClosed && this.#special.take(command, stream)) {
      this.#gate.skipIn(stream);
      return command.promise;
    }
    if (stream !== undefined && (command.inTransaction || command.name === 'exec')) {
      this.#book.transactions.note(command, stream);
    }
    if (this.#commandTimeoutMs !== undefined) limitTime(command, this.#commandTimeoutMs, this.#noteSettled);
    const connection = this.#open ?? this.#wake();
    if (connection !== null) {
      if (isSpecial) this.#special.sentTo(command, connection);
      return connection.send(command, stream);
    }
    this.#enqueue(command, stream);
    return command.promise;
  };

  lost(connection: Connection, items: QueuedCommand[]): void {
    const { view, connectionTo } = this.#setup;
    // Not one that was replaced, nor one that shall replace it: they say nothing of how it is.
    const isActive = connection === connectionTo(view.activeEndpointId);
    if (this.#open === connection) this.#open = null;
    this.#drains.settled(items);
    if (isActive) this.#release.cancelTrial();
    if (this.#gate.isClosed) return this.#rejections.closed(this.#line.takeAll(), items, connection); // rare: in-flight-at-the-close
    this.#failed.lost(connection, items);
    if (isActive) view.suspect(connection.endpointId, 'connection-lost');
    this.refresh();
  }

  refused(connection: Connection, item: QueuedCommand): void {
    if (this.#open === connection) this.#open = null;
    this.#drains.settled([item]);
    this.#failed.refused(connection, item);
  }

  errorReply(connection: Connection, error: Error, item: QueuedCommand): boolean {
    const isTaken = this.#failed.errorReply(connection, error, item);
    if (specialCommand(item.command.name) === 'select') this.state.database.selectFailed(connection);
    this.#drains.settled([item], { areAnswered: !isTaken });
    return isTaken;
  }

  /**
   * Lets whoever watches the connection rest until `onWake`. To be called while nothing is in flight.
   *
   * @returns whether it may: what waits will be in flight without a new command.
   */
  park(): boolean {
    if (!this.isIdle) return false;
    this.#isParked = true;
    this.#open = null;
    return true;
  }

  /** Keeps new commands in the line until {@link release}. */
  hold(): void {
    this.#gate.hold();
    this.#open = null;
  }

  /** @returns how many waited. */
  release(): number {
    const waiting = this.#line.length;
    this.#gate.release();
    this.refresh();
    return waiting;
  }

  /** Resolves when nothing is in flight on this connection any more, or when the time is up. */
  drained(connection: Connection | undefined, deadlineMs: number): Promise<DrainResult> {
    return this.#drains.drained(connection, deadlineMs);
  }

  /** Gives up a connection; what was in flight is settled or moved. */
  abandon(connection: Connection | undefined, flow?: Flow): void {
    if (connection === undefined) return;
    if (this.#open === connection) this.#open = null;
    if (connection === this.#setup.connectionTo(this.#setup.view.activeEndpointId)) this.#release.cancelTrial();
    const items = connection.abandon(flow);
    this.#drains.settled(items);
    // Replies come in order, so that the oldest command may be what all others wait for.
    this.#failed.lost(connection, items, items[0]);
  }

  /** The active endpoint is another one now: what waited for the old one need not wait any longer. */
  activeChanged(): void {
    this.#release.cancelTrial();
    this.#special.bound.leave();
    this.refresh();
  }

  /** Decides anew whether commands flow. To be called after every change of what the decision rests on. */
  refresh(): void {
    const connection = this.#gate.connection;
    this.#open = null;
    if (this.#gate.isClosed) return this.#rejections.closed(this.#line.takeAll());
    if (!this.#setup.mayQueueOffline && !this.#gate.isOpenSoon) return this.#rejections.offline(this.#line.takeAll()); // rare: offline-without-a-queue
    if (connection === undefined || !this.state.isRestoredOn(connection)) return;
    this.#failed.commandsGoTo(connection);
    if (!this.isIdle && !this.#release.isTrying) this.#release.to(connection);
    const isClear = this.isIdle && !this.#release.isTrying && !this.#gate.isEnding;
    if (!isClear || this.#isParked || this.#special.bound.isBinding || this.#gate.connection !== connection) return;
    this.#open = connection;
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#line.length === 0;
  }

  /** Resolves when nothing waits any more. */
  idle(): Promise<void> {
    return this.#line.idle();
  }

  /** Ends the command way: whatever waits is rejected, and so is whatever comes. */
  close(): void {
    this.#gate.close();
    this.#release.cancelTrial();
    this.refresh();
    this.#drains.end();
  }

  /** The first command after a pause. @returns where it can go at once. */
  #wake(): Connection | null {
    if (!this.#isParked) return null;
    this.#isParked = false;
    this.#setup.onWake();
    this.refresh();
    return this.#open;
  }

  #enqueue(command: IoredisCommand, stream: PipelineStream | undefined): void {
    this.#gate.skipIn(stream);
    const entry = this.#book.entryOfItem({ command, stream }, this.#setup.view.activeEndpointId);
    if (this.#gate.isEnding) return this.#rejections.tooLate(entry); // rare: command-after-the-close
    const leavesAtOnce = this.#special.bound.bind(entry) && this.#gate.connection !== undefined;
    const bytes = argumentBytes(command);
    if (!leavesAtOnce && !this.#line.admits(entry, bytes)) return this.#rejections.reject(entry, 'GEO_LINE_OVERFLOW'); // rare: line-overflow
    this.#special.waits(command);
    this.#line.push(entry, bytes);
    // In the same turn, and at once with what is called behind it.
    if (leavesAtOnce) queueMicrotask(() => this.refresh());
    // Later, because a caller who tries again at once would keep the event loop from hearing of a connection.
    if (!this.#setup.mayQueueOffline) this.#setup.clock.afterPoll(() => this.refresh());
  }
}
