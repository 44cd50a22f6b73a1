import { expectTypeOf } from 'expect-type';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import {
  createGeoFailoverRedis,
  type EndpointList,
  type EndpointOptions,
  type GeoFailoverControl,
  type GeoFailoverOptions,
  type GeoFailoverRedis,
} from '../../lib/index.ts';

declare const options: GeoFailoverOptions;
declare const redisOptions: RedisOptions;
declare const ioredis: Redis;
declare const control: GeoFailoverControl;
declare const acceptIoredis: (client: Redis) => void;

// The result is ioredis's client, and the control beside it.
const client = createGeoFailoverRedis(options);
expectTypeOf(client).toEqualTypeOf<GeoFailoverRedis>();
expectTypeOf(client).toExtend<Redis>();
expectTypeOf(client).not.toBeAny();
expectTypeOf(client.geo).toEqualTypeOf<GeoFailoverControl>();
expectTypeOf<Redis>().not.toExtend<GeoFailoverRedis>();
acceptIoredis(client);

// Commands keep ioredis's types.
expectTypeOf(client.get('key')).resolves.toEqualTypeOf<string | null>();
expectTypeOf(client.incr('key')).resolves.toEqualTypeOf<number>();
expectTypeOf(client.set('key', 'value', 'EX', 1)).toEqualTypeOf(ioredis.set('key', 'value', 'EX', 1));
expectTypeOf<GeoFailoverRedis['pipeline']>().toEqualTypeOf<Redis['pipeline']>();
expectTypeOf<GeoFailoverRedis['multi']>().toEqualTypeOf<Redis['multi']>();
expectTypeOf<GeoFailoverRedis['options']>().toEqualTypeOf<RedisOptions>();
expectTypeOf<GeoFailoverRedis>().not.toHaveProperty('noSuchCommand');

// `geo` is there to be used, not replaced.
// @ts-expect-error it is read-only
client.geo = control;

// The long form, with an endpoint in each of its ways.
const inEachWay = createGeoFailoverRedis({
  endpoints: [
    { id: 'url', weight: 1, redis: 'rediss://user:secret@east.example.com:6380/2' },
    { id: 'options', weight: 0.5, redis: { host: 'west.example.com', port: 6380, tls: {} } },
    { id: 'factory', redis: () => new Redis({ host: 'south.example.com' }), healthCheck: { intervalMs: 100 } },
    { id: 'cluster', redis: () => new Cluster([{ host: 'north.example.com' }]) },
  ],
});
expectTypeOf(inEachWay).toEqualTypeOf<GeoFailoverRedis>();
expectTypeOf<EndpointOptions['redis']>().toEqualTypeOf<string | RedisOptions | (() => Redis | Cluster)>();

// The short form, with and without options.
const short = createGeoFailoverRedis(['redis://a', redisOptions, () => new Redis()]);
expectTypeOf(short).toEqualTypeOf<GeoFailoverRedis>();
const shortWithOptions = createGeoFailoverRedis(['redis://a', 'redis://b'], { redis: { connectTimeout: 1_000 } });
expectTypeOf(shortWithOptions).toEqualTypeOf<GeoFailoverRedis>();
expectTypeOf<readonly string[]>().toExtend<EndpointList>();
const constant = ['redis://a', 'redis://b'] as const;
expectTypeOf(createGeoFailoverRedis(constant)).toEqualTypeOf<GeoFailoverRedis>();

// Calls that mix them up.
// @ts-expect-error options are needed
createGeoFailoverRedis();
// @ts-expect-error one URL is ioredis's way
createGeoFailoverRedis('redis://a');
// @ts-expect-error the long form takes no second argument
createGeoFailoverRedis({ endpoints: [] }, {});
// @ts-expect-error the short form has its endpoints in the first argument
createGeoFailoverRedis(['redis://a'], { endpoints: [] });
// @ts-expect-error endpoints with ids belong into the long form
createGeoFailoverRedis([{ id: 'east', redis: 'redis://a' }]);
