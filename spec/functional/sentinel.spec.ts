import { expect } from 'chai';
import { type GeoFailoverOptions, type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { type SentinelGroup, startSentinelGroup } from '../support/sentinels.ts';

describe('An endpoint behind Sentinel', () => {
  let group: SentinelGroup;
  let other: RedisServer;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    [group, other] = await Promise.all([startSentinelGroup(), startRedisServer()]);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([group.dispose(), other.dispose()]);
  });

  async function connect(failover: GeoFailoverOptions['failover']): Promise<GeoFailoverRedis> {
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failover: { verifyTimeoutMs: 250, ...failover },
      failback: { enabled: false },
      endpoints: [
        { id: 'east', weight: 1, redis: group.redis },
        { id: 'west', weight: 0.5, redis: { port: other.port } },
      ],
    });
    await client.ping();
    await allReady(client);
    return client;
  }

  it('is used, and its primary moves inside it without a switch', async () => {
    await connect({ localRecoveryMs: 15_000 });
    client.geo.on('endpointSwitched', ({ reason }) => expect.fail(`it was left for ${reason}`));
    expect(await client.set('k', 'first')).to.equal('OK');
    expect(await group.primary.cli('GET', 'k')).to.equal('first');
    await group.primary.kill();

    expect(await client.set('k', 'second')).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(await group.replica.cli('GET', 'k')).to.equal('second');
  });

  it('is left when no replica is promoted in time', async () => {
    await connect({});
    const switched = nextEvent(client, 'endpointSwitched');
    await group.killAll();

    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await switched).to.include({ from: 'east', to: 'west', kind: 'failover' });
    expect(await other.cli('GET', 'k')).to.equal('v');
  });

  it('can be switched to and from', async () => {
    await connect({});
    await client.geo.switchTo('west');
    await client.geo.switchTo('east');
    await client.set('k', 'v');

    expect(await group.primary.cli('GET', 'k')).to.equal('v');
  });
});
