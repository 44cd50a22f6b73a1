import { Redis } from 'ioredis';
import { allReady } from '../../spec/support/geo-pair.ts';
import type { RedisServer } from '../../spec/support/redis-server.ts';
import type { createGeoFailoverRedis } from '../../lib/index.ts';
import { createNaiveClient } from './naive-client.ts';
import type { OverheadOptions } from './options.ts';
import { type BenchClient, KEY, VALUE } from './workloads.ts';

/** `control` is a second bare client: how far it is from `bare` is how much the figures are worth. */
export const CLIENT_NAMES = ['bare', 'control', 'ours', 'naive'] as const;

export type ClientName = (typeof CLIENT_NAMES)[number];
export type PerClient<T> = Readonly<Record<ClientName, T>>;

export type Factory = typeof createGeoFailoverRedis;

export async function loadFactory(library: OverheadOptions['library']): Promise<Factory> {
  const entry = new URL(library === 'dist' ? '../../dist/index.mjs' : '../../lib/index.ts', import.meta.url);
  const module = (await import(entry.href)) as { readonly createGeoFailoverRedis: Factory };
  return module.createGeoFailoverRedis;
}

export interface Clients {
  readonly byName: PerClient<BenchClient>;
  close(): void;
}

export function perClient<T>(make: (name: ClientName) => T): PerClient<T> {
  return Object.fromEntries(CLIENT_NAMES.map((name) => [name, make(name)])) as PerClient<T>;
}

/** All clients talk to the first server; ours has the second one as its standby. */
export async function connectClients(
  createOurs: Factory,
  servers: readonly RedisServer[],
  enableAutoPipelining: boolean,
): Promise<Clients> {
  const endpoints = servers.map(({ host, port }) => ({ host, port }));
  const bareClients = Array.from({ length: 3 }, () => new Redis({ ...endpoints[0], enableAutoPipelining }));
  const [bare, control, wrapped] = bareClients;
  if (bare === undefined || control === undefined || wrapped === undefined) throw new Error('three were made');
  const ours = createOurs(endpoints, { redis: { enableAutoPipelining } });
  await Promise.all([...bareClients.map((client) => client.ping()), allReady(ours)]);
  await bare.set(KEY, VALUE);
  return {
    byName: { bare, control, ours, naive: createNaiveClient(wrapped) },
    close() {
      for (const client of [...bareClients, ours]) client.disconnect();
    },
  };
}
