import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { EndpointLostDataEvent, GeoFailoverOptions, GeoFailoverRedis } from '../../lib/index.ts';
import type { FaultyEndpoint } from '../support/faults.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { checksDone } from '../support/health-checks.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const LOST = { endpointId: 'east', database: 0, keysBefore: 2, isOtherProcess: true };

describe('An endpoint that comes back empty', () => {
  const pair = geoPairForEachTest({ server: { users: ['app on >secret ~* &* +@all -info -role'] } });

  /** A client of two endpoints that have two keys each, which has left east because it was killed. */
  async function leaveEast(options: Partial<GeoFailoverOptions> = {}): Promise<GeoFailoverRedis> {
    for (const { server } of pair.endpoints) await server.cli('MSET', 'a', '1', 'b', '2');
    const client = await pair.connect({ ...SHORT_TIMES, ...options });
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    return client;
  }

  it('is told, is not gone back to while it is empty, and is when it has data again', async () => {
    const client = await leaveEast();
    const losses: EndpointLostDataEvent[] = [];
    client.geo.on('endpointLostData', (loss) => losses.push(loss));

    await eventUpon(client, 'endpointLostData', () => restartEmpty(pair.east));
    await checksDone(pair.east.server, 5);
    expect(losses).to.deep.equal([LOST]);
    expect(client.geo.endpoints()[0]).to.include({ id: 'east', health: 'healthy', hasLostData: true });
    expect(client.geo.activeEndpoint).to.equal('west');
    expect(await client.get('a')).to.equal('1');

    await eventUpon(client, 'endpointSwitched', () => pair.east.server.cli('SET', 'a', '3'));
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(client.geo.endpoints()[0]).to.include({ hasLostData: false });
    expect(await client.get('a')).to.equal('3');
    expect(losses).to.have.length(1);
  });

  it('is gone back to when it has kept its data', async () => {
    const client = await leaveEast();
    client.geo.on('endpointLostData', () => expect.fail('nothing was lost'));

    await eventUpon(client, 'endpointSwitched', () => pair.east.server.restart());
    expect(await client.mget('a', 'b')).to.deep.equal(['1', '2']);
  });

  it('is gone back to at once where nobody would bring its data back', async () => {
    const client = await leaveEast({ topology: 'independent' });
    const lost = nextEvent(client, 'endpointLostData');

    await eventUpon(client, 'endpointSwitched', () => restartEmpty(pair.east));
    expect(await lost).to.deep.equal(LOST);
    expect(client.geo.activeEndpoint).to.equal('east');
  });

  it('is used when no other is left, and by switchTo()', async () => {
    const client = await leaveEast();
    await eventUpon(client, 'endpointLostData', () => restartEmpty(pair.east));
    await allReady(client);

    await client.geo.switchTo('east');
    expect(await client.dbsize()).to.equal(0);
    await client.geo.switchTo('west');
    client.geo.release();
    const failover = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failover');
    await pair.west.server.kill();
    expect(await failover).to.include({ from: 'west', to: 'east' });
    expect(await client.get('a')).to.equal(null);
  });

  it('is told although it is the active one, when it was back before anybody missed it', async () => {
    await pair.east.server.cli('MSET', 'a', '1', 'b', '2');
    const client = await pair.connect({
      ...SHORT_TIMES,
      failover: { ...SHORT_TIMES.failover, localRecoveryMs: 5_000 },
    });

    expect(await eventUpon(client, 'endpointLostData', () => restartEmpty(pair.east))).to.deep.equal(LOST);
    expect(client.geo.epoch).to.equal(0);
    expect(await client.get('a')).to.equal(null);
  });

  it('has lost nothing when it was only flushed, and its connections were cut', async () => {
    await pair.east.server.cli('MSET', 'a', '1', 'b', '2');
    const client = await pair.connect(SHORT_TIMES);
    client.geo.on('endpointLostData', () => expect.fail('nothing was lost'));
    await client.flushall();
    const { accepted } = pair.east.proxy.counters;
    await pair.east.proxy.reset();
    // For data, for verifying and for checks.
    await pair.east.proxy.waitFor(({ counters }) => counters.accepted >= accepted + 3);
    await checksDone(pair.east.server, 3);

    expect(client.geo.endpoints()[0]).to.include({ hasLostData: false });
  });

  it('is known by its keys alone where the user may not ask for more', async () => {
    const redis = { username: 'app', password: 'secret' };
    const client = await leaveEast({ redis });

    const loss = await eventUpon(client, 'endpointLostData', () => restartEmpty(pair.east));
    expect(loss).to.deep.equal({ ...LOST, isOtherProcess: undefined });
  });

  it('is judged by the database that it was configured with', async () => {
    await pair.east.server.cli('SET', 'of-others', '1');
    const client = await pair.connect({ ...SHORT_TIMES, redis: { db: 3 } });
    await client.set('ours', '1');
    // The first key is seen by the next check.
    await checksDone(pair.east.server, 2);
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());

    const lost = nextEvent(client, 'endpointLostData');
    await restartEmpty(pair.east);
    await pair.east.server.cli('SET', 'of-others', '1');
    expect(await lost).to.deep.equal({ ...LOST, database: 3, keysBefore: 1 });
  });
});

async function restartEmpty({ server }: FaultyEndpoint): Promise<void> {
  await server.kill();
  rmSync(join(server.directory, 'appendonlydir'), { recursive: true, force: true });
  await server.restart();
}
