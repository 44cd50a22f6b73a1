import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { allReady } from '../../spec/support/geo-pair.ts';
import type { RedisServer } from '../../spec/support/redis-server.ts';
import { median, shuffled } from '../common/statistics.ts';
import type { Factory } from './clients.ts';
import { TimerCount } from './timer-count.ts';

export const SETUPS = ['bare', 'one endpoint', 'two endpoints'] as const;
type Setup = (typeof SETUPS)[number];
export const IDLE_SETUPS = ['no client', ...SETUPS] as const;
type IdleSetup = (typeof IDLE_SETUPS)[number];
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
  readonly msPerSecond: Readonly<Record<IdleSetup, number>>;
  /** Timers that are started per second, and how many are armed at once. */
  readonly timersPerSecond: Readonly<Record<IdleSetup, number>>;
  readonly timersArmed: Readonly<Record<IdleSetup, number>>;
}

const CLIENTS = 50;
const REPETITIONS = 5;
const PAUSE_MS = 1_200;
const STABLE_KIB = 10;
const MAX_LOOKS = 8;

export async function measureStandbyCost(create: Factory, servers: readonly RedisServer[]): Promise<StandbyCost> {
  const [heap, sockets] = [samplesOf(SETUPS), samplesOf(SETUPS)];
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

/** In several short times, of which the median counts: one garbage collection would be most of what one long time shows. */
export async function measureIdleCpu(
  create: Factory,
  servers: readonly RedisServer[],
  seconds: number,
): Promise<IdleCpu> {
  const [cpu, started, armed] = [samplesOf(IDLE_SETUPS), samplesOf(IDLE_SETUPS), samplesOf(IDLE_SETUPS)];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    for (const setup of shuffled(IDLE_SETUPS)) {
      const timers = new TimerCount();
      const client = setup === 'no client' ? undefined : await connect(create, servers, setup);
      await stableHeapKiB();
      const [before, startedBefore] = [process.cpuUsage(), timers.started];
      await delay((seconds * 1_000) / REPETITIONS);
      const { user, system } = process.cpuUsage(before);
      cpu[setup].push((user + system) / 1_000 / (seconds / REPETITIONS));
      // Without the one that this was waiting with.
      started[setup].push((timers.started - startedBefore - 1) / (seconds / REPETITIONS));
      // The end of a timer is told in the next turn.
      await nextTurn();
      armed[setup].push(timers.armed);
      timers.stop();
      client?.disconnect();
    }
  }
  return {
    seconds,
    msPerSecond: medians(cpu),
    timersPerSecond: medians(started),
    timersArmed: medians(armed),
  };
}

async function measureClients(
  create: Factory,
  servers: readonly RedisServer[],
  setup: Setup,
): Promise<{ heapKiB: number; sockets: number }> {
  const heapBefore = await stableHeapKiB();
  const socketsBefore = await countSockets(servers);
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(create, servers, setup)));
  const heapKiB = ((await stableHeapKiB()) - heapBefore) / CLIENTS;
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

/** A closed client's last timers, which run for a second or so, still refer to it. */
async function stableHeapKiB(): Promise<number> {
  let before = Number.POSITIVE_INFINITY;
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    await delay(PAUSE_MS);
    globalThis.gc?.();
    const heapKiB = process.memoryUsage().heapUsed / 1_024;
    if (Math.abs(heapKiB - before) < STABLE_KIB) return heapKiB;
    before = heapKiB;
  }
  return before;
}

function samplesOf<S extends string>(setups: readonly S[]): Record<S, number[]> {
  return Object.fromEntries(setups.map((setup) => [setup, [] as number[]])) as Record<S, number[]>;
}

function medians<S extends string>(samples: Readonly<Record<S, readonly number[]>>): Record<S, number> {
  const entries = Object.entries<readonly number[]>(samples).map(([setup, values]) => [setup, median(values)]);
  return Object.fromEntries(entries) as Record<S, number>;
}
