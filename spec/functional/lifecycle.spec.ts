import { on, once } from 'node:events';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const STATUSES = ['wait', 'connecting', 'connect', 'ready', 'close', 'reconnecting', 'end'];

/** Notes every status that the client is told to have. */
function statusesOf(client: GeoFailoverRedis): string[] {
  const seen: string[] = [];
  for (const status of STATUSES) client.on(status, () => seen.push(status));
  return seen;
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

describe('A client that was closed', () => {
  const pair = geoPairForEachTest();

  const ways: readonly (readonly [name: string, close: (client: GeoFailoverRedis) => unknown])[] = [
    ['disconnect()', (client) => client.disconnect()],
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is there still
    ['end()', (client) => client.end()],
    ['quit()', (client) => client.quit()],
  ];

  for (const [name, close] of ways) {
    it(`by ${name} refuses commands until connect() opens it again`, async () => {
      const client = await pair.connect(SHORT_TIMES);
      await client.set('k', 'v');
      const seen = statusesOf(client);
      const ended = once(client, 'end');
      await close(client);
      await ended;
      expect(await errorOf(client.get('k'))).to.include({ code: 'GEO_CLIENT_CLOSED' });
      await client.connect();

      expect(client.status).to.equal('ready');
      expect(await client.get('k')).to.equal('v');
      expect(seen).to.deep.equal(['close', 'end', 'connecting', 'connect', 'ready']);
    });
  }

  it('by disconnect() settles what the server refuses after that', async () => {
    await pair.east.server.cli('CONFIG', 'SET', 'min-replicas-to-write', '1');
    const client = await pair.connect({ redis: { maxRetriesPerRequest: null } });
    const sent = [client.incr('k'), client.multi().incr('l').exec(), client.incr('m')].map(errorOf);
    client.disconnect();

    for (const error of await Promise.all(sent)) expect(error).to.be.an('error');
    expect(await pair.east.server.cli('EXISTS', 'k', 'l', 'm')).to.equal(0);
  });

  it('has the same database and subscriptions when it was opened again, as with ioredis', async () => {
    const client = await pair.connect(SHORT_TIMES);
    await client.select(3);
    await client.set('k', 'v');
    await client.subscribe('c');
    client.disconnect();
    await client.connect();
    const message = once(client, 'message');
    const other = pair.createClient({ ...SHORT_TIMES, redis: { db: 3 } });
    expect(await other.get('k')).to.equal('v');
    expect(await other.publish('c', 'hello')).to.equal(1);

    expect(await message).to.deep.equal(['c', 'hello']);
  });

  it('fails over after it was opened again', async () => {
    const client = await pair.connect(SHORT_TIMES);
    client.disconnect();
    await client.connect();
    await allReady(client);
    await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.refuse());

    expect(await client.set('k', 'v')).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  it('before it was connected has ended as well, and can be connected', async () => {
    const client = pair.createClient({ ...SHORT_TIMES, redis: { lazyConnect: true } });
    const ended = once(client, 'end');
    client.disconnect();
    await ended;
    await client.connect();

    expect(await client.ping()).to.equal('PONG');
  });
});

describe('connect()', () => {
  const pair = geoPairForEachTest();

  it('is refused while the client is open, as by ioredis', async () => {
    const client = await pair.connect(SHORT_TIMES);

    expect(await errorOf(client.connect())).to.have.property('message', 'Redis is already connecting/connected');
  });
});

describe('The status of a client', () => {
  const pair = geoPairForEachTest();

  it('is that of the event which is told, as with ioredis', async () => {
    const client = pair.createClient(SHORT_TIMES);
    const seen: string[] = [];
    for (const status of ['connect', 'ready']) client.once(status, () => seen.push(client.status));
    await once(client, 'ready');

    expect(seen).to.deep.equal(['connect', 'ready']);
  });

  it('stays at the end when the client is closed as soon as it is connected', async () => {
    const client = pair.createClient(SHORT_TIMES);
    const seen = statusesOf(client);
    client.once('connect', () => client.disconnect());
    await once(client, 'end');

    expect(client.status).to.equal('end');
    expect(seen).to.not.include('ready');
  });
});

describe('disconnect(true)', () => {
  const pair = geoPairForEachTest();

  it('gives the client a new connection, and tells so as ioredis does', async () => {
    const client = await pair.connect(SHORT_TIMES);
    const id = await client.client('ID');
    const seen = statusesOf(client);
    const ready = once(client, 'ready');
    client.disconnect(true);
    await ready;

    expect(await client.client('ID')).to.be.greaterThan(id);
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(seen).to.deep.equal(['close', 'reconnecting', 'connecting', 'connect', 'ready']);
  });
});

describe('monitor()', () => {
  const pair = geoPairForEachTest();

  /** The next command that is told of, by name and arguments. */
  async function nextTold(monitor: Redis, name: string): Promise<string[]> {
    for await (const [, args] of on(monitor, 'monitor') as AsyncIterable<[string, string[]]>) {
      if (args[0]?.toLowerCase() === name) return args;
    }
    return [];
  }

  for (const [way, open] of Object.entries({
    'the promise': (client: GeoFailoverRedis) => client.monitor(),
    'the callback': (client: GeoFailoverRedis) =>
      new Promise<Redis | undefined>((resolve) => void client.monitor((_error, monitor) => resolve(monitor))),
  })) {
    it(`gives a client of ioredis that is told what the active endpoint executes, by ${way}`, async () => {
      const client = await pair.connect(SHORT_TIMES);
      await client.geo.switchTo('west');
      const monitor = await open(client);
      if (monitor === undefined) throw new Error('There is no client');
      try {
        expect(monitor.status).to.equal('monitoring');
        const told = nextTold(monitor, 'set');
        await client.set('k', 'v');

        expect(await told).to.deep.equal(['set', 'k', 'v']);
      } finally {
        monitor.disconnect();
      }
    });
  }

  it('works with a factory of clients, and with what duplicate() was given', async () => {
    const endpoints = pair.endpoints.map(({ id, proxy }) => ({ id, redis: () => new Redis({ port: proxy.port }) }));
    const client = await pair.connect({ ...SHORT_TIMES, endpoints });
    const duplicate = client.duplicate({ connectionName: 'watcher' });
    const monitor = await duplicate.monitor();
    try {
      const list = String(await client.client('LIST'));

      expect(list).to.match(/name=watcher .*cmd=monitor/);
    } finally {
      monitor.disconnect();
      duplicate.disconnect();
    }
  });

  it('says why there is none', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, failback: { enabled: false } });
    await pair.refuse();

    expect(await errorOf(client.monitor())).to.include({ code: 'ECONNREFUSED' });
  });
});

