import { expect } from 'chai';
import {
  type HealthCheck,
  type HealthCheckContext,
  allOf,
  gateFailbackOnly,
  pingHealthCheck,
} from '../../lib/index.ts';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const { healthCheck } = SHORT_TIMES;

/** Resolves when a check has begun so many further rounds. */
class Rounds {
  #count = 0;
  #waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  begun(): void {
    this.#count++;
    for (const { until, resolve } of this.#waiting) if (this.#count >= until) resolve();
    this.#waiting = this.#waiting.filter(({ until }) => this.#count < until);
  }

  next(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ until: this.#count + count, resolve }));
  }
}

describe("An application's health check", () => {
  const pair = geoPairForEachTest();

  it('makes the active endpoint be left, without an error for anybody, and gone back to', async () => {
    const failing = new Set<string>();
    const check: HealthCheck = ({ endpointId }) =>
      failing.has(endpointId) ? { ok: false, reason: 'http', message: 'HTTP 503' } : true;
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    const { load, finish } = startJudgedLoad(pair, client, { mix: { get: 1, set: 1, incr: 1, rpush: 1 } });
    expect(await load.nextSuccesses(20)).to.equal(true);
    const unhealthy = nextEvent(client, 'healthStatusChanged');
    const switched = await eventUpon(client, 'endpointSwitched', () => Promise.resolve(failing.add('east')));
    expect(switched).to.include({ from: 'east', to: 'west', reason: 'health-check' });
    expect(await unhealthy).to.include({ endpointId: 'east', to: 'unhealthy', reason: 'http' });
    expect((await unhealthy).error?.message).to.equal('HTTP 503');
    expect(client.geo.endpoints()[0]).to.include({ health: 'unhealthy', lastReason: 'http', isHeldBack: false });
    const refusal: unknown = await client.geo.switchTo('east').catch((reason: unknown) => reason);
    expect(refusal).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY', message: 'Cannot switch to east: HTTP 503' });
    expect(await load.nextSuccesses(20)).to.equal(true);

    const back = await eventUpon(client, 'endpointSwitched', () => Promise.resolve(failing.delete('east')));
    expect(back).to.include({ from: 'west', to: 'east', kind: 'failback' });
    expect(await load.nextSuccesses(20)).to.equal(true);
    expect((await finish()).errors).to.deep.equal([]);
  });

  it('that fails once is asked once more, and the endpoint is not left', async () => {
    let isFailing = false;
    const rounds = new Rounds();
    const check: HealthCheck = ({ isActive }) => {
      if (!isActive) return true;
      rounds.begun();
      const answer = !isFailing;
      isFailing = false;
      return answer;
    };
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    isFailing = true;
    await rounds.next(4);
    expect(isFailing).to.equal(false);
    expect(client.geo.epoch).to.equal(0);
    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy' });
  });

  it('says nothing against what the client notices itself', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check: () => true } });
    const switched = await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    expect(switched).to.include({ from: 'east', to: 'west', reason: 'connection-lost' });
    expect(await client.set('k', 'v')).to.equal('OK');
  });

  it('asks the server itself, and knows where it is', async () => {
    const contexts = new Map<string, HealthCheckContext>();
    const check: HealthCheck = async (context) => {
      contexts.set(context.endpointId, context);
      return (await context.call('GET', 'maintenance')) === null;
    };
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    const { host, port } = pair.east.proxy;
    expect(contexts.get('east')?.options).to.deep.equal({ host, port, tls: false });
    const switched = await eventUpon(client, 'endpointSwitched', () => pair.east.server.cli('SET', 'maintenance', '1'));
    expect(switched).to.include({ from: 'east', to: 'west', reason: 'health-check' });
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.cli('DEL', 'maintenance'));
    expect(client.geo.activeEndpoint).to.equal('east');
  });

  it('of one endpoint does not concern another one', async () => {
    const asked = new Set<string>();
    const check: HealthCheck = ({ endpointId }) => (asked.add(endpointId), true);
    const [east, west] = pair.endpointOptions();
    const client = await pair.connect({
      ...SHORT_TIMES,
      endpoints: [{ ...east!, healthCheck: { check } }, west!],
    });
    expect([...asked]).to.deep.equal(['east']);
    const shown = client.geo.configuration().find(({ path }) => path === 'endpoints[0].healthCheck');
    expect(shown?.value).to.match(/check: function/);
  });

  it('that is pingHealthCheck() judges as without it', async () => {
    const check = pingHealthCheck();
    const client: GeoFailoverRedis = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    const changed = nextEvent(client, 'healthStatusChanged');
    await pair.west.server.cli('REPLICAOF', '127.0.0.1', '1');
    expect(await changed).to.include({ endpointId: 'west', to: 'unhealthy', reason: 'role' });
  });
});

describe('A health check that gates failback only', () => {
  const pair = geoPairForEachTest();
  const behind = new Set<string>();
  const rounds = new Rounds();

  const check = allOf(
    pingHealthCheck(),
    gateFailbackOnly(({ endpointId }) => {
      if (endpointId === 'east') rounds.begun();
      return behind.has(endpointId) ? { ok: false, reason: 'lag', message: 'It is behind.' } : true;
    }),
  );

  beforeEach(() => behind.clear());

  it('never makes the active endpoint be left', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    behind.add('east');
    await rounds.next(4);
    const [east] = client.geo.endpoints();
    expect(east).to.include({ isActive: true, health: 'healthy', isHeldBack: true, lastReason: 'lag' });
    expect(east?.lastError?.message).to.equal('It is behind.');
    expect(client.geo.epoch).to.equal(0);
    expect(await client.set('k', 'v')).to.equal('OK');

    behind.clear();
    await rounds.next(2);
    expect(client.geo.endpoints()[0]).to.include({ isHeldBack: false, lastReason: undefined, lastError: undefined });
  });

  it('keeps the client from going back, until it is good', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    behind.add('east');
    const healthy = nextEvent(client, 'healthStatusChanged');
    await pair.east.server.restart();
    expect(await healthy).to.include({ endpointId: 'east', to: 'healthy', reason: undefined });
    // More than would do for a failback: the grace period is that of one round.
    await rounds.next(8);
    expect(client.geo.activeEndpoint).to.equal('west');
    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy', isHeldBack: true });

    const back = await eventUpon(client, 'endpointSwitched', () => Promise.resolve(behind.delete('east')));
    expect(back).to.include({ to: 'east', kind: 'failback' });
  });

  it('is nothing against a failover, nor against switchTo()', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, healthCheck: { ...healthCheck, check } });
    behind.add('east').add('west');
    await rounds.next(3);
    await eventUpon(client, 'endpointSwitched', () => client.geo.switchTo('west'));
    client.geo.release();
    await eventUpon(client, 'endpointSwitched', () => pair.west.server.kill());
    expect(client.geo.activeEndpoint).to.equal('east');
  });
});
