import { once } from 'node:events';
import { expect } from 'chai';
import type { GeoFailoverRedis, InitializationPolicy } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { checksDone } from '../support/health-checks.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const start = (policy: InitializationPolicy, timeoutMs: number) => ({
  ...SHORT_TIMES,
  healthCheck: { intervalMs: 50, timeoutMs: 100 },
  initialization: { policy, timeoutMs },
});

/** Longer than any test. */
const LONG_MS = 9_000;

describe('initialization.policy', () => {
  const pair = geoPairForEachTest();

  function isAnswered(reply: Promise<unknown>): Promise<boolean> {
    const isPending = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
    return Promise.race([reply.then(() => true), isPending]);
  }

  /** It is connected to east and knows that it is healthy, and has not begun. */
  async function heldBack(client: GeoFailoverRedis): Promise<void> {
    await nextEvent(client, 'healthStatusChanged', ({ endpointId, to }) => endpointId === 'east' && to === 'healthy');
    await checksDone(pair.east.server, 3);
    expect(client.geo.endpoints()[0]).to.include({ isReady: true, health: 'healthy' });
  }

  for (const policy of ['majority', 'all'] as const) {
    it(`"${policy}" of two lets commands go when both are there, in their order`, async () => {
      await pair.west.proxy.refuse();
      const client = pair.createClient(start(policy, LONG_MS));
      const ready = once(client, 'ready');
      const told: unknown[] = [];
      client.geo.on('degradedStart', (event) => told.push(event));
      const replies = Promise.all([client.set('k', 1), client.incr('k'), client.get('k')]);
      await heldBack(client);
      expect([client.status, await isAnswered(replies)]).to.deep.equal(['connecting', false]);
      expect(await pair.east.server.cli('EXISTS', 'k')).to.equal(0);

      await pair.west.proxy.heal();
      expect(await replies).to.deep.equal(['OK', 2, '2']);
      await ready;
      expect([client.geo.activeEndpoint, client.geo.epoch, told]).to.deep.equal(['east', 0, []]);
    });
  }

  it('"all" begins without those that are missing when the time is up, and says which ones', async () => {
    await pair.west.proxy.refuse();
    const client = pair.createClient({ ...start('all', 300), redis: { lazyConnect: true } });
    const degraded = nextEvent(client, 'degradedStart');
    await client.connect();
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await degraded).to.deep.equal({ activeEndpoint: 'east', missing: ['west'] });
  });

  it('"all" begins with a standby when the preferred one is missing', async () => {
    await pair.east.proxy.blackhole();
    const client = pair.createClient(start('all', 300));
    const degraded = nextEvent(client, 'degradedStart');
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await degraded).to.deep.equal({ activeEndpoint: 'west', missing: ['east'] });
  });

  it('"all" goes on with the first that comes when none was there in time', async () => {
    await pair.refuse();
    const client = pair.createClient(start('all', 100));
    const reply = client.set('k', 'v');
    await nextEvent(client, 'allEndpointsUnhealthy');
    await pair.west.proxy.heal();
    expect(await reply).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  it('is over when the client has begun, for duplicates and behind connect() as well', async () => {
    const client = await pair.connect(start('all', LONG_MS));
    await eventUpon(client, 'healthStatusChanged', () => pair.west.proxy.refuse());
    const duplicate = client.duplicate();
    expect(await duplicate.set('k', 'v')).to.equal('OK');
    duplicate.disconnect();
    client.disconnect();
    await client.connect();
    expect(await client.get('k')).to.equal('v');
  });

  it('does not keep quit() nor disconnect() from their end', async () => {
    await pair.west.proxy.refuse();
    const clients = [1, 2].map(() => pair.createClient({ ...start('all', 900), retry: { deadlineMs: 1_000 } }));
    const [quitting, leaving] = clients as [GeoFailoverRedis, GeoFailoverRedis];
    const write = quitting.set('k', 'v');
    const lost = leaving.set('l', 'v').catch((reason: unknown) => reason);
    leaving.disconnect();
    expect(await lost).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
    expect(await Promise.all([write, quitting.quit()])).to.deep.equal(['OK', 'OK']);
  });
});

describe('While nothing can be reached', () => {
  const pair = geoPairForEachTest();

  it('errors and redis.geo tell for how long, until it is over', async () => {
    const client = await pair.connect({ ...start('one', 1_000), retry: { deadlineMs: 200 } });
    expect(client.geo.unavailableForMs).to.equal(0);
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    const giveUp = async (): Promise<number> => {
      const error: unknown = await client.incr('n').catch((reason: unknown) => reason);
      expect(error).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT' });
      return (error as { unavailableForMs: number }).unavailableForMs;
    };
    const first = await giveUp();
    const second = await giveUp();
    expect(first).to.be.above(0);
    expect(second).to.be.above(first);
    expect(client.geo.unavailableForMs).to.be.at.least(second);

    const ready = once(client, 'ready');
    await pair.heal();
    await ready;
    expect(client.geo.unavailableForMs).to.equal(0);
    expect(await client.incr('n')).to.equal(1);
  });

  it('so does connect()', async () => {
    await pair.refuse();
    const client = pair.createClient({ ...start('all', 50), retry: { deadlineMs: 200 }, redis: { lazyConnect: true } });
    expect(client.geo.unavailableForMs).to.equal(0);
    const error: unknown = await client.connect().catch((reason: unknown) => reason);

    expect(error).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT' });
    expect((error as { unavailableForMs: number }).unavailableForMs).to.be.above(0);
  });
});