describe('A client without an offline queue', () => {
  const pair = geoPairForEachTest();
  const options = { ...SHORT_TIMES, redis: { enableOfflineQueue: false } };
  const TEXT = "Stream isn't writeable and enableOfflineQueue options is false";

  async function connect(): Promise<GeoFailoverRedis> {
    const client = pair.createClient(options);
    await once(client, 'ready');
    await allReady(client);
    return client;
  }

  it('refuses commands before it is connected, as ioredis does', async () => {
    const client = pair.createClient(options);

    expect(await errorOf(client.get('k'))).to.have.property('message', TEXT);
    await once(client, 'ready');
    expect(await client.set('k', 'v')).to.equal('OK');
  });

  it('lets them wait for a switch', async () => {
    const client = await connect();
    await pair.east.proxy.refuse();

    expect(await client.set('k', 'v')).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  it('refuses them when no endpoint is left, and takes them when one is back', async () => {
    const client = await connect();
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    expect(await errorOf(client.get('k'))).to.have.property('message', TEXT);
    const ready = once(client, 'ready');
    await pair.heal();
    await ready;

    expect(await client.set('k', 'v')).to.equal('OK');
  });
});

describe('The events of a client', () => {
  const pair = geoPairForEachTest();

  it('do not tell of a switch, nor of a standby that fails', async () => {
    const client = await pair.connect(SHORT_TIMES);
    const seen = statusesOf(client);
    client.on('error', (error) => seen.push(String(error)));
    const isDown = nextEvent(client, 'healthStatusChanged', ({ to }) => to === 'unhealthy');
    await pair.west.proxy.refuse();
    await isDown;
    await pair.west.proxy.heal();
    await allReady(client);
    await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.refuse());
    await client.set('k', 'v');

    expect(seen).to.deep.equal([]);
    expect(client.status).to.equal('ready');
  });

  it('tell that nothing can be reached, why, and that something can be again', async () => {
    const client = await pair.connect(SHORT_TIMES);
    const seen = statusesOf(client);
    const told = new Promise((resolve) => client.once('error', resolve));
    const delay = new Promise((resolve) => client.once('reconnecting', resolve));
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    expect(await delay).to.equal(100);
    expect(await told).to.be.an('error');
    expect(client.status).to.equal('reconnecting');
    const ready = once(client, 'ready');
    await pair.heal();
    await ready;

    expect(await client.set('k', 'v')).to.equal('OK');
    expect(seen).to.deep.equal(['close', 'reconnecting', 'connecting', 'connect', 'ready']);
  });
});
