import { expect } from 'chai';
import { Cluster, type ClusterOptions } from 'ioredis';
import { type GeoFailoverRedis, createGeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { type RedisCluster, startRedisCluster } from '../support/clusters.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';

describe('A group of Clusters', () => {
  let east: RedisCluster;
  let west: RedisCluster;
  let client: GeoFailoverRedis;
  let plain: Cluster;
  let onEach: readonly [string, string, string];

  before(async () => {
    [east, west] = await Promise.all([startRedisCluster(), startRedisCluster()]);
    onEach = [east.keyOn(0), east.keyOn(1), east.keyOn(2)];
  });

  after(() => Promise.all([east.dispose(), west.dispose()]));

  beforeEach(async () => {
    plain = west.client()();
    client = create();
    await client.ping();
    await allReady(client);
  });

  afterEach(async () => {
    client.disconnect();
    plain.disconnect();
    await Promise.all([...east.masters, ...west.masters].map((server) => server.cli('FLUSHALL')));
  });

  function create(redis: ClusterOptions['redisOptions'] = {}): GeoFailoverRedis {
    return createGeoFailoverRedis({
      ...SHORT_TIMES,
      redis,
      failback: { enabled: false },
      endpoints: [
        { id: 'east', weight: 1, redis: east.client() },
        { id: 'west', weight: 0.5, redis: west.client() },
      ],
    });
  }

  function outcome(work: Promise<unknown>): Promise<unknown> {
    return work.catch((error: unknown) => ({ name: (error as Error).name, message: (error as Error).message }));
  }

  it('can have one of them replaced while it is used, by a Cluster only', async () => {
    const incremented = Array.from({ length: 50 }, (_, i) => client.incr(onEach[i % 3] as string));
    const report = await client.geo.replace('east', { redis: east.client() });
    const more = Array.from({ length: 50 }, (_, i) => client.incr(onEach[i % 3] as string));
    expect(report).to.include({ from: 'east', to: 'east', interrupted: 0 });
    await Promise.all([...incremented, ...more]);
    expect(await Promise.all(onEach.map((key) => client.get(key)))).to.deep.equal(['34', '34', '32']);

    expect(await outcome(client.geo.replace('east', { redis: 'redis://127.0.0.1:1' })))
      .to.have.property('message')
      .that.contains('returns a Cluster');
  });

  it('is a Cluster', () => {
    expect(client.isCluster).to.equal(true);
    expect(client.duplicate({ lazyConnect: true }).isCluster).to.equal(true);
    const one = createGeoFailoverRedis({
      endpoints: [{ id: 'a', redis: east.client() }],
      redis: { lazyConnect: true },
    });
    expect(one.isCluster).to.equal(true);
    const mixed = createGeoFailoverRedis([east.client(), 'redis://127.0.0.1:1'], { redis: { lazyConnect: true } });
    expect(mixed.isCluster).to.equal(false);
  });

  it('takes no other endpoint', () => {
    let error: unknown;
    try {
      client.geo.add({ id: 'south', redis: 'redis://127.0.0.1:1' });
    } catch (reason) {
      error = reason;
    }
    if (!isGeoFailoverError(error, 'GEO_INVALID_OPTIONS')) expect.fail('it was added');
    expect(error.message).to.include('must be a function that returns a Cluster');
    expect(client.geo.endpoints()).to.have.length(2);
  });

  it('has pipelines and transactions that do what those of a plain Cluster do', async () => {
    const [a, b] = onEach;
    const calls: ((redis: Pick<GeoFailoverRedis, 'pipeline' | 'multi'>) => Promise<unknown>)[] = [
      (redis) => redis.pipeline().set('{t}a', 1).incr('{t}a').get('{t}b').exec(),
      (redis) => redis.pipeline().set(a, 1).set(b, 1).exec(),
      (redis) => redis.pipeline().mget(a, b).exec(),
      (redis) => redis.pipeline().set('{t}x', 1).lpush('{t}x', 1).exec(),
      (redis) => redis.pipeline().lpush('{t}x', 1).exec(),
      (redis) => redis.pipeline().exec(),
      (redis) => redis.multi().set('{t}a', 1).incr('{t}a').exec(),
      (redis) => redis.multi().set('{t}a', 1).lpush('{t}a', 1).exec(),
      (redis) => redis.multi().set(a, 1).set(b, 1).exec(),
      (redis) => redis.multi([['set', '{t}a', '1']]).exec(),
    ];
    for (const call of calls) {
      expect(await outcome(call(client)), String(call)).to.deep.equal(await outcome(call(plain)));
    }
  });

  it('puts commands of one tick together by their nodes', async () => {
    const pipelining = create({ enableAutoPipelining: true });
    await pipelining.set(onEach[0], 'first');
    const all = [...onEach, ...onEach].map((key, index) => pipelining.append(key, `${index}`));
    const read = pipelining.get(onEach[0]);

    expect(await Promise.all(all)).to.deep.equal([6, 1, 1, 7, 2, 2]);
    expect(await read).to.equal('first03');
    pipelining.disconnect();
  });

  it('sends pipelines that were called before it was connected', async () => {
    const early = create();

    expect(await early.pipeline().set('{t}a', 1).get('{t}a').exec()).to.deep.equal([
      [null, 'OK'],
      [null, '1'],
    ]);
    early.disconnect();
  });

  it('fails over, and a pipeline in flight says what is known of each of its commands', async () => {
    const key = onEach[0];
    await east.masterOf(key).freeze();
    const switched = nextEvent(client, 'endpointSwitched');
    const alone = client.pipeline().incr(key).exec();
    const results = await client.pipeline().set(key, 1).incr(key).exec();
    expect(await switched).to.include({ from: 'east', to: 'west' });
    east.masterOf(key).thaw();

    expect((await alone)?.[0]?.[0]).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
    expect(results?.[0]).to.deep.equal([null, 'OK']);
    expect(results?.[1]?.[0]).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
    expect(await client.get(key)).to.equal('1');
  });

  it('has the prefix that all have', async () => {
    const nodes = east.masters.map(({ port }) => ({ host: '127.0.0.1', port }));
    const prefixed = createGeoFailoverRedis({
      redis: { keyPrefix: 'p:' },
      endpoints: [
        { id: 'east', redis: () => new Cluster(nodes, { redisOptions: { keyPrefix: 'p:' } }) },
        { id: 'west', weight: 0.5, redis: west.client({ keyPrefix: 'p:' }) },
      ],
    });
    expect(await prefixed.pipeline().set('k', 1).get('k').exec()).to.deep.equal([
      [null, 'OK'],
      [null, '1'],
    ]);
    expect(await east.masterOf('p:k').cli('GET', 'p:k')).to.equal('1');
    prefixed.disconnect();
  });
});
