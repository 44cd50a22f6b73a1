import { Redis, type RedisOptions } from 'ioredis';
import {
  createGeoFailoverRedis,
  type EndpointOptions,
  type EndpointSwitchedEvent,
  type GeoFailoverControl,
  GeoFailoverError,
  type GeoFailoverOptions,
  type GeoFailoverRedis,
  isGeoFailoverError,
  type SwitchReport,
} from 'ioredis-geo-failover';

const shared: RedisOptions = { connectTimeout: 2_000 };
const endpoints: EndpointOptions[] = [
  { id: 'east', weight: 1, redis: 'rediss://east.example.com:6380' },
  { id: 'west', weight: 0.5, redis: { host: 'west.example.com' } },
  { id: 'test', weight: 0.1, redis: () => new Redis() },
];

const options: GeoFailoverOptions = {
  endpoints,
  redis: shared,
  retry: { otherEndpoint: 'any', backoff: { maxMs: 100 } },
  onSwitch: ({ from, to }: EndpointSwitchedEvent) => `${from} to ${to}`,
};

export const client = createGeoFailoverRedis(options);
export const named: GeoFailoverRedis = client;
export const short: Redis = createGeoFailoverRedis(['redis://a', 'redis://b'], { failover: { drainMs: 10 } });

export const control: GeoFailoverControl = client.geo.on('endpointSwitched', ({ durationMs }) => durationMs.toFixed());
export const report: Promise<SwitchReport> = control.switchTo('west', { force: true });
export const value: Promise<string | null> = client.get('key');

export function codeOf(error: unknown): string | undefined {
  if (isGeoFailoverError(error, 'GEO_INVALID_OPTIONS')) return error.problems?.[0]?.path;
  return error instanceof GeoFailoverError ? error.code : undefined;
}

// @ts-expect-error the declarations are seen: were they `any`, this would be no mistake.
export const mistake: number = client.geo.activeEndpoint;
