import { expect } from 'chai';
import type { Redis } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { type EndpointSwitchedEvent, type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';

/** What the README says under "Testing your application", with the times that it says. */
describe('A test of an application', () => {
  let isEastDown = false;
  let redis: GeoFailoverRedis;

  function east(): Redis {
    const client = new RedisMock({ host: 'east' });
    client.ping = (): Promise<'PONG'> => (isEastDown ? Promise.reject(new Error('down')) : Promise.resolve('PONG'));
    return client;
  }

  beforeEach(() => {
    isEastDown = false;
    redis = createGeoFailoverRedis({
      endpoints: [
        { id: 'east', redis: east },
        { id: 'west', weight: 0.5, redis: () => new RedisMock({ host: 'west' }) },
      ],
      healthCheck: { intervalMs: 20 },
      failback: { gracePeriodMs: 0, jitterMs: 0 },
    });
  });

  afterEach(() => redis.disconnect());

  const switched = (): Promise<EndpointSwitchedEvent> =>
    new Promise((resolve) => redis.geo.once('endpointSwitched', resolve));

  it('can force a planned switch', async () => {
    await redis.set('k', 'east');
    await redis.geo.switchTo('west');
    await redis.set('k', 'west');
    await redis.geo.switchTo('east');

    expect(await redis.get('k')).to.equal('east');
  });

  it('can force a failover, and a failback', async () => {
    await redis.set('other', 'east');
    isEastDown = true;
    expect(await switched()).to.include({ from: 'east', to: 'west', kind: 'failover', reason: 'health-check' });
    expect(await redis.get('other')).to.equal(null);
    isEastDown = false;

    expect(await switched()).to.include({ from: 'west', to: 'east', kind: 'failback' });
    expect(await redis.get('other')).to.equal('east');
  });
});
