import { expect } from 'chai';
import { type EndpointSwitchedEvent, type GeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { type FaultyEndpoint } from '../support/faults.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const options = { ...SHORT_TIMES, healthCheck: { intervalMs: 50, timeoutMs: 200 } };

describe('redis.geo', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect(options);
  });

  const optionsOf = ({ id, proxy }: FaultyEndpoint, weight: number) => ({
    id,
    weight,
    redis: { host: proxy.host, port: proxy.port },
  });

  it('shows the endpoints as they stand', () => {
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(client.geo.epoch).to.equal(0);
    expect(client.geo.endpoints()).to.deep.equal([
      {
        id: 'east',
        weight: 1,
        isActive: true,
        health: 'healthy',
        circuit: 'closed',
        isReady: true,
        hasLostData: false,
        isHeldBack: false,
        holdDownMs: 100,
        holdDownRemainingMs: 0,
        lastError: undefined,
        lastReason: undefined,
      },
      {
        id: 'west',
        weight: 0.5,
        isActive: false,
        health: 'healthy',
        circuit: 'closed',
        isReady: true,
        hasLostData: false,
        isHeldBack: false,
        holdDownMs: 100,
        holdDownRemainingMs: 0,
        lastError: undefined,
        lastReason: undefined,
      },
    ]);
  });

  it('switchTo() switches under load without an error, and stays until release()', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    const report = await client.geo.switchTo('west');
    expect(report).to.include({ from: 'east', to: 'west', epoch: 1, isDrained: true, interrupted: 0 });
    // East is preferred and healthy all the while; several rounds of checks pass.
    expect(await load.nextSuccesses(200)).to.equal(true);
    expect(client.geo.activeEndpoint).to.equal('west');

    const failedBack = nextEvent(client, 'endpointSwitched');
    client.geo.release();
    const { report: ofFailback, ...event } = await failedBack;
    expect(event).to.include({ to: 'east', kind: 'failback', reason: 'failback', epoch: 2 });
    expect(ofFailback).to.include({ from: 'west', to: 'east', epoch: 2, isDrained: true, interrupted: 0 });
    await load.nextSuccesses(50);
    const { errors } = await finish();
    expect(errors).to.deep.equal([]);
  });

  it('switchTo() a pinned endpoint does not hinder the failover when that one fails', async () => {
    await client.geo.switchTo('west');
    const failedOver = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failover');
    await pair.west.server.kill();
    expect(await failedOver).to.include({ from: 'west', to: 'east', kind: 'failover' });
  });

  it('switchTo() refuses an endpoint that does not answer, unless it is forced', async () => {
    await pair.west.proxy.refuse();
    const error: unknown = await client.geo.switchTo('west').catch((reason: unknown) => reason);
    expect(isGeoFailoverError(error, 'GEO_ENDPOINT_UNHEALTHY')).to.equal(true);
    expect(client.geo.activeEndpoint).to.equal('east');
  });

  it('switchTo() and the others refuse an unknown endpoint, and say which ones there are', async () => {
    const error: unknown = await client.geo.switchTo('north').catch((reason: unknown) => reason);
    expect(isGeoFailoverError(error, 'GEO_UNKNOWN_ENDPOINT')).to.equal(true);
    expect((error as Error).message).to.contain('east, west');
    expect(() => client.geo.setWeight('north', 1)).to.throw('north');
    expect(await client.geo.remove('north').catch((reason: unknown) => reason)).to.be.an('error');
  });

  it('switchTo() the active endpoint pins it', async () => {
    expect(await client.geo.switchTo('east')).to.include({ from: 'east', to: 'east', epoch: 0 });
    client.geo.setWeight('west', 5);
    const healthy = nextEvent(client, 'endpointSwitched');
    client.geo.release();
    expect(await healthy).to.include({ to: 'west', kind: 'failback' });
  });

  it('a newer switchTo() supersedes an older one', async () => {
    const blocked = client.blpop('nothing-here', 1);
    const first = client.geo.switchTo('west', { drainMs: 5_000, force: true }).catch((reason: unknown) => reason);
    const second = client.geo.switchTo('east', { force: true });
    expect(await second).to.include({ to: 'east' });
    expect(await first).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY' });
    expect(client.geo.activeEndpoint).to.equal('east');
    await blocked;
  });

  it('switchTo() reports what became of every command', async () => {
    await pair.east.proxy.delay(50);
    const inFlight = Array.from({ length: 7 }, (_, i) => client.set(`k${i}`, i));
    const popped = client.blpop('q', 0);
    const switched = client.geo.switchTo('west', { force: true });
    const held = client.get('k0');
    await Promise.all(inFlight);
    const report = await switched;
    await pair.west.server.cli('RPUSH', 'q', 'element');

    expect(await held).to.equal(null);
    expect(await popped).to.deep.equal(['q', 'element']);
    expect(report).to.include({ moved: 2, drained: 7, interrupted: 0, isDrained: true });
    expect(report.heldMs).to.equal(report.phases.drainMs + report.phases.switchMs);
  });

  it('switchTo() of a client that is closed meanwhile says so', async () => {
    const switched = client.geo.switchTo('west').catch((reason: unknown) => reason);
    client.disconnect();
    expect(await switched).to.include({ code: 'GEO_CLIENT_CLOSED' });
  });

  it('setWeight() makes another endpoint the preferred one, without an error', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    const switched = nextEvent(client, 'endpointSwitched');
    client.geo.setWeight('west', 2);
    expect(await switched).to.include({ from: 'east', to: 'west', kind: 'failback' });
    await load.nextSuccesses(50);
    expect((await finish()).errors).to.deep.equal([]);
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => client.geo.setWeight('west', weight)).to.throw('must be a finite number > 0');
    }
  });

  it('remove() of the active endpoint leaves it first, without an error; add() brings it back', async () => {
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(50);
    const [{ report, ...switched }, removed] = await Promise.all([
      nextEvent(client, 'endpointSwitched'),
      client.geo.remove('east'),
    ]);
    expect(removed).to.equal(report).and.to.include({ to: 'west', isDrained: true });
    expect(switched).to.include({ from: 'east', to: 'west', kind: 'manual', reason: 'endpoint-removed' });
    expect(client.geo.endpoints().map(({ id }) => id)).to.deep.equal(['west']);
    await load.nextSuccesses(50);
    await pair.east.proxy.waitForConnections(0);

    const back = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failback');
    client.geo.add(optionsOf(pair.east, 1));
    expect(await back).to.include({ to: 'east', kind: 'failback' });
    await load.nextSuccesses(50);
    expect((await finish()).errors).to.deep.equal([]);
  });

  it('remove() keeps the last healthy endpoint', async () => {
    await client.geo.remove('west');
    const error: unknown = await client.geo.remove('east').catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT', endpointId: 'east' });
    expect(await client.ping()).to.equal('PONG');
  });

  it('add() validates what it is given', () => {
    expect(() => client.geo.add(optionsOf(pair.east, 1))).to.throw('unique');
    expect(() => client.geo.add({ ...optionsOf(pair.east, 0), id: 'north' })).to.throw(
      'weight must be a finite number > 0',
    );
  });
});

