import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { nextEvent } from '../support/next-event.ts';
import { type GeoPair, SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';

const options = { ...SHORT_TIMES, failback: { enabled: false }, retry: { deadlineMs: 500 } };

describe('What is in flight to an endpoint that is left before it has answered', () => {
  const pair = geoPairForEachTest();

  /** Leaves the endpoint, although it has stopped to answer. */
  async function leave(client: GeoFailoverRedis): Promise<unknown[]> {
    const inFlight: Promise<unknown>[] = [client.set('k', 'old'), client.get('k'), client.incr('n')];
    const outcomes = Promise.all(inFlight.map((sent) => sent.catch((error: unknown) => error)));
    const report = await client.geo.switchTo('west', { force: true, drainMs: 50 });
    expect(report.isDrained).to.equal(false);
    expect(await client.set('k', 'new')).to.equal('OK');
    return outcomes;
  }

  const silences: readonly (readonly [name: string, begin: (pair: GeoPair) => Promise<void>])[] = [
    ['is settled when the endpoint is found to fail', ({ east }) => east.proxy.blackhole()],
    ['is settled after a while when only its connection is silent', silenceData],
  ];

  for (const [name, begin] of silences) {
    it(`${name}, and no write runs behind newer ones`, async () => {
      const client = await pair.connect(options);
      await begin(pair);
      const [set, get, incr] = await leave(client);

      expect(set).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
      expect(get).to.equal('new');
      expect(incr).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
      expect(await client.get('k')).to.equal('new');
    });
  }

  it('is answered when the client is closed meanwhile', async () => {
    const client = await pair.connect(options);
    await pair.east.proxy.delay(100, 'toClient');
    const set = client.set('k', 'v');
    await client.geo.switchTo('west', { drainMs: 0 });
    client.disconnect();

    expect(await set).to.equal('OK');
  });
});

describe('What is in flight when no endpoint answers any more', () => {
  const pair = geoPairForEachTest();

  it('is settled after a while', async () => {
    const client = await pair.connect(options);
    const down = nextEvent(client, 'allEndpointsUnhealthy');
    await Promise.all([pair.east.proxy.blackhole(), pair.west.proxy.blackhole()]);
    const sent = [client.get('k'), client.incr('n'), client.set('k', '1')];
    const outcomes = await Promise.allSettled(sent);
    await down;

    expect(outcomes.map(({ status }) => status)).to.deep.equal(Array(3).fill('rejected'));
  });
});

/** The data connection is the one that was opened first. */
async function silenceData({ east }: GeoPair): Promise<void> {
  const ids = east.proxy.connections().map(({ id }) => id);
  await east.proxy.blackholeOne(Math.min(...ids));
}
