import type { SubscriptionKind } from '../../commands/subscription-commands.ts';
import type { SlotLayout } from '../../ioredis-internals/cluster-look.ts';
import { ownCommand } from '../../ioredis-internals/own-command.ts';
import type { IoredisCommand, PipelineStream, QueuedCommand } from '../../ioredis-internals/types.ts';
import type { Connection, ConnectionListener, Flow } from '../connection.ts';
import type { DataConnection } from '../data-connection.ts';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import { type ClusterParts, type ClusterPartsSetup, createClusterParts } from './cluster-parts.ts';
import type { ClusterNode } from './node-pool.ts';

type Given = 'endpointId' | 'cluster' | 'clock' | 'handshakeTimeoutMs' | 'retireMs';

export type ClusterConnectionOptions = Pick<ClusterPartsSetup, Given> & { readonly listener: ConnectionListener };

/**
 * A connection to a Cluster: one to each node that serves slots, and others for what is heard.
 *
 * It is ready while every slot is served by a node that is connected. When one is lost, what was in flight there is lost,
 * and all commands wait until the Cluster has recovered, or is left.
 */
export class ClusterConnection implements Connection {
  readonly endpointId: string;
  readonly send: Connection['send'];
  readonly database = 0;
  epoch = 0;
  sent = 0;
  failed = 0;
  lastError: Error | undefined;
  readonly #cluster: ClusterEndpoint;
  readonly #listener: ConnectionListener;
  readonly #parts: ClusterParts;
  #isReady = false;
  /** A node takes no more writes, although the end of its connection has not come yet. */
  #isRefusing = false;
  #isClosed = false;

