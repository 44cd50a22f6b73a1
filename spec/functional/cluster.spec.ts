import { expect } from 'chai';
import { type GeoFailoverOptions, type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';
import { type RedisCluster, startRedisCluster } from '../support/clusters.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

describe('A Cluster and a standalone Redis in one group', () => {
  let cluster: RedisCluster;
  let other: RedisServer;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    [cluster, other] = await Promise.all([startRedisCluster(), startRedisServer()]);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([cluster.dispose(), other.dispose()]);
  });

  async function connect(options: Partial<GeoFailoverOptions> = {}): Promise<GeoFailoverRedis> {
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failback: { enabled: false },
      endpoints: [
        { id: 'east', weight: 1, redis: cluster.client() },
        { id: 'west', weight: 0.5, redis: { port: other.port } },
      ],
      ...options,
    });
    await client.ping();
    await allReady(client);
    return client;
  }

  it('sends each command to the node of its keys', async () => {
    await connect();
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => client.set(key, `${key} of the cluster`)));

    expect(await Promise.all(keys.map((key) => client.get(key)))).to.deep.equal(
      keys.map((key) => `${key} of the cluster`),
    );
    for (const key of keys) expect(await cluster.masterOf(key).cli('GET', key)).to.equal(`${key} of the cluster`);
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(client.isCluster).to.equal(false);
  });

  it('fails over when the Cluster is gone, and back when it is there again', async () => {
    await connect({ failback: SHORT_TIMES.failback });
    await client.set('k', 'east');
    const failover = nextEvent(client, 'endpointSwitched');
    await cluster.killAll();

    expect(await client.set('k', 'west')).to.equal('OK');
    expect(await failover).to.include({ from: 'east', to: 'west', kind: 'failover' });
    expect(await other.cli('GET', 'k')).to.equal('west');
    const failback = nextEvent(client, 'endpointSwitched');
    await cluster.restart();

    expect(await failback).to.include({ from: 'west', to: 'east', kind: 'failback' });
    expect(await client.get('k')).to.equal('east');
  });
});
