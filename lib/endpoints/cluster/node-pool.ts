import type { NodeAddress } from '../../ioredis-internals/cluster-source.ts';
import { onShardMoved } from '../../ioredis-internals/shard-moves.ts';
import type { QueuedCommand } from '../../ioredis-internals/types.ts';
import type { Clock } from '../../time/clock.ts';
import { patientTimeout } from '../../time/patient-timeout.ts';
import type { ConnectionListener } from '../connection.ts';
import { DataConnection } from '../data-connection.ts';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import { nodeKey } from './slot-map.ts';

/** The connection to one node. */
export interface ClusterNode {
  readonly key: string;
  readonly address: NodeAddress;
  readonly connection: DataConnection;
}

export interface NodePoolSetup {
  readonly endpointId: string;
  readonly cluster: ClusterEndpoint;
  readonly clock: Clock;
  readonly handshakeTimeoutMs: () => number;
  /** For what is still in flight to a node that serves nothing any more. */
  readonly retireMs: () => number;
  readonly listenerOf: (node: ClusterNode) => ConnectionListener;
  /** Shard channels are heard from another node now. */
  readonly onShardMoved: ((node: ClusterNode) => void) | undefined;
}

/** Connections to the nodes of a Cluster, one to each that is needed. */
export class NodePool {
  readonly #setup: NodePoolSetup;
  readonly #nodes = new Map<string, ClusterNode>();
  /** Nodes that serve nothing any more and have not answered everything yet. */
  readonly #retired = new Set<ClusterNode>();

  constructor(setup: NodePoolSetup) {
    this.#setup = setup;
  }

  /** Those that are in use. */
  get nodes(): IterableIterator<ClusterNode> {
    return this.#nodes.values();
  }

  /** Those, and the ones from which something may still come. */
  get all(): ClusterNode[] {
    return [...this.#nodes.values(), ...this.#retired];
  }

  get(key: string | undefined): ClusterNode | undefined {
    return key === undefined ? undefined : this.#nodes.get(key);
  }

  /** The connection to a node, begun now if there is none. */
  ensure(address: NodeAddress): ClusterNode {
    const key = nodeKey(address);
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const { cluster, endpointId, clock, handshakeTimeoutMs, listenerOf, onShardMoved: onMoved } = this.#setup;
    const { client, authenticate } = cluster.createNode(address, 'data');
    const listener: ConnectionListener = {
      ready: () => heard.ready(connection),
      lost: (_connection, items) => heard.lost(connection, items),
      refused: (_connection, item) => heard.refused(connection, item),
      errorReply: (_connection, error, item) => heard.errorReply(connection, error, item),
      handshakeRefused: (_connection, error) => heard.handshakeRefused?.(connection, error),
      pushed: (_connection, message) => heard.pushed?.(connection, message),
    };
    const connection = new DataConnection({ endpointId, client, authenticate, listener, clock, handshakeTimeoutMs });
    const node: ClusterNode = { key, address, connection };
    const heard = listenerOf(node);
    if (onMoved !== undefined) onShardMoved(client, () => onMoved(node));
    this.#nodes.set(key, node);
    connection.start();
    return node;
  }

  /** Sends several commands, in one write to each node. */
  batch(send: () => void): void {
    let corked = send;
    for (const { connection } of this.#nodes.values()) {
      const inner = corked;
      corked = () => connection.batch(inner);
    }
    corked();
  }

  /** Closes what is not needed any more, as soon as all of it is answered. */
  keep(keys: ReadonlySet<string>): void {
    for (const node of this.#nodes.values()) if (!keys.has(node.key)) this.#retire(node);
  }

  /** @returns what was in flight, and may have been executed. */
  abandon(connection?: unknown): QueuedCommand[] {
    const given = this.all.filter((node) => connection === undefined || node.connection === connection);
    return given.flatMap((node) => node.connection.abandon());
  }

  close(): void {
    for (const { connection } of this.all) connection.close();
  }

  #retire(node: ClusterNode): void {
    const { clock, retireMs, listenerOf } = this.#setup;
    this.#nodes.delete(node.key);
    const end = (): void => {
      this.#retired.delete(node);
      node.connection.close();
    };
    if (node.connection.pending === 0 || !node.connection.isReady) return end();
    this.#retired.add(node);
    patientTimeout(clock, retireMs(), () => {
      const items = node.connection.abandon();
      end();
      if (items.length > 0) listenerOf(node).lost(node.connection, items);
    });
  }
}
