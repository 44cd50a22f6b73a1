import type { SubscriptionKind } from '../commands/subscription-commands.ts';
import type { SlotLayout } from '../ioredis-internals/cluster-look.ts';
import type { IoredisCommand, PipelineStream, PushedMessage, QueuedCommand } from '../ioredis-internals/types.ts';

/** One socket of a connection. Its replies come in the order of its commands. */
export interface Flow {
  /** Counts the connections that became ready, so that what belongs to an older one can be told. */
  readonly epoch: number;
  /** Whether commands can be written now. */
  readonly isReady: boolean;
  /** Commands that were written and not yet answered. */
  readonly pending: number;
  /** The oldest command that waits for its reply. */
  readonly head: IoredisCommand | undefined;
  /** Bytes received over the present socket. */
  readonly bytesRead: number;
  /** Bytes handed to the present socket. */
  readonly bytesWritten: number;
  /** Of those, the ones that it has not been able to pass on yet. */
  readonly bytesQueued: number;
  /** Whether the server sends it messages. */
  readonly isSubscribed: boolean;
  /** Sends a command of our own, which is never moved. */
  sendOwn(command: IoredisCommand): Promise<unknown>;
}

/** A client's way to one endpoint: what the dispatcher sends through and hears from. */
export interface Connection extends Omit<Flow, 'head' | 'bytesRead' | 'bytesWritten' | 'bytesQueued'> {
  readonly endpointId: string;
  /** Its sockets: itself, unless the endpoint is a Cluster. Each of them can be silent by itself. */
  readonly flows: readonly Flow[];
  /** What was sent and refused has to go another way, and must not be overtaken there: commands wait for a moment. */
  readonly isSettling: boolean;
  /** User commands written so far. */
  readonly sent: number;
  /** Of those, the ones that the endpoint refused or lost. */
  readonly failed: number;
  /** The database that the connection has selected. */
  readonly database: number;
  /** The one that its endpoint was configured with. */
  readonly ownDatabase: number;
  readonly lastError: Error | undefined;
  readonly condition: unknown;
  /** What tells the run of the server from others of it, where the server says so: a restart is another run. */
  readonly serverRun?: string | undefined;
  /** Of a Cluster: which nodes serve which slots. */
  readonly slotLayout?: SlotLayout;
  /** The names that it is subscribed to. */
  subscribedTo(kind: SubscriptionKind): readonly string[];

  start(): void;
  /** The endpoint is known to answer: connect now rather than after the pause. */
  nudge(): void;
  readonly send: (command: IoredisCommand, stream: PipelineStream | undefined) => unknown;
  /** One command of a pipeline is not sent after all; the pipeline's single write must not wait for it. */
  skip(stream: PipelineStream): void;
  /** Resolves when the server has done so. */
  selectDatabase(database: number): Promise<unknown>;
  /** Corrects ioredis's belief about the selected database. */
  assumeDatabase(database: number): void;
  inFlight(): QueuedCommand[];
  /**
   * Gives up what is in flight, so that nothing of it can reach the server any more, and connects anew.
   *
   * @param flow The one socket that is given up; all of them without it.
   */
  abandon(flow?: Flow): QueuedCommand[];
  /** Sends several commands in one write. */
  batch(send: () => void): void;
  /** Ends the connection for good. */
  close(): void;
}

/** What became of the commands that were in flight when somebody began to wait for them. */
export interface DrainResult {
  /** Their replies came. */
  readonly answered: number;
  /** Still in flight when the time was up. */
  readonly unanswered: number;
}

export interface ConnectionListener {
  /** It is ready, or its `isSettling` has changed. */
  ready(connection: Connection): void;
  /** The connection is gone; `items` were in flight on it. Called once for every connection that was ready. */
  lost(connection: Connection, items: QueuedCommand[]): void;
  refused(connection: Connection, item: QueuedCommand): void;
  errorReply(connection: Connection, error: Error, item: QueuedCommand): boolean;
  /** The server does not let the connection in. */
  handshakeRefused?(connection: Connection, error: Error): void;
  /** A message of a subscription. */
  pushed?(connection: Connection, message: PushedMessage): void;
}
