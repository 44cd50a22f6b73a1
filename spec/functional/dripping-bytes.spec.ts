import { expect } from 'chai';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { nextEvent } from '../support/next-event.ts';

/** Rounds of checks in which bytes drip may take longer than the silence that is put up with: a byte is no silence. */
const options = {
  healthCheck: { intervalMs: 100, timeoutMs: 1_500 },
  failover: { silenceFloorMs: 150, verifyTimeoutMs: 1_500 },
  failback: { enabled: false },
};

const load = { opsPerSecond: 10, loops: 2, mix: { get: 4, set: 4, incr: 4, rpush: 1 } };

describe('Bytes that drip one by one', () => {
  const pair = geoPairForEachTest();

  for (const direction of ['toClient', 'toServer', 'both'] as const) {
    it(`are no silence while they flow (${direction}): nothing is switched, and every reply is right`, async () => {
      const client = await pair.connect(options);
      await client.set('long', 'x'.repeat(400));
      await pair.east.proxy.drip(2, direction);
      const { accepted } = pair.east.proxy.counters;
      const judged = startJudgedLoad(pair, client, load);
      // Its reply takes several times as long as a silence may.
      expect(await client.get('long')).to.equal('x'.repeat(400));
      expect(await judged.load.nextSuccesses(5)).to.equal(true);

      const { errors } = await judged.finish();
      expect(errors).to.deep.equal([]);
      expect(client.geo.epoch).to.equal(0);
      // Nobody even had to verify it, where the client could see that bytes come.
      if (direction === 'toClient') expect(pair.east.proxy.counters.accepted).to.equal(accepted);
    });

    it(`that come too slowly to be of use (${direction}) are found by the checks, and nothing hangs`, async () => {
      const client = await pair.connect({
        ...options,
        healthCheck: SHORT_TIMES.healthCheck,
        failover: SHORT_TIMES.failover,
      });
      const judged = startJudgedLoad(pair, client, { ...load, opsPerSecond: 100 });
      expect(await judged.load.nextSuccesses(5)).to.equal(true);
      const switched = nextEvent(client, 'endpointSwitched');
      await pair.east.proxy.drip(direction === 'both' ? 100 : 50, direction);

      expect(await switched).to.include({ from: 'east', to: 'west', kind: 'failover' });
      expect(await judged.load.nextSuccesses(10)).to.equal(true);
      const { errors } = await judged.finish();
      for (const { error } of errors) expect(error).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east' });
    });
  }
});