  constructor(options: ClusterConnectionOptions) {
    this.endpointId = options.endpointId;
    this.#cluster = options.cluster;
    this.#listener = options.listener;
    this.#parts = createClusterParts({
      ...options,
      isUsable: () => this.isReady,
      onLearned: (keys) => this.#learned(keys),
      onRefused: (error) => this.#noteError(error),
      onHeld: () => this.#listener.ready(this),
      onNoSubscriber: () => this.#update(),
      giveBack: (items) => this.#giveBack(items),
      answered: (items) => {
        this.sent -= items.length;
      },
      listenerOfNode: (node) => this.#listenerOf(node),
      listenerOfSubscriber: (node) => this.#subscriberListenerOf(node),
      // Later: ioredis 6 has the command's reply in its hands.
      onShardMoved: (node) => queueMicrotask(() => this.#lost(node, () => this.#parts.subscribers.giveUp(node))),
    });
    const { sender } = this.#parts;
    this.send = (command: IoredisCommand, stream: PipelineStream | undefined): unknown => {
      this.sent++;
      sender.send({ command, stream, select: this.ownDatabase });
      return command.promise;
    };
  }

  get isReady(): boolean {
    return this.#isReady && !this.#isRefusing;
  }

  get isSettling(): boolean {
    return this.#parts.holds.isHolding;
  }

  get flows(): readonly DataConnection[] {
    return [...this.#parts.nodes.pool.all, ...this.#parts.subscribers.pool.all].map(({ connection }) => connection);
  }

  get pending(): number {
    return this.flows.reduce((sum, { pending }) => sum + pending, 0);
  }

  get ownDatabase(): number {
    return this.#cluster.database;
  }

  get condition(): unknown {
    return this.#parts.nodes.nodeFor(undefined)?.connection.condition;
  }

  get slotLayout(): SlotLayout {
    return this.#parts.nodes.layout;
  }

  get isSubscribed(): boolean {
    return this.#parts.subscribers.isSubscribed;
  }

  subscribedTo(kind: SubscriptionKind): readonly string[] {
    return this.#parts.subscribers.subscribedTo(kind);
  }

  start(): void {
    this.#parts.nodes.refresh();
  }

  nudge(): void {
    this.#parts.nodes.nudge();
  }

  skip(): void {
    // Every command goes by itself; nothing waits for it.
  }

  selectDatabase(database: number): Promise<unknown> {
    return this.sendOwn(ownCommand('select', [database]));
  }

  assumeDatabase(): void {
    // There is one only.
  }

  sendOwn(command: IoredisCommand): Promise<unknown> {
    return this.#parts.sender.sendOwn(command);
  }

  inFlight(): QueuedCommand[] {
    return this.#parts.flights.of(this.flows.flatMap((flow) => flow.inFlight())).map(({ item }) => item);
  }

  abandon(flow?: Flow): QueuedCommand[] {
    this.#isReady = false;
    const lost = this.#parts.flights.land([
      ...this.#parts.nodes.pool.abandon(flow),
      ...this.#parts.subscribers.abandon(flow),
    ]);
    this.failed += lost.length;
    if (!this.#isClosed) this.#parts.nodes.refresh();
    // It may have been one that is not needed any more.
    queueMicrotask(() => this.#update());
    return lost;
  }

  batch(send: () => void): void {
    this.#parts.nodes.pool.batch(send);
  }

  close(): void {
    this.#isClosed = true;
    this.#isReady = false;
    this.#parts.nodes.close();
    this.#parts.subscribers.close();
  }

  #listenerOf(node: ClusterNode): ConnectionListener {
    return {
      ready: () => this.#update(),
      lost: (_connection, items) => this.#lost(node, () => this.#parts.flights.land(items)),
      refused: (_connection, item) => {
        this.#isRefusing = true;
        this.#giveBack(this.#parts.flights.land([item]));
      },
      errorReply: (_connection, error, item) => this.#errorReply(node, error, item),
      handshakeRefused: (_connection, error) => this.#noteError(error),
      pushed: (_connection, message) => this.#listener.pushed?.(this, message),
    };
  }

  #subscriberListenerOf(node: ClusterNode): ConnectionListener {
    const { subscribers } = this.#parts;
    return {
      ...this.#listenerOf(node),
      ready: () => {
        subscribers.ready(node);
        this.#update();
      },
      lost: (_connection, items) => {
        subscribers.lost(node);
        this.#lost(node, () => this.#parts.flights.land(items));
      },
    };
  }

  #errorReply(node: ClusterNode, error: Error, item: QueuedCommand): boolean {
    const { flights, redirections } = this.#parts;
    const flight = flights.find(item);
    if (flight === undefined) return false;
    const redirected = this.#isClosed ? false : redirections.take(node, flight, error);
    const isTaken = redirected === true || this.#listener.errorReply(this, redirected || error, flight.item);
    if (isTaken && redirected !== true) this.failed++;
    if (!isTaken && redirected !== false) flight.item.command.reject(redirected);
    if (isTaken || redirected !== false) flights.landed(flight);
    // The other node may have to be connected first.
    if (redirected === true) this.#update();
    return isTaken || redirected !== false;
  }

  /** The connection to a node is gone. */
  #lost(node: ClusterNode, take: () => QueuedCommand[]): void {
    const wasReady = this.#isReady;
    this.#isReady = false;
    this.lastError = node.connection.lastError;
    const items = take();
    this.failed += items.length;
    this.#isReady = wasReady && this.#isComplete;
    if (!this.#isClosed) this.#parts.nodes.refresh();
    if (wasReady !== this.#isReady || items.length > 0) this.#listener.lost(this, items);
  }

  /** Nodes were learned that serve slots now. */
  #learned(keys: ReadonlySet<string>): void {
    const isInterrupted = this.#parts.subscribers.keep(keys);
    if (isInterrupted && this.#isReady) this.#becomeUnready();
    this.#update();
  }

  #update(): void {
    if (this.#isClosed) return;
    const isComplete = this.#isComplete;
    if (!isComplete && this.#isReady) return this.#becomeUnready();
    if (!isComplete || this.isReady) return;
    if (!this.#isReady) this.epoch++;
    this.#isReady = true;
    this.#isRefusing = false;
    this.#listener.ready(this);
  }

  #becomeUnready(): void {
    this.#isReady = false;
    this.#parts.nodes.refresh();
    this.#listener.lost(this, []);
  }

  get #isComplete(): boolean {
    return this.#parts.nodes.isComplete && this.#parts.subscribers.isComplete;
  }

  #giveBack(items: readonly QueuedCommand[]): void {
    this.sent -= items.length;
    for (const item of items) {
      if (this.#isClosed) this.#listener.lost(this, [item]);
      else this.#listener.refused(this, item);
    }
  }

  #noteError(error: Error): void {
    this.lastError = error;
    if (error.name === 'ReplyError' && !this.#isReady) this.#listener.handshakeRefused?.(this, error);
  }
}
