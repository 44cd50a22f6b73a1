import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGeoFailoverRedis, type EndpointOptions, type GeoFailoverOptions } from '../../lib/index.ts';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
import type { FaultyEndpoint } from './faults.ts';
import { type RedisServerOptions, startRedisServers } from './redis-server.ts';

export interface GeoPairOptions {
  readonly server?: RedisServerOptions;
  readonly proxy?: Omit<FaultProxyOptions, 'targetPort'>;
}

/** Short times, so that a whole flow fits into a test. */
export const SHORT_TIMES = {
  healthCheck: { intervalMs: 100, timeoutMs: 200 },
  failover: { silenceFloorMs: 150, verifyTimeoutMs: 250 },
  failback: { gracePeriodMs: 100, jitterMs: 0, consecutiveSuccesses: 2 },
} as const satisfies Partial<GeoFailoverOptions>;

/** Two endpoints, `east` preferred to `west`, that do not replicate to each other. */
export class GeoPair {
  readonly #options: GeoPairOptions;
  readonly #clients: GeoFailoverRedis[] = [];
  #endpoints: readonly [FaultyEndpoint, FaultyEndpoint] | undefined;

  constructor(options: GeoPairOptions) {
    this.#options = options;
  }

  get east(): FaultyEndpoint {
    return this.endpoints[0];
  }

  get west(): FaultyEndpoint {
    return this.endpoints[1];
  }

  get endpoints(): readonly [FaultyEndpoint, FaultyEndpoint] {
    if (this.#endpoints === undefined) throw new Error('The pair is not started');
    return this.#endpoints;
  }

  get servers(): Record<string, FaultyEndpoint['server']> {
    return { east: this.east.server, west: this.west.server };
  }

  endpointOptions(): EndpointOptions[] {
    return this.endpoints.map(({ id, proxy }, index) => ({
      id,
      weight: 1 / (index + 1),
      redis: { host: proxy.host, port: proxy.port },
    }));
  }

  async start(): Promise<void> {
    const { server, proxy } = this.#options;
    const servers = await startRedisServers(2, server);
    const [east, west] = await Promise.all(
      servers.map(async (started, index) => ({
        id: index === 0 ? 'east' : 'west',
        server: started,
        proxy: await startFaultProxy({ ...proxy, targetPort: started.port }),
      })),
    );
    if (east === undefined || west === undefined) throw new Error('two servers were asked for');
    this.#endpoints = [east, west];
  }

  /** A client of both endpoints, unless others are given; closed by {@link dispose}. */
  createClient(options: Partial<GeoFailoverOptions> = {}): GeoFailoverRedis {
    const client = createGeoFailoverRedis({ endpoints: this.endpointOptions(), ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client that is connected to all its endpoints. */
  async connect(options: Partial<GeoFailoverOptions> = {}): Promise<GeoFailoverRedis> {
    const client = this.createClient(options);
    await client.ping();
    await allReady(client);
    return client;
  }

  /** Takes both endpoints away from all clients, until {@link heal}. */
  async refuse(): Promise<void> {
    await Promise.all(this.endpoints.map(({ proxy }) => proxy.refuse()));
  }

  async heal(): Promise<void> {
    await Promise.all(this.endpoints.map(({ proxy }) => proxy.heal()));
  }

  async dispose(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect();
    const started = this.#endpoints ?? [];
    this.#endpoints = undefined;
    await Promise.all(started.flatMap(({ server, proxy }) => [server.dispose(), proxy.close()]));
  }
}

export async function startGeoPair(options: GeoPairOptions = {}): Promise<GeoPair> {
  const pair = new GeoPair(options);
  await pair.start();
  return pair;
}

/** A pair that is started anew for each test of the suite in which this is called. */
export function geoPairForEachTest(options: GeoPairOptions = {}): GeoPair {
  const pair = new GeoPair(options);
  beforeEach(() => pair.start());
  afterEach(() => pair.dispose());
  return pair;
}

/** Resolves when every endpoint is healthy and connected. */
export async function allReady(client: GeoFailoverRedis): Promise<void> {
  const isReady = (): boolean =>
    client.geo.endpoints().every(({ health, isReady: connected }) => health === 'healthy' && connected);
  // There is no event for a standby's connection; a look per loop turn is short and bounded by the test's own limit,
  // behind which the client is closed.
  while (!isReady()) {
    if (client.status === 'end') throw new Error('The client was closed before every endpoint was ready');
    await nextTurn();
  }
}
