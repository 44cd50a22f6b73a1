import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon } from '../support/next-event.ts';

const options = { ...SHORT_TIMES, failback: { enabled: false } };

describe('Connections to standbys', () => {
  const pair = geoPairForEachTest();
  let parent: GeoFailoverRedis;

  beforeEach(() => {
    parent = pair.createClient({ ...options, redis: { lazyConnect: true } });
  });

  async function startDuplicate(): Promise<GeoFailoverRedis> {
    const duplicate = parent.duplicate({ lazyConnect: false }) as GeoFailoverRedis;
    await duplicate.ping();
    return duplicate;
  }

  async function expectFailover(client: GeoFailoverRedis): Promise<void> {
    await allReady(client);
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await pair.west.server.cli('GET', 'k')).to.equal('v');
  }

  it('are kept by a duplicate whose lazy parent never connects', async () => {
    const duplicate = await startDuplicate();
    await expectFailover(duplicate);
    duplicate.disconnect();
  });

  it('are kept by a lazy parent that connects after its duplicate was closed', async () => {
    const duplicate = await startDuplicate();
    await allReady(duplicate);
    duplicate.disconnect();
    await parent.ping();
    await expectFailover(parent);
  });

  it('are kept by the first one that connects, and by no other', async () => {
    const duplicate = await startDuplicate();
    await parent.ping();
    await allReady(parent);
    // A data connection of each and the one of the probes; on the standby only those of the duplicate.
    expect(pair.endpoints.map(({ proxy }) => proxy.connectionCount)).to.deep.equal([3, 2]);
    duplicate.disconnect();
    await expectFailover(parent);
  });

  it('are kept by a duplicate of a client that was closed', async () => {
    parent.disconnect();
    const duplicate = await startDuplicate();
    await expectFailover(duplicate);
    duplicate.disconnect();
  });
});
