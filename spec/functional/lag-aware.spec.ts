import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type GeoFailoverOptions, lagAwareHealthCheck } from '../../lib/index.ts';
import { RestServer, USER } from '../health/lag-aware/rest-server.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

describe('A client that asks how far behind its endpoints are', () => {
  const pair = geoPairForEachTest();
  let rest: RestServer;

  beforeEach(async () => {
    rest = new RestServer();
    await rest.start();
    rest.databases = pair.endpoints.map(({ proxy }, index) => ({
      uid: index + 1,
      endpoints: [{ dns_name: `redis-${index}.example.com`, addr: [proxy.host], port: proxy.port }],
    }));
  });

  afterEach(() => rest.close());

  function options(): Partial<GeoFailoverOptions> {
    const tls = { ca: readFileSync(rest.certificates.ca) };
    const check = lagAwareHealthCheck({ url: rest.url, credentials: USER, tls });
    return { ...SHORT_TIMES, healthCheck: { ...SHORT_TIMES.healthCheck, timeoutMs: 1_000, check } };
  }

  /** The interface has been asked so often more about east. */
  async function asked(times: number): Promise<void> {
    const count = (): number => rest.requests.filter((path) => path.startsWith('/v1/bdbs/1/')).length;
    const until = count() + times;
    while (count() < until) await new Promise((resolve) => setImmediate(resolve));
  }

  it('does not leave one that is behind, and does not go back to it before it has caught up', async () => {
    const client = await pair.connect(options());
    rest.lagMs.set(1, 60_000);
    await asked(6);
    expect(client.geo.epoch).to.equal(0);
    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy', isHeldBack: true, lastReason: 'lag' });

    await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
    const healthy = nextEvent(client, 'healthStatusChanged');
    await pair.east.server.restart();
    await healthy;
    await asked(12);
    expect(client.geo.activeEndpoint).to.equal('west');
    const back = await eventUpon(client, 'endpointSwitched', () => Promise.resolve(rest.lagMs.delete(1)));
    expect(back).to.include({ to: 'east', kind: 'failback' });
  });

  it('stays where it is when nobody tells', async () => {
    const client = await pair.connect(options());
    await rest.close();
    const isHeldBack = (): boolean => client.geo.endpoints().every((endpoint) => endpoint.isHeldBack);
    while (!isHeldBack()) await new Promise((resolve) => setImmediate(resolve));
    expect(client.geo.endpoints().map(({ health, lastReason }) => `${health}: ${lastReason}`)).to.deep.equal([
      'healthy: refused',
      'healthy: refused',
    ]);
    expect(client.geo.epoch).to.equal(0);
    expect(await client.set('k', 'v')).to.equal('OK');
    await rest.start();
  });

  it('shows no secret', async () => {
    const client = await pair.connect(options());
    expect(JSON.stringify(client.geo.configuration())).not.to.contain(USER.password);
  });
});
