import { createGeoFailoverRedis, type EndpointOptions, type GeoFailoverOptions } from '../../lib/index.ts';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { type FaultProxyOptions, startFaultProxy } from './fault-proxy.ts';
import type { FaultyEndpoint } from './faults.ts';
import { type RedisServerOptions, startRedisServers } from './redis-server.ts';

export interface GeoPairOptions {
  readonly server?: RedisServerOptions;
  readonly proxy?: Omit<FaultProxyOptions, 'targetPort'>;
}

type ClientOptions = Omit<GeoFailoverOptions, 'endpoints'>;

/** Two endpoints, `east` preferred to `west`, that do not replicate to each other. */
export class GeoPair {
  readonly east: FaultyEndpoint;
  readonly west: FaultyEndpoint;
  readonly #clients: GeoFailoverRedis[] = [];

  constructor(east: FaultyEndpoint, west: FaultyEndpoint) {
    this.east = east;
    this.west = west;
  }

  get endpoints(): readonly [FaultyEndpoint, FaultyEndpoint] {
    return [this.east, this.west];
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

  /** A client of both endpoints, closed by {@link dispose}. */
  createClient(options: ClientOptions = {}): GeoFailoverRedis {
    const client = createGeoFailoverRedis({ endpoints: this.endpointOptions(), ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client that is connected to both endpoints. */
  async connect(options: ClientOptions = {}): Promise<GeoFailoverRedis> {
    const client = this.createClient(options);
    await client.ping();
    await allReady(client);
    return client;
  }

  async dispose(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await Promise.all(this.endpoints.flatMap(({ server, proxy }) => [server.dispose(), proxy.close()]));
  }
}

export async function startGeoPair({ server, proxy }: GeoPairOptions = {}): Promise<GeoPair> {
  const servers = await startRedisServers(2, server);
  const [east, west] = await Promise.all(
    servers.map(async (started, index) => ({
      id: index === 0 ? 'east' : 'west',
      server: started,
      proxy: await startFaultProxy({ ...proxy, targetPort: started.port }),
    })),
  );
  if (east === undefined || west === undefined) throw new Error('two servers were asked for');
  return new GeoPair(east, west);
}

/** Resolves when every endpoint is healthy and connected. */
export async function allReady(client: GeoFailoverRedis): Promise<void> {
  const isReady = (): boolean =>
    client.geo.endpoints().every(({ health, isReady: connected }) => health === 'healthy' && connected);
  // There is no event for a standby's connection; a look per loop turn is short and bounded by the test's own limit.
  while (!isReady()) await new Promise((resolve) => setImmediate(resolve));
}
