import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon } from '../support/next-event.ts';

describe('update()', () => {
  const pair = geoPairForEachTest();

  it('has a client go back by itself that did not, which is an error for nobody under load', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, failback: { ...SHORT_TIMES.failback, enabled: false } });
    const { load, finish } = startJudgedLoad(pair, client);
    await load.nextSuccesses(20);
    await eventUpon(client, 'endpointSwitched', () => client.geo.isolate('east'));
    client.geo.rejoin('east');
    await allReady(client);
    await load.nextSuccesses(100);
    expect(client.geo.activeEndpoint).to.equal('west');

    const event = await eventUpon(client, 'endpointSwitched', () => {
      const changed = client.geo.update({ failback: { enabled: true, gracePeriodMs: 50 } });
      expect(changed.map(({ path, value }) => `${path} ${value}`)).to.include('failback.enabled true');
      return Promise.resolve();
    });
    expect(event).to.include({ from: 'west', to: 'east', kind: 'failback', reason: 'failback' });
    await load.nextSuccesses(50);
    expect((await finish()).errors).to.deep.equal([]);
  });

  it('is an error for nobody, however often it is called under load', async () => {
    const client = await pair.connect(SHORT_TIMES);
    const { load, finish } = startJudgedLoad(pair, client);
    for (let n = 1; n <= 20; n++) {
      client.geo.update({
        healthCheck: { intervalMs: 50 + n, probes: 1 + (n % 2), check: () => true },
        failover: { silenceFloorMs: 150 + n, verifyTimeoutMs: 250 + n, drainMs: n, maxWaitingCommands: 10_000 + n },
        retry: { deadlineMs: 5_000 + n, backoff: { initialMs: n }, commands: { [`my.${n}`]: 'effect' } },
        circuitBreaker: { windowMs: 1_000 + n, consecutiveFailures: 10 + n, halfOpenAfterMs: n },
        failback: { gracePeriodMs: n, jitterMs: n },
      });
      await load.nextSuccesses(10);
    }

    expect(client.geo.epoch).to.equal(0);
    expect((await finish()).errors).to.deep.equal([]);
  });

  it('goes for duplicates, those that are there and those to come', async () => {
    const client = await pair.connect(SHORT_TIMES);
    const duplicates = [client.duplicate()];
    await duplicates[0]?.ping();
    client.geo.update({ retry: { deadlineMs: 50 } });
    duplicates.push(client.duplicate());
    for (const each of [client, ...duplicates]) each.on('error', () => undefined);
    await duplicates[1]?.ping();
    await Promise.all(pair.endpoints.map(({ server }) => server.kill()));
    for (const duplicate of duplicates) {
      const error: unknown = await duplicate.get('k').catch((reason: unknown) => reason);

      expect(
        isGeoFailoverError(error, 'GEO_NO_HEALTHY_ENDPOINT') || isGeoFailoverError(error, 'GEO_DEADLINE_EXCEEDED'),
      ).to.equal(true);
      expect((error as Error).message).to.equal('Connection is closed.');
      duplicate.disconnect();
    }
  });

  it('holds a deadline against the time of the start until that is over', async () => {
    const client = pair.createClient({
      ...SHORT_TIMES,
      redis: { lazyConnect: true },
      initialization: { policy: 'all', timeoutMs: 2_000 },
    });
    const update = (): unknown => client.geo.update({ retry: { deadlineMs: 1_500 } });
    expect(update).to.throw(
      'initialization.timeoutMs must be < retry.deadlineMs (1500) with the policy "all", got 2000',
    );
    await client.connect();

    expect(update()).to.have.lengthOf(1);
  });
});
