import { expect } from 'chai';
import type { EndpointReplacement, GeoFailoverOptions, GeoFailoverRedis } from '../../lib/index.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultyEndpoint } from '../support/faults.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

const options = {
  ...SHORT_TIMES,
  redis: { password: 'old' },
  failback: { enabled: false },
} satisfies Partial<GeoFailoverOptions>;

/** A data and a probe connection. */
const OF_ONE_CLIENT = 2;

function withPassword({ proxy }: Pick<FaultyEndpoint, 'proxy'>, password: string): EndpointReplacement {
  return { redis: { host: proxy.host, port: proxy.port, password } };
}

async function rotate({ server }: FaultyEndpoint): Promise<void> {
  await server.cli('CONFIG', 'SET', 'requirepass', 'new');
}

/** Everything that a client tells of, but for good checks. */
function toldBy(client: GeoFailoverRedis): string[] {
  const told: string[] = [];
  client.on('error', ({ message }) => told.push(message));
  client.geo.on('endpointSwitched', ({ from, to, kind, reason }) => told.push(`${from} > ${to}: ${kind}, ${reason}`));
  client.geo.on('healthStatusChanged', ({ endpointId, from, to }) => told.push(`${endpointId}: ${from} > ${to}`));
  return told;
}

describe('replace() with a new password', () => {
  const pair = geoPairForEachTest({ server: { password: 'old' } });
  let client: GeoFailoverRedis;
  let told: string[];

  beforeEach(async () => {
    client = await pair.connect(options);
    told = toldBy(client);
  });

  const codeOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => 'resolved',
      (reason: unknown) => (reason as { readonly code?: unknown }).code,
    );

  async function onlyConnectionsOf(clients: number): Promise<void> {
    await pair.east.proxy.waitFor(({ connectionCount }) => connectionCount === OF_ONE_CLIENT + clients - 1);
  }

  it('of the active endpoint loses nothing under load, and is an error for nobody', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    await rotate(pair.east);
    const switched = nextEvent(client, 'endpointSwitched');
    const report = await client.geo.replace('east', withPassword(pair.east, 'new'));

    expect(report).to.include({ from: 'east', to: 'east', epoch: 1, isDrained: true, interrupted: 0 });
    expect(await switched).to.deep.include({ from: 'east', to: 'east', reason: 'endpoint-replaced', epoch: 1, report });
    expect(client.geo.epoch).to.equal(1);
    await load.nextSuccesses(50);
    expect((await finish()).errors).to.deep.equal([]);
    // The connections that were made with the old password are gone, and new ones can be made.
    await onlyConnectionsOf(1);
    await pair.east.proxy.reset();
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await pair.east.server.cli('GET', 'k')).to.equal('v');
    expect(told).to.deep.equal(['east > east: manual, endpoint-replaced']);
  });

  it('again and again under load is an error for nobody', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    for (let times = 0; times < 5; times++) {
      await load.nextSuccesses(30);
      expect(await client.geo.replace('east', withPassword(pair.east, 'old'))).to.include({ isDrained: true });
    }
    await load.nextSuccesses(30);

    expect((await finish()).errors).to.deep.equal([]);
    expect(client.geo.epoch).to.equal(5);
    await onlyConnectionsOf(1);
  });

  it('of a user whose predecessor is deleted behind it loses nothing under load', async () => {
    await pair.east.server.cli('ACL', 'SETUSER', 'next', 'on', '>secret', '~*', '&*', '+@all');
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    const { redis } = withPassword(pair.east, 'secret');
    await client.geo.replace('east', { redis: { ...(redis as object), username: 'next' } });
    await onlyConnectionsOf(1);
    // Every connection of the default user ends.
    await pair.east.server.cli('ACL', 'SETUSER', 'default', 'off');
    await pair.east.server.cli('CLIENT', 'KILL', 'USER', 'default');
    await load.nextSuccesses(50);

    expect((await finish()).errors).to.deep.equal([]);
    expect(told).to.deep.equal(['east > east: manual, endpoint-replaced']);
  });

  it('of a standby switches nothing, and keeps its weight', async () => {
    client.geo.setWeight('west', 0.25);
    await rotate(pair.west);

    expect(await client.geo.replace('west', withPassword(pair.west, 'new'))).to.equal(undefined);
    expect(client.geo.epoch).to.equal(0);
    expect(client.geo.endpoints()[1]).to.include({ id: 'west', weight: 0.25, health: 'healthy', isReady: true });
    await pair.west.proxy.waitFor(({ connectionCount }) => connectionCount === OF_ONE_CLIENT);
    expect(await client.geo.switchTo('west')).to.include({ to: 'west' });
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await pair.west.server.cli('GET', 'k')).to.equal('v');
  });

  it('brings an endpoint back that refuses the old one', async () => {
    await rotate(pair.east);
    const failedOver = nextEvent(client, 'endpointSwitched');
    await pair.east.proxy.reset();
    await failedOver;
    told.length = 0;
    await client.geo.replace('east', withPassword(pair.east, 'new'));

    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy', isReady: true, lastReason: undefined });
    expect(await client.geo.switchTo('east')).to.include({ to: 'east' });
    expect(told).to.include('east: unhealthy > healthy');
  });

  it('that is wrong is refused, and leaves everything as it was', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    const before = client.geo.endpoints();
    const error: unknown = await client.geo
      .replace('east', withPassword(pair.east, 'wrong'))
      .catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY', endpointId: 'east' });
    expect((error as Error).message).to.match(/^Cannot replace east: WRONGPASS/);
    await load.nextSuccesses(50);

    expect((await finish()).errors).to.deep.equal([]);
    expect(client.geo.endpoints()).to.deep.equal(before);
    expect(told).to.deep.equal([]);
    await onlyConnectionsOf(1);
  });

  it('concerns every duplicate', async () => {
    const second = client.duplicate();
    await second.set('k', 'v');
    await rotate(pair.east);
    await client.geo.replace('east', withPassword(pair.east, 'new'));
    await onlyConnectionsOf(2);

    expect(await second.get('k')).to.equal('v');
    await pair.east.server.cli('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await allReady(client);
    expect(await second.get('k')).to.equal('v');
    second.disconnect();
  });

  it('makes subscriptions again, and hears every message once', async () => {
    const heard: string[] = [];
    client.on('message', (_channel, message) => heard.push(message));
    await client.subscribe('news');
    const moved = nextEvent(client, 'subscriptionsMoved');
    await client.geo.replace('east', withPassword(pair.east, 'old'));
    expect(await moved).to.include({ from: 'east', to: 'east' });
    await onlyConnectionsOf(1);

    const last = new Promise<void>((resolve) => {
      client.on('message', (_channel, message) => message === '9' && resolve());
    });
    for (let i = 0; i < 10; i++) await pair.east.server.cli('PUBLISH', 'news', String(i));
    await last;
    expect(heard).to.deep.equal(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  });

  it('moves commands that block', async () => {
    const popped = client.blpop('q', 0);
    const report = await client.geo.replace('east', withPassword(pair.east, 'old'));
    expect(report).to.include({ moved: 1, isDrained: true });
    await pair.east.server.cli('RPUSH', 'q', 'element');

    expect(await popped).to.deep.equal(['q', 'element']);
  });

  it('is an error for nobody without an offline queue', async () => {
    const eager = pair.createClient({ ...options, redis: { password: 'old', enableOfflineQueue: false } });
    await allReady(eager);
    const { load, finish } = startJudgedLoad(pair, eager);
    await load.nextSuccesses(50);
    expect(await eager.geo.replace('east', withPassword(pair.east, 'old'))).to.include({ isDrained: true });
    await load.nextSuccesses(50);

    expect((await finish()).errors).to.deep.equal([]);
  });

  it('gives up what is not answered in time, and closes its connection all the same', async () => {
    const patient = await pair.connect({
      ...options,
      ...{ failover: { drainMs: 50, silenceFloorMs: 5_000, silenceCeilingMs: 5_000 }, retry: { deadlineMs: 300 } },
    });
    const { connectionCount: before } = pair.east.proxy;
    const waited = patient.wait(3, 0).catch((reason: unknown) => reason);
    const report = await patient.geo.replace('east', withPassword(pair.east, 'old'));
    expect(report).to.include({ interrupted: 1, isDrained: false });
    expect(await patient.set('k', 'v')).to.equal('OK');

    expect(await waited).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east' });
    await pair.east.proxy.waitFor(({ connectionCount }) => connectionCount === before);
  });

  /** A write is in flight, and would arrive later if its connection were still there. */
  async function begunWrite(): Promise<{ hasty: GeoFailoverRedis; older: Promise<unknown> }> {
    client.disconnect();
    const failover = { drainMs: 0, silenceFloorMs: 5_000, silenceCeilingMs: 5_000 };
    const hasty = await pair.connect({ ...options, failover });
    await pair.east.proxy.blackhole();
    return { hasty, older: hasty.set('k', 'old').catch((reason: unknown) => reason) };
  }

  /** The same server, by another way. */
  const direct = (): EndpointReplacement => {
    const { host, port } = pair.east.server;
    return { redis: { host, port, password: 'old' } };
  };

  it('keeps writes in their order that are not answered in time, although both reach the same server', async () => {
    const { hasty, older } = await begunWrite();
    const report = await hasty.geo.replace('east', direct());
    expect(report).to.include({ interrupted: 1, isDrained: false });
    expect(await hasty.set('k', 'new')).to.equal('OK');
    await pair.east.proxy.heal();

    expect(await older).to.equal('OK');
    await pair.east.proxy.waitForConnections(0);
    expect(await hasty.get('k')).to.equal('new');
  });

  it('of an endpoint that was left keeps such writes in their order when it is gone back to', async () => {
    const { hasty, older } = await begunWrite();
    await hasty.geo.switchTo('west');
    await hasty.geo.replace('east', direct());
    await hasty.geo.switchTo('east');
    expect(await hasty.set('k', 'new')).to.equal('OK');
    await pair.east.proxy.heal();

    expect(await older).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
    await pair.east.proxy.waitForConnections(0);
    expect(await hasty.get('k')).to.equal('new');
  });

  it('is superseded by a newer call', async () => {
    const first = codeOf(client.geo.replace('east', withPassword(pair.east, 'old')));
    const second = await client.geo.replace('east', withPassword(pair.east, 'old'));

    expect(await first).to.equal('GEO_ENDPOINT_UNHEALTHY');
    expect(second).to.include({ epoch: 1 });
    await onlyConnectionsOf(1);
  });

  it('ends when the endpoint is removed meanwhile', async () => {
    const replaced = codeOf(client.geo.replace('west', withPassword(pair.west, 'old')));
    await client.geo.remove('west');

    expect(await replaced).to.equal('GEO_UNKNOWN_ENDPOINT');
    await pair.west.proxy.waitForConnections(0);
  });

  it('ends when the client is closed meanwhile', async () => {
    const replaced = codeOf(client.geo.replace('east', withPassword(pair.east, 'old')));
    client.disconnect();

    expect(await replaced).to.equal('GEO_CLIENT_CLOSED');
    await pair.east.proxy.waitForConnections(0);
  });

  it('ends well or not at all when the endpoint dies meanwhile, and nothing hangs', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    const failedOver = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failover');
    const replaced = codeOf(client.geo.replace('east', withPassword(pair.east, 'old')));
    await pair.east.server.kill();
    await failedOver;
    expect(await replaced).to.be.oneOf(['GEO_ENDPOINT_UNHEALTHY', 'resolved']);
    await load.nextSuccesses(50);

    expect(client.geo.activeEndpoint).to.equal('west');
    await finish();
  });
});

