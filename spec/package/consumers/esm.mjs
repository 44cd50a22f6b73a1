import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createGeoFailoverRedis, GeoFailoverError, isGeoFailoverError } from 'ioredis-geo-failover';
import * as imported from 'ioredis-geo-failover';

const required = createRequire(import.meta.url)('ioredis-geo-failover');
assert.notEqual(required.createGeoFailoverRedis, createGeoFailoverRedis);
assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
assert.ok(!('default' in imported), 'there is a default export');

assert.throws(
  () => createGeoFailoverRedis({ endpoints: [{ id: 'east', weight: -1, redis: 'redis://127.0.0.1:1' }] }),
  (error) => isGeoFailoverError(error, 'GEO_INVALID_OPTIONS') && error.message.includes('endpoints[0].weight'),
);
assert.throws(() => required.createGeoFailoverRedis({ endpoints: [] }), GeoFailoverError);

const redis = createGeoFailoverRedis(['redis://127.0.0.1:1', { host: '127.0.0.1', port: 2 }]);
const ping = redis.ping().catch((error) => error);
// Both endpoints refuse the connection.
await new Promise((resolve) => redis.geo.once('allEndpointsUnhealthy', resolve));
redis.disconnect();
assert.ok((await ping) instanceof Error, 'an unreachable endpoint answered');
