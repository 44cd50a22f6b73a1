import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { allReady } from '../../spec/support/geo-pair.ts';
import type { RedisServer } from '../../spec/support/redis-server.ts';
import { median, shuffled } from '../shared/statistics.ts';
import type { Factory } from './clients.ts';

export const SETUPS = ['bare', 'one endpoint', 'two endpoints'] as const;
type Setup = (typeof SETUPS)[number];
export type PerSetup = Readonly<Record<Setup, number>>;

export interface StandbyCost {
  readonly clients: number;
  readonly repetitions: number;
  readonly heapKiBPerClient: PerSetup;
  readonly socketsPerClient: PerSetup;
  /** What the second endpoint adds to a client. */
  readonly heapKiBPerEndpoint: number;
  readonly socketsPerEndpoint: number;
}

export interface IdleCpu {
  readonly seconds: number;
  /** CPU time of the whole process per second of an idle client, in milliseconds. */
  readonly msPerSecond: Readonly<Record<Setup | 'no client', number>>;
}

const CLIENTS = 50;
const REPETITIONS = 5;
// A closed client's last timers, which run for a second or so, still refer to it.
const SETTLE_MS = 2_000;

export async function measureStandbyCost(create: Factory, servers: readonly RedisServer[]): Promise<StandbyCost> {
  const heap: Record<Setup, number[]> = { bare: [], 'one endpoint': [], 'two endpoints': [] };
  const sockets: Record<Setup, number[]> = { bare: [], 'one endpoint': [], 'two endpoints': [] };
  // The first repetition pays for code and tables that later clients share.
  for (let repetition = 0; repetition <= REPETITIONS; repetition += 1) {
    for (const setup of shuffled(SETUPS)) {
      const measured = await measureClients(create, servers, setup);
      if (repetition === 0) continue;
      heap[setup].push(measured.heapKiB);
      sockets[setup].push(measured.sockets);
    }
  }
  const heapKiBPerClient = medians(heap);
  const socketsPerClient = medians(sockets);
  return {
    clients: CLIENTS,
    repetitions: REPETITIONS,
    heapKiBPerClient,
    socketsPerClient,
    heapKiBPerEndpoint: heapKiBPerClient['two endpoints'] - heapKiBPerClient['one endpoint'],
    socketsPerEndpoint: socketsPerClient['two endpoints'] - socketsPerClient['one endpoint'],
  };
}

export async function measureIdleCpu(
  create: Factory,
  servers: readonly RedisServer[],
  seconds: number,
): Promise<IdleCpu> {
  const cpuOf = async (setup: Setup | undefined): Promise<number> => {
    const client = setup === undefined ? undefined : await connect(create, servers, setup);
    await settle();
    const before = process.cpuUsage();
    await delay(seconds * 1_000);
    const { user, system } = process.cpuUsage(before);
    client?.disconnect();
    return (user + system) / 1_000 / seconds;
  };
  return {
    seconds,
    msPerSecond: {
      'no client': await cpuOf(undefined),
      bare: await cpuOf('bare'),
      'one endpoint': await cpuOf('one endpoint'),
      'two endpoints': await cpuOf('two endpoints'),
    },
  };
}

async function measureClients(
  create: Factory,
  servers: readonly RedisServer[],
  setup: Setup,
): Promise<{ heapKiB: number; sockets: number }> {
  await settle();
  const heapBefore = process.memoryUsage().heapUsed;
  const socketsBefore = await countSockets(servers);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(create, servers, setup)));
  await settle();
  const heapKiB = (process.memoryUsage().heapUsed - heapBefore) / 1_024 / CLIENTS;
  const sockets = ((await countSockets(servers)) - socketsBefore) / CLIENTS;
  for (const client of clients) client.disconnect();
  return { heapKiB, sockets };
}

async function connect(create: Factory, servers: readonly RedisServer[], setup: Setup): Promise<Redis> {
  const [first, ...others] = servers.map(({ host, port }) => ({ host, port }));
  if (first === undefined) throw new Error('there is no server');
  if (setup === 'bare') {
    const bare = new Redis(first);
    await bare.ping();
    return bare;
  }
  const client = create(setup === 'one endpoint' ? [first] : [first, ...others]);
  await allReady(client);
  return client;
}

/** As the servers see them: every connection costs them something too. */
async function countSockets(servers: readonly RedisServer[]): Promise<number> {
  const infos = await Promise.all(servers.map((server) => server.cli('INFO', 'clients')));
  return infos.reduce<number>((sum, info) => sum + Number(/connected_clients:(\d+)/.exec(String(info))?.[1]), 0);
}

async function settle(): Promise<void> {
  await delay(SETTLE_MS);
  // Later runs take what finalizers of the earlier ones let go.
  for (let run = 0; run < 3; run += 1) {
    globalThis.gc?.();
    await nextTurn();
  }
}

function medians(samples: Readonly<Record<Setup, readonly number[]>>): PerSetup {
  return Object.fromEntries(SETUPS.map((setup) => [setup, median(samples[setup])])) as unknown as PerSetup;
}
