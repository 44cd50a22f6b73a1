const assert = require('node:assert/strict');
const required = require('ioredis-geo-failover');
const ioredis = require('ioredis/package.json');

const { createGeoFailoverRedis, GeoFailoverError, isGeoFailoverError } = required;

async function main() {
  const imported = await import('ioredis-geo-failover');
  assert.notEqual(imported.createGeoFailoverRedis, createGeoFailoverRedis);
  assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
  assert.ok(!('default' in required), 'there is a default export');

  assert.throws(
    () => createGeoFailoverRedis({ endpoints: [{ id: 'east', weight: -1, redis: 'redis://127.0.0.1:1' }] }),
    (error) => isGeoFailoverError(error, 'GEO_INVALID_OPTIONS') && error.message.includes('endpoints[0].weight'),
  );
  assert.throws(() => imported.createGeoFailoverRedis({ endpoints: [] }), GeoFailoverError);

  // The version is read relative to the package's own file, for which CommonJS has no `import.meta.url`.
  assert.throws(
    () => createGeoFailoverRedis({ endpoints: [{ id: 'east', redis: () => ({ sendCommand: null, options: {} }) }] }),
    (error) => isGeoFailoverError(error, 'GEO_INVALID_OPTIONS') && error.message.includes(`ioredis ${ioredis.version}`),
  );

  const redis = createGeoFailoverRedis(['redis://127.0.0.1:1', { host: '127.0.0.1', port: 2 }]);
  const ping = redis.ping().catch((error) => error);
  // Both endpoints refuse the connection.
  await new Promise((resolve) => redis.geo.once('allEndpointsUnhealthy', resolve));
  redis.disconnect();
  assert.ok((await ping) instanceof Error, 'an unreachable endpoint answered');
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
