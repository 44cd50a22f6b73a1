import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import {
  type GeoFailoverOptions,
  type GeoFailoverRedis,
  allOf,
  pingHealthCheck,
  replicationHealthCheck,
} from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { ReplicationRelay } from '../support/replication-relay.ts';

const PREFIX = '__geo-failover:';

describe('A client that goes back only to what replicates', () => {
  const pair = geoPairForEachTest({ server: { users: ['silenced on >secret ~* resetchannels +@all'] } });
  let relay: ReplicationRelay;

  beforeEach(async () => {
    relay = new ReplicationRelay();
    await relay.start(pair.east.server, pair.west.server);
  });

  afterEach(() => relay.stop());

  function options(timeoutMs?: number): Partial<GeoFailoverOptions> {
    const check = replicationHealthCheck(timeoutMs === undefined ? {} : { timeoutMs });
    return { ...SHORT_TIMES, healthCheck: { ...SHORT_TIMES.healthCheck, check } };
  }

  /** A client that has left `east`, which is up again. */
  async function connectAndLeaveEast(given = options()): Promise<GeoFailoverRedis> {
    const client = await pair.connect(given);
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    const healthy = nextEvent(client, 'healthStatusChanged', ({ to }) => to === 'healthy');
    await pair.east.server.restart();
    expect(await healthy).to.include({ endpointId: 'east', reason: undefined });
    return client;
  }

  /** The client has asked so often. */
  async function asked(times: number): Promise<void> {
    await Promise.all([relay.eastToWest.next(times), relay.westToEast.next(times)]);
  }

  async function channelsOf(server: RedisServer): Promise<unknown[]> {
    return (await server.cli('PUBSUB', 'CHANNELS', `${PREFIX}*`)) as unknown[];
  }

  /** Nobody listens there any more. The test's own limit bounds the wait. */
  async function deserted(client: GeoFailoverRedis, server: RedisServer): Promise<void> {
    while (client.status !== 'end' && (await channelsOf(server)).length > 0) await nextTurn();
  }

  it('waits until messages go both ways, while everything is served', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    const { load, finish } = startJudgedLoad(pair, client, { mix: { get: 1, set: 1, incr: 1, rpush: 1 } });
    await asked(6);
    expect(client.geo.activeEndpoint).to.equal('west');
    const [east, west] = client.geo.endpoints();
    expect(east).to.include({ health: 'healthy', isHeldBack: true, lastReason: 'replication' });
    expect(east?.lastError?.message).to.equal('no message comes in time from east to west, nor from west to east');
    expect(west).to.include({ health: 'healthy', isHeldBack: false, lastReason: undefined });

    relay.eastToWest.flows = true;
    await asked(8);
    expect(client.geo.activeEndpoint).to.equal('west');
    expect(client.geo.endpoints()[0]?.lastError?.message).to.equal('no message comes in time from west to east');
    expect(await load.nextSuccesses(20)).to.equal(true);

    const back = await eventUpon(client, 'endpointSwitched', () => {
      relay.westToEast.flows = true;
      return Promise.resolve();
    });
    expect(back).to.include({ from: 'west', to: 'east', kind: 'failback' });
    expect(await load.nextSuccesses(20)).to.equal(true);
    expect((await finish()).errors).to.deep.equal([]);
  });

  it('leaves nothing for that, and asks nothing while it is where it belongs', async () => {
    relay.flows = false;
    let rounds = 0;
    const check = allOf(replicationHealthCheck(), () => (rounds++, true));
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...SHORT_TIMES.healthCheck, check } });
    while (client.status !== 'end' && rounds < 12) await nextTurn();
    expect(client.geo.epoch).to.equal(0);
    for (const endpoint of client.geo.endpoints())
      expect(endpoint).to.include({ health: 'healthy', isHeldBack: false });
    expect(await channelsOf(pair.east.server)).to.deep.equal([]);
    expect(await channelsOf(pair.west.server)).to.deep.equal([]);
    expect([relay.eastToWest.count, relay.westToEast.count]).to.deep.equal([0, 0]);
  });

  it('does not leave the active endpoint when replication breaks while another one waits', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    await asked(8);
    expect(client.geo.endpoints()[1]).to.include({ isActive: true, health: 'healthy', isHeldBack: false });
    expect(client.geo.epoch).to.equal(1);

    const failover = await eventUpon(client, 'endpointSwitched', () => pair.west.server.kill());
    expect(failover).to.include({ from: 'west', to: 'east', kind: 'failover' });
  });

  it('waits for messages that take longer than a check, and not for those that take too long', async () => {
    relay.flows = false;
    const patient = await connectAndLeaveEast(options(5_000));
    relay.eastToWest.delayMs = relay.westToEast.delayMs = 2 * SHORT_TIMES.healthCheck.timeoutMs;
    const back = await eventUpon(patient, 'endpointSwitched', () => {
      relay.flows = true;
      return Promise.resolve();
    });
    expect(back).to.include({ to: 'east', kind: 'failback' });
    patient.disconnect();

    const impatient = await connectAndLeaveEast(options(100));
    await asked(10);
    expect(impatient.geo.activeEndpoint).to.equal('west');
    expect(impatient.geo.endpoints()[0]).to.include({ isHeldBack: true, lastReason: 'replication' });
  });

  it('listens at the two endpoints while it waits, and nowhere afterwards', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    await asked(4);
    const [channel = '', ...others] = await channelsOf(pair.east.server);
    expect(others).to.deep.equal([]);
    for (const { server } of pair.endpoints) {
      // The relay subscribes to a pattern, which is not counted.
      expect(await server.cli('PUBSUB', 'NUMSUB', String(channel))).to.deep.equal([channel, 1]);
    }
    await eventUpon(client, 'endpointSwitched', () => {
      relay.flows = true;
      return Promise.resolve();
    });
    for (const { server } of pair.endpoints) await deserted(client, server);
    expect(client.status).to.equal('ready');
    expect(await pair.west.server.cli('DBSIZE')).to.equal(0);
  });

  it('closes every connection when it is closed while it waits', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    await asked(4);
    await client.quit();
    for (const { proxy } of pair.endpoints) await proxy.waitForConnections(0);
  });

  it('listens again when the connections for that are lost', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    await asked(4);
    const [before] = await channelsOf(pair.west.server);
    for (const { server } of pair.endpoints) await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    const isListening = async (): Promise<boolean> =>
      (await channelsOf(pair.west.server)).some((name) => name !== before);
    while (client.status !== 'end' && !(await isListening())) await nextTurn();
    const back = await eventUpon(client, 'endpointSwitched', () => {
      relay.flows = true;
      return Promise.resolve();
    });
    expect(back).to.include({ to: 'east', kind: 'failback' });
  });

  it('does not take a user who may not listen for a failure', async () => {
    const redis = { username: 'silenced', password: 'secret' };
    const client = await connectAndLeaveEast({ ...options(), redis });
    const isHeldBack = (): boolean => client.geo.endpoints()[0]?.lastReason === 'auth';
    while (client.status !== 'end' && !isHeldBack()) await nextTurn();
    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy', isHeldBack: true });
    expect(client.geo.endpoints()[0]?.lastError?.message).to.match(/^NOPERM/);

    const back = await eventUpon(client, 'endpointSwitched', () =>
      Promise.all(pair.endpoints.map(({ server }) => server.cli('ACL', 'SETUSER', 'silenced', `&${PREFIX}*`))),
    );
    expect(back).to.include({ to: 'east', kind: 'failback' });
  });

  it('refuses failback(), but not switchTo(), while it waits', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    await asked(2);
    const refusal: unknown = await client.geo.failback().catch((reason: unknown) => reason);
    expect(refusal).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY' });
    expect((refusal as Error).message).to.match(/^Cannot switch to east: no message comes in time/);

    expect(await client.geo.switchTo('east')).to.include({ from: 'west', to: 'east' });
  });

  it('leaves no connections behind when another check takes its place', async () => {
    relay.flows = false;
    const client = await connectAndLeaveEast();
    await asked(2);
    client.geo.update({ healthCheck: { check: pingHealthCheck() } });

    await Promise.all([deserted(client, pair.east.server), deserted(client, pair.west.server)]);
    expect(client.status).to.equal('ready');
  });
});
