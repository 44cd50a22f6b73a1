import { expect } from 'chai';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';

describe('A client whose active server was blocked and answers again while it is being verified', () => {
  const pair = geoPairForEachTest();

  it('keeps its connection, on which all replies come at once, and stays', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { intervalMs: 60_000 } });
    const connectionId = await client.client('ID');
    const { load, finish } = startJudgedLoad(pair, client);
    expect(await load.nextSuccesses(50)).to.equal(true);

    const { accepted } = pair.east.proxy.counters;
    await pair.east.server.freeze();
    // Whoever verifies connects anew.
    await pair.east.proxy.waitFor(({ counters }) => counters.accepted > accepted);
    pair.east.server.thaw();
    expect(await load.nextSuccesses(50)).to.equal(true);

    const { errors } = await finish();
    expect(errors).to.deep.equal([]);
    expect(client.geo.epoch).to.equal(0);
    expect(await client.client('ID')).to.equal(connectionId);
  });
});
