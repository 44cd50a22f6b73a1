import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { keySlot } from '../../lib/commands/key-slot.ts';
import { type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';
import { type RedisCluster, startRedisCluster } from '../support/clusters.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

describe('Slots of a Cluster that move to another node', () => {
  let cluster: RedisCluster;
  let other: RedisServer;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    [cluster, other] = await Promise.all([startRedisCluster(), startRedisServer()]);
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failback: { enabled: false },
      endpoints: [
        { id: 'east', weight: 1, redis: cluster.client() },
        { id: 'west', weight: 0.5, redis: { port: other.port } },
      ],
    });
    client.geo.on('endpointSwitched', ({ reason }) => expect.fail(`it was left for ${reason}`));
    await client.ping();
    await allReady(client);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([cluster.dispose(), other.dispose()]);
  });

  it('are found there, and commands keep their order and run once', async () => {
    const key = cluster.keyOn(0);
    const to = cluster.master(1);
    await client.set(key, '0');
    await cluster.migrate(key, to);
    const counted = Array.from({ length: 500 }, () => client.incr(key));
    const last = client.append(key, '!');

    expect(await Promise.all(counted)).to.deep.equal(Array.from({ length: 500 }, (_, index) => index + 1));
    expect(await last).to.equal(4);
    expect(await to.cli('GET', key)).to.equal('500!');
  });

  it('are found there while they are on the move, key by key', async () => {
    const key = cluster.keyOn(0);
    const to = cluster.master(1);
    await client.set(key, '0');
    await cluster.migrate(key, to, [key]);
    const counted = Array.from({ length: 50 }, () => client.incr(key));

    expect(await Promise.all(counted)).to.deep.equal(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(await client.multi().incr(key).incr(key).exec()).to.deep.equal([
      [null, 51],
      [null, 52],
    ]);
  });

  it('take transactions along', async () => {
    const key = cluster.keyOn(0);
    await client.set(key, '0');
    await cluster.migrate(key, cluster.master(2));
    const transactions = Array.from({ length: 5 }, () => client.multi().incr(key).incr(key).exec());

    expect((await Promise.all(transactions)).at(-1)).to.deep.equal([
      [null, 9],
      [null, 10],
    ]);
    expect(await client.get(key)).to.equal('10');
  });

  it('let a watched transaction fail', async () => {
    const key = cluster.keyOn(0);
    await client.watch(key);
    await cluster.migrate(key, cluster.master(2));

    expect(await client.multi().set(key, 1).exec()).to.equal(null);
    expect(await client.get(key)).to.equal(null);
  });

  it('have commands of several keys wait until all of them are in one place', async () => {
    const [a, b] = ['{t}a', '{t}b'];
    const from = cluster.masterOf(a);
    const to = cluster.masters.find((server) => server !== from);
    if (to === undefined) throw new Error('there are three');
    await client.mset(a, 1, b, 2);
    await cluster.migrate(a, to, [a]);
    const read = client.mget(a, b);
    const written = client.set(a, 'later');
    await cluster.migrate(a, to);

    expect(await read).to.deep.equal(['1', '2']);
    expect(await written).to.equal('OK');
    expect(await client.get(a)).to.equal('later');
  });

  it('take shard channels along', async () => {
    const [channel, another] = [cluster.keyOn(0, 'c'), cluster.keyOn(0, 'd')];
    await client.ssubscribe(channel);
    await cluster.migrate(channel, cluster.master(1));
    const heard = new Promise((resolve) => client.on('smessage', (...args: unknown[]) => resolve(args)));
    // Until it has subscribed again nobody hears it.
    while ((await cluster.master(1).cli('SPUBLISH', channel, 'x')) === 0) await client.ping();

    expect(await heard).to.deep.equal([channel, 'x']);
    await cluster.migrate(another, cluster.master(2));
    expect(await client.ssubscribe(another)).to.be.a('number');
    expect(await cluster.master(2).cli('SPUBLISH', another, 'x')).to.equal(1);
  });
});

describe('Slots of a Cluster that are learned to have moved', () => {
  let cluster: RedisCluster;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    cluster = await startRedisCluster({ isProxied: true });
    client = createGeoFailoverRedis({ endpoints: [{ id: 'east', redis: cluster.client() }] });
    await client.ping();
  });

  afterEach(async () => {
    client.disconnect();
    await cluster.dispose();
  });

  it('take nothing new before the former node has answered what is in flight to it', async () => {
    const [key, another] = [cluster.keyOn(0), cluster.keyOn(2)];
    const slots = client as unknown as { readonly slots: readonly (readonly string[])[] };
    const ownerOfKey = (): string | undefined => slots.slots[keySlot(key)]?.[0];
    const before = ownerOfKey();
    await cluster.migrate(key, cluster.master(1));
    await cluster.migrate(another, cluster.master(1));
    // Shorter than what counts as silence.
    await cluster.proxies[0]?.delay(300, 'toClient');
    const first = client.append(key, '1');
    await client.set(another, 'v');
    while (ownerOfKey() === before) await nextTurn();
    const second = client.append(key, '2');

    expect(await Promise.all([first, second])).to.deep.equal([1, 2]);
    expect(await client.get(key)).to.equal('12');
  });
});