describe('onSwitch', () => {
  const pair = geoPairForEachTest();

  it('runs after a switch, with what happened', async () => {
    const events: EndpointSwitchedEvent[] = [];
    const client = await pair.connect({ ...options, onSwitch: (event) => events.push(event) });
    await eventUpon(client, 'endpointSwitched', () => client.geo.switchTo('west'));
    expect(events).to.have.length(1);
    expect(events[0]).to.include({ from: 'east', to: 'west', kind: 'manual', reason: 'manual', epoch: 1 });
  });

  for (const [manner, onSwitch] of [
    [
      'throws',
      () => {
        throw new Error('broken action');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken action'))],
  ] as const) {
    it(`harms nothing when it ${manner}`, async () => {
      const client = await pair.connect({ ...options, onSwitch });
      const failed = await eventUpon(client, 'actionFailed', () => client.geo.switchTo('west'));
      expect(failed.error.message).to.equal('broken action');
      expect(await client.set('k', 'v')).to.equal('OK');
    });
  }
});

describe('duplicate()', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect({ ...options, failback: { enabled: false } });
  });

  it('shares the endpoints and the switches of its parent', async () => {
    const second = client.duplicate() as GeoFailoverRedis;
    await second.set('k', 'east');
    expect(second.geo).to.equal(client.geo);
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    expect(await second.set('k', 'west')).to.equal('OK');
    expect(await pair.west.server.cli('GET', 'k')).to.equal('west');
    // It is connected to the active endpoint only, also when the other one is back.
    await pair.east.server.restart();
    await allReady(client);
    expect(pair.endpoints.map(({ proxy }) => proxy.connectionCount)).to.deep.equal([2, 3]);
    second.disconnect();
    expect(await client.get('k')).to.equal('west');
  });

  it('takes overrides for its own connections', async () => {
    const second = client.duplicate({ db: 2, keyPrefix: 'second:' });
    await second.set('k', 'v');
    expect(await client.get('k')).to.equal(null);
    expect(await second.get('k')).to.equal('v');
    await client.select(2);
    expect(await client.get('second:k')).to.equal('v');
    second.disconnect();
  });

  it('goes on when its parent is closed, and keeps standbys from then on', async () => {
    const second = client.duplicate() as GeoFailoverRedis;
    await second.ping();
    await client.quit();
    await allReady(second);
    // A data and a probe connection each.
    expect(pair.endpoints.map(({ proxy }) => proxy.connectionCount)).to.deep.equal([2, 2]);
    await eventUpon(second, 'endpointSwitched', () => pair.east.server.kill());
    expect(await second.set('k', 'v')).to.equal('OK');
    second.disconnect();
  });

  it('costs probes once, however many there are', async () => {
    const duplicates = Array.from({ length: 10 }, () => client.duplicate());
    await Promise.all(duplicates.map((duplicate) => duplicate.ping()));
    // A data connection each, beside the parent's data and probe connections; on the standby only the parent's.
    expect(pair.east.proxy.connectionCount).to.equal(12);
    expect(pair.west.proxy.connectionCount).to.equal(2);
    for (const duplicate of duplicates) duplicate.disconnect();
    await pair.east.proxy.waitFor(({ connectionCount }) => connectionCount === 2);
  });
});
