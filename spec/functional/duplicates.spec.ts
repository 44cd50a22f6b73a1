import { expect } from 'chai';
import type { EndpointSwitchedEvent, GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';

/** As many as a process with dozens of queues has. */
const COUNT = 200;

describe('200 duplicates', () => {
  // So many fresh connections at once take a while on a busy machine: what is slow shall not count as dead.
  const options = { ...SHORT_TIMES, failover: { verifyTimeoutMs: 2_000 }, failback: { enabled: false } };
  const pair = geoPairForEachTest();
  let parent: GeoFailoverRedis;
  let duplicates: GeoFailoverRedis[];
  let switches: EndpointSwitchedEvent[];

  beforeEach(async () => {
    parent = await pair.connect({ ...options, healthCheck: { intervalMs: 500, timeoutMs: 2_000 } });
    switches = [];
    parent.geo.on('endpointSwitched', (event) => switches.push(event));
    duplicates = Array.from({ length: COUNT }, () => parent.duplicate() as GeoFailoverRedis);
    await Promise.all(duplicates.map((duplicate) => duplicate.ping()));
  });

  afterEach(() => {
    for (const duplicate of duplicates) duplicate.disconnect();
  });

  const connections = (): number[] => pair.endpoints.map(({ proxy }) => proxy.connectionCount);

  it('share one set of probes, one verdict and one switch', async function () {
    this.timeout(60_000);
    // Beside those of the duplicates: the parent's own and that of the probes.
    expect(connections()).to.deep.equal([COUNT + 2, 2]);
    await pair.east.server.kill();
    const replies = await Promise.all(duplicates.map((duplicate, index) => duplicate.set(`k${index}`, index)));
    await pair.west.proxy.waitForConnections(COUNT + 2);

    expect(replies).to.deep.equal(Array.from({ length: COUNT }, () => 'OK'));
    expect(switches.map(({ from, to }) => [from, to])).to.deep.equal([['east', 'west']]);
    expect(connections()).to.deep.equal([0, COUNT + 2]);
    expect(await pair.west.server.cli('DBSIZE')).to.equal(COUNT);
  });

  it("leave with their parent what is the parent's", async () => {
    for (const duplicate of duplicates) duplicate.disconnect();
    await pair.east.proxy.waitFor(({ connectionCount }) => connectionCount === 2);

    expect(connections()).to.deep.equal([2, 2]);
    expect(await parent.set('k', 'v')).to.equal('OK');
  });
});