describe('replace() by another server', () => {
  const pair = geoPairForEachTest({ server: { password: 'old' } });
  let server: RedisServer;
  let proxy: FaultProxy;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    server = await startRedisServer({ password: 'old' });
    proxy = await startFaultProxy({ targetPort: server.port });
    client = await pair.connect(options);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([proxy.close(), server.dispose()]);
  });

  it('loses nothing under load, and is an error for nobody', async () => {
    const { load, finish } = startJudgedLoad({ servers: { ...pair.servers, third: server } }, client);
    await load.nextSuccesses(50);
    expect(await client.geo.replace('east', withPassword({ proxy }, 'old'))).to.include({ isDrained: true });
    await pair.east.proxy.waitForConnections(0);
    await load.nextSuccesses(50);

    expect((await finish()).errors).to.deep.equal([]);
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(client.options.port).to.equal(proxy.port);
  });

  it('that dies meanwhile leaves everything as it was, or is failed over from', async () => {
    const { load, finish } = startJudgedLoad({ servers: { ...pair.servers, third: server } }, client);
    await load.nextSuccesses(50);
    const replaced = client.geo.replace('east', withPassword({ proxy }, 'old')).catch((reason: unknown) => reason);
    await proxy.waitFor(({ connectionCount }) => connectionCount > 0);
    await proxy.refuse();
    const outcome = await replaced;
    await load.nextSuccesses(50);

    if (outcome instanceof Error) {
      expect(outcome).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY' });
      expect(client.geo.activeEndpoint).to.equal('east');
      expect((await finish()).errors).to.deep.equal([]);
    } else {
      expect(client.geo.activeEndpoint).to.equal('west');
      await finish();
    }
  });

  it('does not take what may have been executed by the one before for its own', async () => {
    await pair.east.server.cli('SADD', 'k', 'member');
    await pair.east.proxy.swallowReplies();
    const removed = client.srem('k', 'member').catch((reason: unknown) => reason);
    const replaced = client.geo.replace('east', withPassword({ proxy }, 'old'));

    expect(await removed).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
    await replaced;
  });
});
