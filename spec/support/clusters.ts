import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, type ClusterOptions } from 'ioredis';
import { keySlot, SLOTS } from '../../lib/commands/key-slot.ts';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';
import { type ReservedPort, reservePort } from './fault-proxy/reserve-port.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

const host = '127.0.0.1';
const startTimeoutMs = 15_000;
const pollMs = 20;
/** After so long without an answer the others take a node for failed. */
const nodeTimeoutMs = 500;

export interface RedisClusterOptions {
  /** How many of the masters have a replica. */
  readonly replicas?: number;
  /** Whether clients reach the masters through fault proxies. */
  readonly isProxied?: boolean;
}

/** Three masters with a third of the slots each, and replicas of the first ones if they are asked for. */
export class RedisCluster {
  readonly masters: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
  /** Before the masters, if they were asked for. */
  proxies: readonly FaultProxy[] = [];
  readonly #busPorts: readonly ReservedPort[];

  constructor(servers: readonly RedisServer[], busPorts: readonly ReservedPort[]) {
    this.masters = servers.slice(0, 3);
    this.replicas = servers.slice(3);
    this.#busPorts = busPorts;
  }

  /** By name. */
  get servers(): Record<string, RedisServer> {
    return Object.fromEntries(this.all.map((server, index) => [`node-${index}`, server]));
  }

  get all(): RedisServer[] {
    return [...this.masters, ...this.replicas];
  }

  /** For `endpoints[].redis`. */
  client(options: ClusterOptions = {}): () => Cluster {
    const nodes = this.masters.map(({ port }, index) => ({ host, port: this.proxies[index]?.port ?? port }));
    return () => new Cluster(nodes, options);
  }

  /** The master of these slots when the cluster was started. */
  masterOf(key: string): RedisServer {
    return this.master(Math.floor((keySlot(key) * 3) / SLOTS));
  }

  master(index: number): RedisServer {
    const server = this.masters[index];
    if (server === undefined) throw new Error('there are three masters');
    return server;
  }

  /** A key that this master had when the cluster was started. */
  keyOn(index: number, name = 'k'): string {
    for (let number = 0; ; number++) {
      const key = `${name}${number}`;
      if (this.masterOf(key) === this.master(index)) return key;
    }
  }

  /**
   * Gives the slot of a key, with all that is in it, to another master.
   *
   * @param keys Only these are moved, and then it stops halfway.
   */
  async migrate(key: string, to: RedisServer, keys?: readonly string[]): Promise<void> {
    const slot = keySlot(key);
    const from = this.masterOf(key);
    const [fromId, toId] = await Promise.all([idOf(from), idOf(to)]);
    await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    const moved = keys ?? ((await from.cli('CLUSTER', 'GETKEYSINSLOT', slot, 1_000)) as string[]).map(String);
    if (moved.length > 0) await from.cli('MIGRATE', host, to.port, '', 0, 5_000, 'KEYS', ...moved);
    if (keys !== undefined) return;
    for (const server of [to, from, ...this.masters]) await server.cli('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  }

  async killAll(): Promise<void> {
    await Promise.all(this.all.map((server) => server.kill()));
  }

  /** Starts what is not running. Resolves when all slots are served. */
  async restart(): Promise<void> {
    await Promise.all(this.all.filter(({ running }) => !running).map((server) => server.restart()));
    await this.served();
  }

  /** Resolves when every node knows that all slots are served. */
  async served(): Promise<void> {
    await until(async () => {
      const infos = await Promise.all(
        this.all.filter(({ running, frozen }) => running && !frozen).map((server) => server.cli('CLUSTER', 'INFO')),
      );
      return infos.every((info) => {
        const text = String(info);
        return text.includes('cluster_state:ok') && text.includes(`cluster_known_nodes:${this.all.length}`);
      });
    });
  }

  /** Resolves when the other nodes take this master for failed. */
  async givenUp(master: RedisServer): Promise<void> {
    const other = this.masters.find((server) => server !== master);
    await until(async () => String(await other?.cli('CLUSTER', 'INFO')).includes('cluster_state:fail'));
  }

  /** Resolves when this replica serves the slots of its master. */
  async promoted(replica: RedisServer): Promise<void> {
    await until(async () => String(await replica.cli('INFO', 'replication')).includes('role:master'));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.all.map((server) => server.dispose()), ...this.proxies.map((proxy) => proxy.close())]);
    for (const port of this.#busPorts) port.release();
  }
}

export async function startRedisCluster({
  replicas = 0,
  isProxied = false,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const count = 3 + replicas;
  const busPorts = await Promise.all(Array.from({ length: count }, () => reservePort()));
  const servers = await Promise.all(
    busPorts.map(({ port }) =>
      startRedisServer({
        config: [
          'cluster-enabled yes',
          `cluster-port ${port}`,
          `cluster-node-timeout ${nodeTimeoutMs}`,
          'cluster-replica-validity-factor 0',
          'repl-diskless-sync-delay 0',
        ],
      }),
    ),
  );
  const cluster = new RedisCluster(servers, busPorts);
  try {
    if (isProxied) cluster.proxies = await announceProxies(cluster.masters);
    await join(cluster, busPorts);
  } catch (error) {
    await cluster.dispose();
    throw error;
  }
  return cluster;
}

async function announceProxies(masters: readonly RedisServer[]): Promise<FaultProxy[]> {
  return Promise.all(
    masters.map(async (server) => {
      const proxy = await startFaultProxy({ targetPort: server.port });
      await server.cli('CONFIG', 'SET', 'cluster-announce-port', proxy.port);
      return proxy;
    }),
  );
}

async function join(cluster: RedisCluster, busPorts: readonly ReservedPort[]): Promise<void> {
  for (const [index, server] of cluster.all.entries()) {
    await server.cli('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (index < 3) {
      const from = Math.ceil((index * SLOTS) / 3);
      await server.cli('CLUSTER', 'ADDSLOTSRANGE', from, Math.ceil(((index + 1) * SLOTS) / 3) - 1);
    }
  }
  const [first] = cluster.masters;
  for (const [index, { port }] of cluster.all.entries()) {
    if (index > 0) await first?.cli('CLUSTER', 'MEET', host, port, busPorts[index]?.port ?? 0);
  }
  await cluster.served();
  for (const [index, replica] of cluster.replicas.entries()) {
    const masterId = await idOf(cluster.master(index));
    await until(async () => (await replica.cli('CLUSTER', 'REPLICATE', masterId).catch(() => '')) === 'OK');
    await until(async () => String(await replica.cli('INFO', 'replication')).includes('master_link_status:up'));
    // Others elect it, and its master hands over to it, when they have heard of it.
    const knownTo = async (server: RedisServer): Promise<boolean> =>
      ((await server.cli('CLUSTER', 'REPLICAS', masterId)) as unknown[]).length > 0;
    await until(async () => (await Promise.all(cluster.masters.map(knownTo))).every(Boolean));
  }
  await cluster.served();
}

async function idOf(server: RedisServer): Promise<string> {
  return String(await server.cli('CLUSTER', 'MYID'));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('The cluster did not become what was waited for');
    await delay(pollMs);
  }
}
