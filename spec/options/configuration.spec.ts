import { expect } from 'chai';
import { createGeoFailoverRedis, geoFailoverOptionsFromEnv, type GeoFailoverOptions } from '../../lib/index.ts';

describe('configuration()', () => {
  function table(options: GeoFailoverOptions, change?: (client: ReturnType<typeof createGeoFailoverRedis>) => void) {
    const client = createGeoFailoverRedis({ ...options, redis: { ...options.redis, lazyConnect: true } });
    change?.(client);
    const rows = client.geo.configuration().map(({ path, value, origin }) => [path, `${value} (${origin})`]);
    return Object.fromEntries(rows) as Record<string, string>;
  }

  it('says of each value where it comes from', () => {
    const endpoints = [{ id: 'eu', redis: 'redis://app:s3cret@eu' }];
    const rows = table({
      endpoints,
      preset: 'fast',
      environment: 'live',
      failover: { drainMs: 5 },
      environments: { live: { failback: { jitterMs: 6, windows: [{ from: '02:00', to: '05:00', days: ['sun'] }] } } },
    });

    expect(rows).to.deep.include({
      'endpoints[0].id': '"eu" (options)',
      'endpoints[0].weight': '1 (options)',
      'failover.drainMs': '5 (options)',
      'failover.silenceFloorMs': '80 (preset fast)',
      'failback.jitterMs': '6 (environment live)',
      'failback.windows': '[{ from: "02:00", to: "05:00", days: ["sun"] }] (environment live)',
      'failback.gracePeriodMs': '30000 (preset fast)',
      'retry.deadlineMs': '10000 (default)',
      'retry.backoff.initialMs': '10 (default)',
      topology: '"active-active" (default)',
    });
    expect(JSON.stringify(rows)).not.to.contain('s3cret');
  });

  it('names variables and files, and what was changed since', () => {
    const options = geoFailoverOptionsFromEnv(
      { failover: { drainMs: 1 } },
      { GEO_FAILOVER_ENDPOINTS: 'eu=redis://eu,us=redis://us', GEO_FAILOVER_FAILOVER_VERIFY_TIMEOUT_MS: '77' },
    );
    const rows = table({ ...options, retry: { deadlineMs: 9 } }, (client) => {
      client.geo.setWeight('us', 7);
      client.geo.add({ id: 'asia', redis: 'redis://asia' });
    });

    expect(rows).to.deep.include({
      'endpoints[0].id': '"eu" (GEO_FAILOVER_ENDPOINTS)',
      'endpoints[1].weight': '7 (setWeight())',
      'endpoints[2].id': '"asia" (add())',
      'failover.drainMs': '1 (options)',
      'failover.verifyTimeoutMs': '77 (GEO_FAILOVER_FAILOVER_VERIFY_TIMEOUT_MS)',
      'retry.deadlineMs': '9 (options)',
    });
  });
});
