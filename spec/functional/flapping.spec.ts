import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { fault } from '../support/faults.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const options = {
  ...SHORT_TIMES,
  failback: { ...SHORT_TIMES.failback, gracePeriodMs: 1_000 },
  circuitBreaker: { consecutiveFailures: 3, halfOpenAfterMs: 50 },
  retry: { backoff: { initialMs: 5, maxMs: 10 } },
};

describe('An endpoint that refuses writes while its checks are good', () => {
  const pair = geoPairForEachTest();
  const holdDownOf = (client: GeoFailoverRedis): number | undefined => client.geo.endpoints()[0]?.holdDownMs;

  it('is gone back to more and more seldom, which is an error for nobody, and at once when that is asked for', async () => {
    const client = await pair.connect(options);
    expect(client.geo.endpoints()[0]).to.include({ holdDownMs: 1_000, holdDownRemainingMs: 0 });
    // No scripts: the reply of one that has perhaps written something already is its caller's, also a refusal.
    const { load, finish } = startJudgedLoad(pair, client, {
      mix: { get: 4, set: 4, incr: 4, rpush: 4, pipeline: 1, multi: 1 },
    });
    await load.nextSuccesses(20);
    await fault('writes READONLY, checks good').apply(pair.east);
    const holdDowns: (number | undefined)[] = [];
    while (holdDowns.length < 3) {
      const { reason } = await nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failover');
      expect(reason).to.equal('circuit-breaker');
      holdDowns.push(holdDownOf(client));
    }
    expect(holdDowns).to.deep.equal([1_000, 2_000, 4_000]);
    expect(client.geo.endpoints()[0]?.holdDownRemainingMs).to.be.within(1, 4_000);

    await pair.east.proxy.heal();
    await nextEvent(client, 'circuitStateChanged', ({ to }) => to === 'closed');
    expect(await client.geo.failback()).to.include({ from: 'west', to: 'east' });
    await load.nextSuccesses(20);
    expect(client.geo.activeEndpoint).to.equal('east');
    expect((await finish()).errors).to.deep.equal([]);
  });

  it('is turned to all the same when no other is left', async () => {
    const client = await pair.connect({ ...options, failback: { ...options.failback, gracePeriodMs: 60_000 } });
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    await pair.east.server.restart();
    await allReady(client);
    const event = await eventUpon(client, 'endpointSwitched', () => pair.west.server.kill());

    expect(event).to.include({ from: 'west', to: 'east', kind: 'failover' });
    expect(await client.set('k', 'v')).to.equal('OK');
  });
});
