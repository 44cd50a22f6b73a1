import { keySlot } from '../../commands/key-slot.ts';
import { SUBSCRIBE, type SubscriptionKind, subscriptionCommand } from '../../commands/subscription-commands.ts';
import type { NodeAddress } from '../../ioredis-internals/cluster-source.ts';
import { ownCommand } from '../../ioredis-internals/own-command.ts';
import type { IoredisCommand, QueuedCommand } from '../../ioredis-internals/types.ts';
import type { Clock } from '../../time/clock.ts';
import { patientTimeout } from '../../time/patient-timeout.ts';
import type { ClusterNode, NodePool } from './node-pool.ts';

export interface ClusterSubscribersSetup {
  readonly pool: NodePool;
  readonly clock: Clock;
  /** For a connection to get ready. */
  readonly handshakeTimeoutMs: () => number;
  /** The node that serves a slot, or any one that serves some. */
  readonly ownerOf: (slot: number | undefined) => NodeAddress | undefined;
}

/**
 * The connections over which messages come. They are of their own, because by RESP2 nothing else may be sent over them.
 * Messages of shard channels come from the node of their slot, all others from any one.
 */
export class ClusterSubscribers {
  readonly pool: NodePool;
  readonly #setup: ClusterSubscribersSetup;
  /** Those that were connected once, so that something is heard over them. */
  readonly #established = new WeakSet<ClusterNode>();
  readonly #waiting = new Map<ClusterNode, Set<(isReady: boolean) => void>>();
  /** Own commands that were not answered yet: ioredis 5 forgets those that the wrong node refuses. */
  readonly #unanswered = new Map<ClusterNode, Set<(error: Error) => void>>();
  /** The same for those of the application. */
  readonly #asked = new Map<ClusterNode, Set<QueuedCommand>>();
  #classic: string | undefined;

  constructor(setup: ClusterSubscribersSetup) {
    this.#setup = setup;
    this.pool = setup.pool;
  }

  /** Whether everything that was heard is heard still. */
  get isComplete(): boolean {
    for (const node of this.pool.nodes) {
      if (!node.connection.isReady && this.#established.has(node)) return false;
    }
    return true;
  }

  get isSubscribed(): boolean {
    return this.pool.all.some(({ connection }) => connection.isSubscribed);
  }

  subscribedTo(kind: SubscriptionKind): readonly string[] {
    return [...this.pool.nodes].flatMap(({ connection }) => [...connection.subscribedTo(kind)]);
  }

  /** The connection that a command has to go over, begun now if there is none. */
  nodeFor(command: IoredisCommand): ClusterNode | undefined {
    const [channel] = command.args as (string | Buffer | undefined)[];
    const isSharded = subscriptionCommand(command.name)?.kind === 'shardChannels' && channel !== undefined;
    const known = isSharded ? undefined : this.pool.get(this.#classic);
    if (known !== undefined) return known;
    const address = this.#setup.ownerOf(isSharded ? keySlot(channel) : undefined);
    if (address === undefined) return undefined;
    const node = this.pool.ensure(address);
    if (!isSharded) this.#classic = node.key;
    return node;
  }

  /** Calls back when the connection is ready, or is not within its time. */
  whenReady(node: ClusterNode, then: (isReady: boolean) => void): void {
    if (node.connection.isReady) return then(true);
    const { clock, handshakeTimeoutMs } = this.#setup;
    const waiting = this.#waiting.get(node) ?? new Set();
    this.#waiting.set(node, waiting);
    const limit = patientTimeout(clock, handshakeTimeoutMs(), () => told(false));
    const told = (isReady: boolean): void => {
      limit.cancel();
      if (waiting.delete(told)) then(isReady);
    };
    waiting.add(told);
  }

  /** Closes connections to nodes that serve nothing any more. @returns whether something was heard over one of them. */
  keep(keys: ReadonlySet<string>): boolean {
    const left = [...this.pool.nodes].filter(({ key }) => !keys.has(key));
    for (const node of left) this.lost(node);
    this.pool.keep(keys);
    return left.some((node) => this.#established.has(node));
  }

  /** From now on the connection is expected to be there. */
  expect(node: ClusterNode): void {
    this.#established.add(node);
  }

  /** Follows a command of the application. @returns what has to be called when it is answered. */
  follow(item: QueuedCommand, node: ClusterNode): () => void {
    const asked = this.#asked.get(node) ?? new Set();
    this.#asked.set(node, asked.add(item));
    return () => void asked.delete(item);
  }

  /** Gives up a connection. @returns what was not answered over it. */
  giveUp(node: ClusterNode): QueuedCommand[] {
    const asked = [...(this.#asked.get(node) ?? [])];
    this.#asked.delete(node);
    this.abandon(node.connection);
    return asked;
  }

  async sendOwn(command: IoredisCommand): Promise<unknown> {
    const node = this.nodeFor(command);
    if (node === undefined) throw closed();
    const isReady = await new Promise<boolean>((resolve) => this.whenReady(node, resolve));
    if (!isReady) throw closed();
    return new Promise((resolve, reject) => {
      const unanswered = this.#unanswered.get(node) ?? new Set();
      this.#unanswered.set(node, unanswered.add(reject));
      const answered = (): void => void unanswered.delete(reject);
      // Whoever is told that the wrong node was asked would take that for the last word.
      const refused = (error: Error): void => reject(error.message.startsWith('MOVED ') ? closed() : error);
      node.connection.sendOwn(command).then(resolve, refused).finally(answered);
    });
  }

  ready(node: ClusterNode): void {
    this.expect(node);
    this.#tell(node, true);
  }

  /** What was asked of it and not answered is not answered any more. */
  lost(node: ClusterNode): void {
    this.#tell(node, false);
    for (const reject of this.#unanswered.get(node) ?? []) reject(closed());
    this.#unanswered.delete(node);
  }

  /** SUNSUBSCRIBE without names means those of all nodes. */
  unsubscribeEverywhere(command: IoredisCommand): void {
    const kind = subscriptionCommand(command.name)?.kind;
    if (kind !== 'shardChannels' || command.args.length > 0) return;
    for (const { connection } of this.pool.nodes) {
      const names = connection.subscribedTo(kind);
      const unsubscribe = SUBSCRIBE[kind].replace('subscribe', 'unsubscribe');
      for (const name of names) connection.sendOwn(ownCommand(unsubscribe, [name])).catch(() => undefined);
    }
  }

  abandon(connection?: unknown): QueuedCommand[] {
    for (const node of this.pool.all) {
      if (connection === undefined || node.connection === connection) this.lost(node);
    }
    return this.pool.abandon(connection);
  }

  close(): void {
    for (const node of this.pool.all) this.lost(node);
    this.pool.close();
  }

  #tell(node: ClusterNode, isReady: boolean): void {
    const waiting = this.#waiting.get(node) ?? [];
    this.#waiting.delete(node);
    for (const told of [...waiting]) told(isReady);
  }
}

function closed(): Error {
  return new Error('Connection is closed.');
}
