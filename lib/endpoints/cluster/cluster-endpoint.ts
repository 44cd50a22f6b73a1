import { Redis, type RedisOptions } from 'ioredis';
import type { ClusterSource, NodeAddress } from '../../ioredis-internals/cluster-source.ts';
import { ResettableConnector } from '../../ioredis-internals/connector.ts';
import { assertSupportedClient } from '../../ioredis-internals/supported-versions.ts';
import type { CredentialsProvider } from '../../options/types.ts';
import { NO_RECONNECT, PROBE_ONLY, TAKEN_OVER } from '../client-options.ts';
import { nodeKey, SlotMap } from './slot-map.ts';

/** A client of one node, not connected yet. */
export interface NodeClient {
  readonly client: Redis;
  /** Puts user and password into the client's options. */
  readonly authenticate: (() => Promise<void>) | undefined;
}

export interface ClusterEndpointSetup {
  readonly id: string;
  readonly source: ClusterSource;
  /** What `duplicate()` was given. */
  readonly override: RedisOptions;
  readonly credentialsProvider: CredentialsProvider | undefined;
}

/** Makes clients for the nodes of a Cluster. */
export class ClusterEndpoint {
  readonly source: ClusterSource;
  readonly #setup: ClusterEndpointSetup;
  /** What the application said of particular nodes, by their address. */
  readonly #named = new Map<string, NodeAddress>();

  constructor(setup: ClusterEndpointSetup) {
    this.#setup = setup;
    this.source = setup.source;
  }

  /** The database that was asked for. A Cluster has one only, and refuses any other. */
  get database(): number {
    return this.#options.db ?? 0;
  }

  get #options(): RedisOptions {
    return { ...this.source.settings.redisOptions, ...this.#setup.override };
  }

  async startupNodes(): Promise<NodeAddress[]> {
    const nodes = await this.source.startupNodes();
    for (const node of nodes) this.#named.set(nodeKey(node), node);
    return nodes;
  }

  readSlots(reply: unknown): SlotMap {
    return SlotMap.read(reply, (host, port) => this.source.mapped(host, port));
  }

  createNode(address: NodeAddress, purpose: 'data' | 'probe'): NodeClient {
    const { id, credentialsProvider } = this.#setup;
    const options = this.#options;
    const client = new Redis({
      ...options,
      ...address,
      ...this.#named.get(nodeKey(address)),
      db: 0,
      readOnly: false,
      ...TAKEN_OVER,
      ...NO_RECONNECT,
      ...(purpose === 'probe' ? PROBE_ONLY : {}),
      Connector: options.Connector ?? ResettableConnector,
    });
    assertSupportedClient(client, `endpoint "${id}"`);
    if (credentialsProvider === undefined) return { client, authenticate: undefined };
    const authenticate = async (): Promise<void> => {
      const { username, password } = await credentialsProvider();
      Object.assign(client.options, { username: username ?? null, password });
    };
    return { client, authenticate };
  }
}
