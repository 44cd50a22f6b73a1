import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { type EndpointOptions, createGeoFailoverRedis, type GeoFailoverRedis } from '../../lib/index.ts';
import { type GeoPair, SHORT_TIMES, allReady, startGeoPair } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { createTestCertificates } from '../support/tls-certificates.ts';

const options = {
  ...SHORT_TIMES,
  failover: { silenceFloorMs: 150, verifyTimeoutMs: 400 },
  failback: { enabled: false },
};

describe('An endpoint', () => {
  let pair: GeoPair;

  afterEach(() => pair.dispose());

  async function connect(redis: (port: number) => EndpointOptions['redis']): Promise<GeoFailoverRedis> {
    const endpoints = pair.endpoints.map(({ id, proxy }) => ({ id, redis: redis(proxy.port) }));
    return pair.connect({ ...options, endpoints });
  }

  /** Writes, loses the active endpoint in the given way, and writes again. */
  async function expectFailover(client: GeoFailoverRedis, fail: () => Promise<unknown>): Promise<void> {
    expect(await client.set('k', 'first')).to.equal('OK');
    const switched = nextEvent(client, 'endpointSwitched');
    await fail();
    const reply = client.set('k', 'second');
    await switched;
    expect(await reply).to.equal('OK');
    expect(await pair.west.server.cli('GET', 'k')).to.equal('second');
  }

  it('may be a URL', async () => {
    pair = await startGeoPair();
    await expectFailover(await connect((port) => `redis://127.0.0.1:${port}/0`), () => pair.east.server.kill());
  });

  it('may have a user and a password, which appear nowhere', async () => {
    pair = await startGeoPair({ server: { users: ['app on >s3cret-word ~* &* +@all', 'default off'] } });
    const client = await connect((port) => `redis://app:s3cret-word@127.0.0.1:${port}`);
    await expectFailover(client, () => pair.east.server.kill());
    expect(JSON.stringify(client.geo.endpoints())).not.to.contain('s3cret-word');
  });

  it('may have a password that changes, and is asked for at every connect', async () => {
    pair = await startGeoPair({ server: { users: ['app on >first ~* &* +@all', 'default off'] } });
    let password = 'first';
    const endpoints = pair.endpoints.map(({ id, proxy }) => ({
      id,
      redis: { port: proxy.port },
      credentialsProvider: () => Promise.resolve({ username: 'app', password }),
    }));
    const client = await pair.connect({ ...options, endpoints });
    expect(await client.set('k', 'v')).to.equal('OK');
    for (const { server } of pair.endpoints) await server.cli('ACL', 'SETUSER', 'app', 'resetpass', '>second');
    password = 'second';
    await pair.east.proxy.reset();

    expect(await client.get('k')).to.equal('v');
    expect(client.geo.activeEndpoint).to.equal('east');
  });

  it('is not healthy while nobody tells its password', async () => {
    pair = await startGeoPair();
    const [east, west] = pair.endpointOptions();
    const credentialsProvider = (): never => {
      throw new Error('no token');
    };
    const client = pair.createClient({ ...options, endpoints: [{ ...east!, credentialsProvider }, west!] });
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
    expect(client.geo.endpoints()[0]?.lastError?.message).to.equal('no token');
  });

  it('is not healthy with a wrong password', async () => {
    pair = await startGeoPair({ server: { password: 'right' } });
    const client = pair.createClient({
      ...options,
      endpoints: [
        { id: 'east', redis: { port: pair.east.proxy.port, password: 'wrong' } },
        { id: 'west', weight: 0.5, redis: { port: pair.west.proxy.port, password: 'right' } },
      ],
    });
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
    const [east] = client.geo.endpoints();
    expect(east?.lastError?.message).to.contain('WRONGPASS');
  });

  it('may speak TLS', async () => {
    const certificates = createTestCertificates();
    pair = await startGeoPair({ server: { tls: certificates } });
    const client = await connect((port) => ({ port, host: '127.0.0.1', tls: { ca: readFileSync(certificates.ca) } }));
    await expectFailover(client, () => pair.east.proxy.blackhole());
  });

  for (const lazyConnect of [true, false]) {
    it(`may be a factory of clients that connect ${lazyConnect ? 'later' : 'by themselves'}`, async () => {
      pair = await startGeoPair();
      let made = 0;
      const client = await connect((port) => () => {
        made++;
        return new Redis({ port, host: '127.0.0.1', lazyConnect });
      });
      expect(made).to.be.at.least(4);
      await expectFailover(client, () => pair.east.server.freeze());
    });

    it(`may be a factory of TLS clients that connect ${lazyConnect ? 'later' : 'by themselves'}`, async () => {
      const certificates = createTestCertificates();
      pair = await startGeoPair({ server: { tls: certificates }, proxy: { endedClients: 'deliver' } });
      const tls = { ca: readFileSync(certificates.ca) };
      const client = await connect((port) => () => new Redis({ port, host: '127.0.0.1', lazyConnect, tls }));
      await pair.east.proxy.blackhole();
      const switched = nextEvent(client, 'endpointSwitched');
      const lost: unknown = client.incr('n').catch((reason: unknown) => reason);
      await switched;
      expect(await lost).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
      await pair.east.proxy.heal();
      expect(await pair.east.server.cli('EXISTS', 'n')).to.equal(0);
    });
  }

  it('tells where it is by the options of the client, also when it is a factory', async () => {
    pair = await startGeoPair();
    let made = 0;
    const client = await connect((port) => () => {
      const password = `secret ${made++}`;
      return new Redis(`redis://127.0.0.1:${port}/3`, { lazyConnect: true, password });
    });
    const seen = (): unknown[] =>
      [client, client.duplicate({ lazyConnect: true })].map(({ options: { host, port, db } }) => [host, port, db]);
    const east = ['127.0.0.1', pair.east.proxy.port, 3];
    const west = ['127.0.0.1', pair.west.proxy.port, 3];

    expect(seen()).to.deep.equal([east, east]);
    await client.geo.switchTo('west');
    expect(seen()).to.deep.equal([west, west]);
    expect(client.options.password).to.match(/^secret/);
    expect(JSON.stringify(client.options)).not.to.contain('secret');
  });

  it('may be a factory of clients with the same prefix of keys, which is put before them once', async () => {
    pair = await startGeoPair();
    const endpoints = pair.endpoints.map(({ id, proxy }, index) => ({
      id,
      redis: () => new Redis({ port: proxy.port, lazyConnect: true, keyPrefix: index === 0 ? 'app:' : '' }),
    }));
    const client = await pair.connect({ ...options, endpoints, redis: { keyPrefix: 'app:' } });
    await client.set('k', 'v');
    expect(await pair.east.server.cli('KEYS', '*')).to.deep.equal(['app:k']);
    await client.geo.switchTo('west');
    await client.set('k', 'v');
    expect(await pair.west.server.cli('KEYS', '*')).to.deep.equal(['app:k']);
  });

  it('may not be a factory of clients with another prefix of keys, which would be lost', async () => {
    pair = await startGeoPair();
    const [east, west] = pair.endpointOptions();
    const redis = (): Redis => new Redis({ port: pair.west.proxy.port, keyPrefix: 'app:' });
    const refused = 'endpoint "west" must not have a keyPrefix that differs from redis.keyPrefix, got "app:"';
    expect(() => pair.createClient({ ...options, endpoints: [east!, { ...west!, redis }] })).to.throw(refused);
    const client = await pair.connect({ ...options, endpoints: [east!] });
    expect(() => client.geo.add({ ...west!, redis })).to.throw(refused);
    expect(client.geo.endpoints()).to.have.length(1);
  });

  it('of which only PING may be asked is healthy', async () => {
    pair = await startGeoPair({ server: { users: ['default on nopass ~* &* +@all -@dangerous -role -info'] } });
    const client = await connect((port) => ({ port, enableReadyCheck: false }));
    await expectFailover(client, () => pair.east.server.kill());
  });
});

