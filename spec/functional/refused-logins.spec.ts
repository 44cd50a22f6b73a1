import { expect } from 'chai';
import {
  type EndpointOptions,
  type GeoFailoverOptions,
  type GeoFailoverRedis,
  createGeoFailoverRedis,
} from '../../lib/index.ts';
import { type RedisCluster, startRedisCluster } from '../support/clusters.ts';
import type { FaultyEndpoint } from '../support/faults.ts';
import { type GeoPair, SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { checksDone } from '../support/health-checks.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

const options = { ...SHORT_TIMES, redis: { password: 'old' } } satisfies Partial<GeoFailoverOptions>;

async function rotate({ server }: FaultyEndpoint, password: string): Promise<void> {
  await server.cli('CONFIG', 'SET', 'requirepass', password);
}

/** A client whose `error` events are expected: they say why a login was refused. */
async function connect(pair: GeoPair, given: Partial<GeoFailoverOptions>): Promise<GeoFailoverRedis> {
  const client = await pair.connect(given);
  client.on('error', () => undefined);
  return client;
}

/** Every switch from now on. */
function switchesOf(client: GeoFailoverRedis): string[] {
  const switches: string[] = [];
  client.geo.on('endpointSwitched', ({ from, to, reason }) => switches.push(`${from} > ${to}: ${reason}`));
  return switches;
}

describe('A password that is changed while clients are connected', () => {
  const pair = geoPairForEachTest({ server: { password: 'old' } });

  it('does not concern connections that are there', async () => {
    const client = await connect(pair, options);
    await rotate(pair.east, 'new');
    await checksDone(pair.east.server, 3);
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(client.geo.epoch).to.equal(0);
    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy' });
  });

  it('makes the endpoint unusable once a connection is lost, with the reason, until it fits again', async () => {
    const client = await connect(pair, options);
    const switches = switchesOf(client);
    await rotate(pair.east, 'new');
    const unhealthy = nextEvent(client, 'healthStatusChanged');
    await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.reset());
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await unhealthy).to.include({ endpointId: 'east', to: 'unhealthy' });
    expect((await unhealthy).error?.message).to.match(/^WRONGPASS/);

    // Rounds in which east is tried again, and refuses again.
    const { accepted } = pair.east.proxy.counters;
    await pair.east.proxy.waitFor(({ counters }) => counters.accepted >= accepted + 6);
    expect(client.geo.endpoints()[0]).to.include({ health: 'unhealthy', isReady: false });
    expect(client.geo.endpoints()[0]?.lastError?.message).to.match(/^WRONGPASS/);
    const refusal: unknown = await client.geo.switchTo('east').catch((reason: unknown) => reason);
    expect(refusal).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY' });
    expect(switches).to.deep.equal(['east > west: connection-lost']);

    await eventUpon(client, 'endpointSwitched', () => rotate(pair.east, 'old'));
    expect(switches).to.deep.equal(['east > west: connection-lost', 'west > east: failback']);
    expect(await client.set('k', 'v')).to.equal('OK');
  });

  it('is no failure where the application tells the new one', async () => {
    let password = 'old';
    const endpoints: EndpointOptions[] = pair.endpointOptions().map((endpoint) => ({
      ...endpoint,
      credentialsProvider: () => ({ password }),
    }));
    const client = await connect(pair, { ...SHORT_TIMES, endpoints });
    const { load, finish } = startJudgedLoad(pair, client, { mix: { get: 1, set: 1 } });
    expect(await load.nextSuccesses(20)).to.equal(true);
    password = 'new';
    await Promise.all(pair.endpoints.map((endpoint) => rotate(endpoint, password)));
    await pair.east.proxy.reset();
    expect(await load.nextSuccesses(50)).to.equal(true);

    const { errors } = await finish();
    expect(errors).to.deep.equal([]);
    expect(client.geo.epoch).to.equal(0);
  });

  it('on all endpoints lets commands wait, and is told as the reason', async () => {
    const client = await connect(pair, { ...options, retry: { deadlineMs: 500 } });
    const told = new Promise<Error>((resolve) => client.once('error', resolve));
    await Promise.all(pair.endpoints.map((endpoint) => rotate(endpoint, 'new')));
    await Promise.all(pair.endpoints.map(({ proxy }) => proxy.reset()));
    expect((await told).message).to.match(/^WRONGPASS/);
    const error: unknown = await client.incr('n').catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT', outcome: 'not-executed' });
    expect(error)
      .to.have.nested.property('cause.message')
      .that.matches(/^WRONGPASS/);
    // A secret is in none of it.
    expect(String((error as Error).stack)).not.to.contain('old');

    await eventUpon(client, 'endpointSwitched', () => rotate(pair.west, 'old'));
    expect(await client.incr('n')).to.equal(1);
    expect(client.geo.activeEndpoint).to.equal('west');
  });
});

