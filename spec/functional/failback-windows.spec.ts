import { expect } from 'chai';
import sinon from 'sinon';
import type { FailbackWindow } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { checksDone } from '../support/health-checks.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const HOUR_MS = 3_600_000;

/** Some hours from now, for an hour. */
function windowIn(hours: number): FailbackWindow {
  const timeAt = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
  return { from: timeAt(Date.now() + hours * HOUR_MS), to: timeAt(Date.now() + (hours + 1) * HOUR_MS) };
}

describe('failback.windows', () => {
  const pair = geoPairForEachTest();

  afterEach(() => sinon.restore());

  const connect = (windows: readonly FailbackWindow[]) =>
    pair.connect({ ...SHORT_TIMES, failback: { ...SHORT_TIMES.failback, gracePeriodMs: 10, windows } });

  it('keep the client where it is until one opens; then it goes back without an error', async () => {
    const client = await connect([windowIn(12)]);
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(20);
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    await pair.east.server.restart();
    await allReady(client);
    // As many good checks as are asked for, many times over.
    await checksDone(pair.east.server, 10);
    expect(client.geo.activeEndpoint).to.equal('west');

    const now = Date.now.bind(Date);
    sinon.stub(Date, 'now').callsFake(() => now() + 12 * HOUR_MS);
    const event = await nextEvent(client, 'endpointSwitched');
    expect(event).to.include({ from: 'west', to: 'east', kind: 'failback' });
    await load.nextSuccesses(20);
    await finish();
  });

  it('are not waited for by failback()', async () => {
    const client = await connect([windowIn(12)]);
    await client.geo.switchTo('west');

    expect(await client.geo.failback()).to.include({ from: 'west', to: 'east' });
  });

  it('that are always open change nothing', async () => {
    const client = await connect([{ from: '00:00', to: '24:00' }]);
    await client.geo.switchTo('west');
    const switched = nextEvent(client, 'endpointSwitched', ({ to }) => to === 'east');
    client.geo.release();

    expect(await switched).to.include({ kind: 'failback' });
  });
});