describe('Clients without a wire protocol', () => {
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    const endpoints = ['east', 'west'].map((id, index) => ({
      id,
      weight: 1 / (index + 1),
      redis: () => new RedisMock({ host: id }),
    }));
    client = createGeoFailoverRedis({ ...options, endpoints });
    await client.flushall();
    await allReady(client);
  });

  afterEach(() => client.disconnect());

  it('answer commands, Buffers and callbacks', async () => {
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await client.getBuffer('k')).to.deep.equal(Buffer.from('v'));
    expect(await client.hset('h', { a: 1, b: 2 })).to.equal(2);
    expect(await client.hgetall('h')).to.deep.equal({ a: '1', b: '2' });
    const called = new Promise((resolve) => {
      void client.get('k', (error, reply) => resolve([error, reply]));
    });
    expect(await called).to.deep.equal([null, 'v']);
  });

  it('bring messages, also after a switch', async () => {
    const heard: string[] = [];
    client.on('message', (channel: string, message: string) => heard.push(`${channel}: ${message}`));
    expect(await client.subscribe('a', 'b')).to.equal(2);
    for (const id of ['east', 'west']) {
      await client.geo.switchTo(id);
      const message = once(client, 'message');
      await new RedisMock({ host: id }).publish('a', id);
      await message;
    }

    expect(heard).to.deep.equal(['a: east', 'a: west']);
  });

  it('answer with their errors', async () => {
    await client.set('k', 'v');
    const error: unknown = await client.lpush('k', 'x').catch((reason: unknown) => reason);
    expect(error).to.be.an('error').with.property('message').that.contains('does not contain a list');
  });

  it('run pipelines and transactions', async () => {
    expect(await client.pipeline().set('a', 1).incr('a').get('a').exec()).to.deep.equal([
      [null, 'OK'],
      [null, 2],
      [null, '2'],
    ]);
    expect(await client.multi().set('b', 1).incr('b').exec()).to.deep.equal([
      [null, 'OK'],
      [null, 2],
    ]);
  });

  it('run transactions without a pipeline', async () => {
    expect(await client.multi({ pipeline: false })).to.equal('OK');
    expect(await client.set('c', 1)).to.equal('QUEUED');
    await client.incr('c');
    expect(await client.exec()).to.deep.equal([
      [null, 'OK'],
      [null, 2],
    ]);
    await client.multi({ pipeline: false });
    await client.set('c', 5);
    expect(await client.discard()).to.equal('OK');

    expect(await client.get('c')).to.equal('2');
  });

  it('run scripts that were defined', async () => {
    type Scripts = Record<'add' | 'addBuffer', (...args: unknown[]) => Promise<unknown>>;
    client.defineCommand('add', { numberOfKeys: 1, lua: "return redis.call('INCRBY', KEYS[1], ARGV[1])" });
    const scripts = client as unknown as Scripts;
    const chain = client.pipeline() as unknown as Record<'add', (...args: unknown[]) => { exec(): unknown }>;

    expect([await scripts.add('n', 2), await scripts.add('n', 3)]).to.deep.equal([2, 5]);
    expect(await chain.add('n', 1).exec()).to.deep.equal([[null, 6]]);
  });

  it('are switched between', async () => {
    await client.set('k', 'on east');
    await client.geo.switchTo('west');
    expect(await client.get('k')).to.equal(null);
    await client.set('k', 'on west');
    expect(await client.get('k')).to.equal('on west');
  });
});