describe('A password that is asked for all at once', () => {
  const pair = geoPairForEachTest();

  it('makes the endpoint unusable once a connection is lost', async () => {
    const client = await connect(pair, SHORT_TIMES);
    await rotate(pair.east, 'new');
    await checksDone(pair.east.server, 2);
    expect(client.geo.epoch).to.equal(0);
    await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.reset());
    expect(client.geo.endpoints()[0]?.lastError?.message).to.match(/^NOAUTH/);
    expect(await client.set('k', 'v')).to.equal('OK');
  });

  it('also of connections that are there is a failure of the endpoint, and an error for nobody', async () => {
    const client = await connect(pair, { ...SHORT_TIMES, failback: { enabled: false } });
    const { load, finish } = startJudgedLoad(pair, client, {
      mix: { get: 4, set: 4, incr: 4, rpush: 4, pipeline: 1, multi: 1 },
    });
    expect(await load.nextSuccesses(20)).to.equal(true);
    const switched = nextEvent(client, 'endpointSwitched');
    await pair.east.proxy.replyWithErrors({ message: 'NOAUTH Authentication required.' });
    expect(await switched).to.include({ from: 'east', to: 'west' });
    expect(await load.nextSuccesses(50)).to.equal(true);

    const { errors } = await finish();
    expect(errors).to.deep.equal([]);
  });
});

describe('A user', () => {
  const pair = geoPairForEachTest({ server: { users: ['app on >secret ~* &* +@all'] } });
  const redis = { username: 'app', password: 'secret' };

  it('who is deleted loses the connections, and the endpoint is left with the reason', async () => {
    const client = await connect(pair, { ...SHORT_TIMES, redis });
    const event = await eventUpon(client, 'endpointSwitched', () => pair.east.server.cli('ACL', 'DELUSER', 'app'));
    expect(event).to.include({ from: 'east', to: 'west' });
    expect(client.geo.endpoints()[0]?.lastError?.message).to.match(/^WRONGPASS/);
    expect(await client.set('k', 'v')).to.equal('OK');
  });

  it('who may do less than before gets the replies, and the endpoint is not left', async () => {
    const client = await connect(pair, { ...SHORT_TIMES, redis });
    await pair.east.server.cli('ACL', 'SETUSER', 'app', '-set', '-role', '-info', '-dbsize');
    for (let count = 0; count < 10; count++) {
      const error: unknown = await client.set('k', 'v').catch((reason: unknown) => reason);
      expect(error)
        .to.be.an('error')
        .with.property('message')
        .that.matches(/^NOPERM/);
    }
    await checksDone(pair.east.server, 1);
    expect(await client.get('k')).to.equal(null);
    expect(client.geo.epoch).to.equal(0);
  });
});

describe('A user of a Cluster', () => {
  let cluster: RedisCluster;
  let other: RedisServer;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    [cluster, other] = await Promise.all([startRedisCluster(), startRedisServer()]);
    await addUser();
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failover: { ...SHORT_TIMES.failover, localRecoveryMs: 0 },
      endpoints: [
        { id: 'east', redis: cluster.client({ redisOptions: { username: 'app', password: 'secret' } }) },
        { id: 'west', weight: 0.5, redis: { port: other.port } },
      ],
    });
    client.on('error', () => undefined);
    await client.ping();
    await allReady(client);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([cluster.dispose(), other.dispose()]);
  });

  async function addUser(): Promise<void> {
    const rules = ['on', '>secret', '~*', '&*', '+@all'];
    await Promise.all(cluster.all.map((node) => node.cli('ACL', 'SETUSER', 'app', ...rules)));
  }

  it('who is deleted on all nodes makes the endpoint unusable, until there is one again', async () => {
    await eventUpon(client, 'endpointSwitched', () =>
      Promise.all(cluster.all.map((node) => node.cli('ACL', 'DELUSER', 'app'))),
    );
    expect(client.geo.activeEndpoint).to.equal('west');
    expect(await client.set('k', 'v')).to.equal('OK');
    await checksDone(other, 3);
    expect(client.geo.endpoints()[0]?.lastError?.message).to.match(/^WRONGPASS/);

    await eventUpon(client, 'endpointSwitched', addUser);
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(await client.set('k', 'v')).to.equal('OK');
  });
});
