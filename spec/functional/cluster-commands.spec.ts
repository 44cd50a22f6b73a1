import { spawn } from 'node:child_process';
import { tracingChannel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { type GeoFailoverRedis, createGeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { type RedisCluster, startRedisCluster } from '../support/clusters.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

describe('Commands to a Cluster beside a standalone Redis', () => {
  let cluster: RedisCluster;
  let other: RedisServer;
  let client: GeoFailoverRedis;
  let onEach: readonly [string, string, string];

  before(async () => {
    [cluster, other] = await Promise.all([startRedisCluster(), startRedisServer()]);
    onEach = [cluster.keyOn(0), cluster.keyOn(1), cluster.keyOn(2)];
  });

  after(() => Promise.all([cluster.dispose(), other.dispose()]));

  beforeEach(async () => {
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failback: { enabled: false },
      endpoints: [
        { id: 'east', weight: 1, redis: cluster.client() },
        { id: 'west', weight: 0.5, redis: { port: other.port } },
      ],
    });
    await client.ping();
    await allReady(client);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([...cluster.masters, other].map((server) => server.cli('FLUSHALL')));
  });

  async function errorOf(promise: Promise<unknown>): Promise<Error> {
    return promise.then(
      () => expect.fail('it was executed'),
      (error: unknown) => error as Error,
    );
  }

  it('of a pipeline go to the nodes of their keys, and the results are in order', async () => {
    const [a, b, c] = onEach;

    expect(await client.pipeline().set(a, 1).incr(b).lpush(c, 'x').incr(a).get(a).ping().exec()).to.deep.equal([
      [null, 'OK'],
      [null, 1],
      [null, 1],
      [null, 2],
      [null, '2'],
      [null, 'PONG'],
    ]);
  });

  it('of a pipeline that was made before a switch go to what is active when it is executed', async () => {
    const [a, b] = onEach;
    const made = client.pipeline().set(a, 'pipeline').set(b, 'pipeline');
    const transaction = client.multi().set(a, 'west').get(a);
    await client.geo.switchTo('west');

    expect(await made.exec()).to.deep.equal([
      [null, 'OK'],
      [null, 'OK'],
    ]);
    expect(await other.cli('GET', b)).to.equal('pipeline');
    const madeInWest = client.multi().set(a, 'east').get(a);
    expect(await transaction.exec()).to.deep.equal([
      [null, 'OK'],
      [null, 'west'],
    ]);
    await client.geo.switchTo('east');
    expect(await madeInWest.exec()).to.deep.equal([
      [null, 'OK'],
      [null, 'east'],
    ]);
  });

  it('of a transaction are executed by the node of their keys, as a whole', async () => {
    const results = await client.multi().set('{t}a', 1).incr('{t}a').get('{t}b').exec();

    expect(results).to.deep.equal([
      [null, 'OK'],
      [null, 2],
      [null, null],
    ]);
  });

  it('of a transaction over several nodes are refused, and none of them is executed', async () => {
    const [a, b] = onEach;
    const error = await errorOf(client.multi().set(a, 1).set(b, 1).exec());

    expect(error).to.have.property('message', "CROSSSLOT Keys in request don't hash to the same slot");
    expect(error.name).to.equal('ReplyError');
    expect(await client.exists(a)).to.equal(0);
  });

  it('with keys of several nodes get what the server says', async () => {
    const [a, b] = onEach;

    expect((await errorOf(client.mget(a, b))).message).to.match(/^CROSSSLOT/);
  });

  it('that one node cannot execute for all are refused', async () => {
    const refused = {
      SCAN: () => client.scan(0),
      KEYS: () => client.keys('*'),
      RANDOMKEY: () => client.randomkey(),
      DBSIZE: () => client.dbsize(),
      FLUSHALL: () => client.flushall(),
      WAIT: () => client.wait(1, 1),
      'CLIENT CACHING': () => client.client('CACHING', 'YES'),
    };
    for (const [name, send] of Object.entries(refused)) {
      const error = await errorOf(send());
      if (!isGeoFailoverError(error, 'GEO_UNSUPPORTED_COMMAND')) throw error;
      expect(error).to.include({ endpointId: 'east', outcome: 'not-executed' });
      expect(error.message).to.include(`${name} cannot be used on east, which is a Cluster`);
    }
    const inTransaction = await errorOf(client.multi().set('k', 1).dbsize().exec());
    expect(inTransaction.message).to.match(/^EXECABORT/);
    expect(await client.get('k')).to.equal(null);
    await client.geo.switchTo('west');
    expect(await client.dbsize()).to.equal(0);
  });

  it('of a transaction without a pipeline are refused, and none of them is executed', async () => {
    const [multi, set, exec] = await Promise.all([
      errorOf(client.multi({ pipeline: false })),
      errorOf(client.set('k', 1)),
      errorOf(client.exec()),
    ]);

    expect(multi).to.have.property('code', 'GEO_UNSUPPORTED_COMMAND');
    expect([set, exec].map((error) => (error as { outcome?: string }).outcome)).to.deep.equal([
      'not-executed',
      'not-executed',
    ]);
    expect(await client.get('k')).to.equal(null);
  });

  it('of a watched transaction are executed by the node that watches, unless something changed', async () => {
    await client.watch('{t}a');
    expect(await client.multi().set('{t}b', 1).exec()).to.deep.equal([[null, 'OK']]);
    await client.watch('{t}a');
    await cluster.masterOf('{t}a').cli('SET', '{t}a', 'changed');
    expect(await client.multi().set('{t}b', 2).exec()).to.equal(null);
    await client.watch('{t}a');
    await client.unwatch();
    await cluster.masterOf('{t}a').cli('SET', '{t}a', 'changed again');
    expect(await client.multi().set('{t}b', 3).exec()).to.deep.equal([[null, 'OK']]);
  });

  it('of a transaction that another node would execute than the one that watches are not executed', async () => {
    const [a, b] = onEach;
    await client.watch(a);

    expect(await client.multi().set(b, 1).exec()).to.equal(null);
    expect(await client.multi().set(b, 2).exec()).to.deep.equal([[null, 'OK']]);
  });

  it('of a watched transaction that goes on over a Cluster are not executed', async () => {
    await client.geo.switchTo('west');
    await client.watch('k');
    await client.geo.switchTo('east');

    expect(await client.multi().set('k', 1).exec()).to.equal(null);
    expect(await client.get('k')).to.equal(null);
    expect(await client.multi().set('k', 1).exec()).to.deep.equal([[null, 'OK']]);
  });

  it('may be scripts, on every node', async () => {
    client.defineCommand('put', { numberOfKeys: 1, lua: 'return redis.call("SET", KEYS[1], ARGV[1])' });
    const put = (key: string, value: string): Promise<unknown> =>
      (client as unknown as { put(key: string, value: string): Promise<unknown> }).put(key, value);

    for (const round of ['1', '2']) {
      for (const key of onEach) expect(await put(key, round)).to.equal('OK');
    }
    expect(await Promise.all(onEach.map((key) => client.get(key)))).to.deep.equal(['2', '2', '2']);
    await Promise.all(cluster.masters.map((server) => server.cli('SCRIPT', 'FLUSH')));
    expect(await put(onEach[1], '3')).to.equal('OK');
  });

  it('may answer bytes, be callbacks, or fail by the application’s own fault', async () => {
    const [a] = onEach;
    await client.set(a, Buffer.from([0xff, 0]));
    expect(await client.getBuffer(a)).to.deep.equal(Buffer.from([0xff, 0]));
    const answered = await new Promise((resolve) => {
      void client.get(a, (error, reply) => resolve([error, typeof reply]));
    });
    expect(answered).to.deep.equal([null, 'string']);
    expect((await errorOf(client.lpush(a, 1))).message).to.match(/^WRONGTYPE/);
    await client.hset('h', { f: 1 });
    expect(await client.hgetall('h')).to.deep.equal({ f: '1' });
  });

  it('that set something for the connection are told to every node, also after a switch', async () => {
    const namesOn = async (server: RedisServer): Promise<string[]> =>
      Array.from(String(await server.cli('CLIENT', 'LIST')).matchAll(/ name=(\S+)/g), ([, name]) => name ?? '');
    await client.client('SETNAME', 'first');
    for (const server of cluster.masters) expect(await namesOn(server)).to.include('first');
    await client.geo.switchTo('west');
    await client.client('SETNAME', 'second');
    await client.geo.switchTo('east');
    await client.ping();

    for (const server of cluster.masters) expect(await namesOn(server)).to.include('second');
  });

  it('that select another database get what the server says', async () => {
    expect((await errorOf(client.select(1))).message).to.match(/SELECT is not allowed in cluster mode/);
    expect(await client.select(0)).to.equal('OK');
    expect(await client.set('k', 'v')).to.equal('OK');
  });

  it('that block have the time that a switch gives, and wait on their node', async () => {
    const [a] = onEach;
    const blocked = client.blpop(a, 0);
    await client.geo.switchTo('west', { drainMs: 50 });
    await client.set('behind', 1);
    await cluster.masterOf(a).cli('LPUSH', a, 'x');

    expect(await blocked).to.deep.equal([a, 'x']);
  });

  describe('that subscribe', () => {
    function heard(event: string, by: GeoFailoverRedis = client): Promise<unknown[]> {
      return new Promise((resolve) => by.once(event as 'message', (...args: unknown[]) => resolve(args)));
    }

    it('are heard from, from whatever node the message comes', async () => {
      expect(await client.subscribe('news')).to.equal(1);
      expect(await client.psubscribe('n*s')).to.equal(2);
      for (const server of cluster.masters) {
        const message = Promise.all([heard('message'), heard('pmessage')]);
        await server.cli('PUBLISH', 'news', 'x');
        expect(await message).to.deep.equal([
          ['news', 'x'],
          ['n*s', 'news', 'x'],
        ]);
      }
      expect(await client.set('k', 'meanwhile')).to.equal('OK');
      expect(await client.unsubscribe('news')).to.equal(1);
      expect(await client.punsubscribe()).to.equal(0);
    });

    it('follow a switch to a standalone Redis and back', async () => {
      await client.subscribe('news');
      for (const [to, server] of [
        ['west', other],
        ['east', cluster.master(1)],
      ] as const) {
        const moved = nextEvent(client, 'subscriptionsMoved');
        await client.geo.switchTo(to);
        expect(await moved).to.include({ to });
        const message = heard('message');
        await server.cli('PUBLISH', 'news', to);
        expect(await message).to.deep.equal(['news', to]);
      }
    });

    it('to shard channels are heard from the node of their slot', async () => {
      for (const channel of onEach) {
        await client.ssubscribe(channel);
        const message = heard('smessage');
        await cluster.masterOf(channel).cli('SPUBLISH', channel, 'x');
        expect(await message).to.deep.equal([channel, 'x']);
      }
      const moved = nextEvent(client, 'subscriptionsMoved');
      await client.geo.switchTo('west');
      await client.geo.switchTo('east');
      await moved;
      await client.ping();
      const message = heard('smessage');
      await client.spublish(onEach[2], 'again');
      expect(await message).to.deep.equal([onEach[2], 'again']);
    });
  });

  it('are traced once each, with the address of the node', async () => {
    const [a, b] = onEach;
    const channel = tracingChannel<string, object>('ioredis:command');
    const spans: { readonly command: string; readonly serverPort: number; readonly error?: Error }[] = [];
    const asyncEnd = (span: object): void => void spans.push(span as (typeof spans)[number]);
    channel.subscribe({ asyncEnd } as never);
    await client.set(a, 'x');
    await errorOf(client.incr(a));
    await client.get(b);
    await nextTurn();
    channel.unsubscribe({ asyncEnd } as never);
    const own = spans.filter(({ command }) => ['set', 'incr', 'get'].includes(command));

    expect(own.map(({ command, serverPort }) => [command, serverPort])).to.deep.equal([
      ['set', cluster.masterOf(a).port],
      ['incr', cluster.masterOf(a).port],
      ['get', cluster.masterOf(b).port],
    ]);
    expect(own.map(({ error }) => error !== undefined)).to.deep.equal([false, true, false]);
  });

  it('let the process exit by itself behind quit()', async () => {
    const nodes = JSON.stringify(cluster.masters.map(({ port }) => ({ host: '127.0.0.1', port })));
    const program = `
      import { Cluster } from 'ioredis';
      import { createGeoFailoverRedis } from './lib/index.ts';
      const client = createGeoFailoverRedis([() => new Cluster(${nodes}), 'redis://127.0.0.1:${other.port}']);
      await client.set('k', 'v');
      await client.subscribe('news');
      await client.quit();
    `;
    const imports = ['--import', 'tsx', '--import', './spec/support/select-ioredis.mjs'];
    const child = spawn(process.execPath, [...imports, '--input-type=module', '-e', program], { stdio: 'inherit' });

    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  });

  it('that are in flight when the client is closed are settled', async () => {
    const [a] = onEach;
    const sent = [client.blpop(a, 0), client.incr(a), client.subscribe('news')];
    const outcomes = Promise.all(sent.map((reply) => reply.catch((error: unknown) => error)));
    client.disconnect();

    for (const outcome of await outcomes) expect(outcome).to.have.property('code', 'GEO_CLIENT_CLOSED');
  });

  it('of a duplicate go the same way', async () => {
    const duplicate = client.duplicate();
    const [a, b] = onEach;
    expect(await Promise.all([duplicate.set(a, 1), duplicate.set(b, 2)])).to.deep.equal(['OK', 'OK']);
    expect(await client.get(b)).to.equal('2');
    await duplicate.quit();
  });
});
