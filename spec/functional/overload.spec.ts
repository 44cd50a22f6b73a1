import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { checksDone } from '../support/health-checks.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const options = {
  ...SHORT_TIMES,
  retry: { backoff: { initialMs: 10, maxMs: 20 } },
  circuitBreaker: { consecutiveFailures: 5, halfOpenAfterMs: 200 },
};

describe('A server at maxclients', () => {
  const pair = geoPairForEachTest();
  let admin: Redis;

  /** It was connected before nobody could connect any more. */
  beforeEach(async () => {
    admin = new Redis(pair.east.server.port, pair.east.server.host);
    await admin.ping();
  });

  afterEach(() => admin.disconnect());

  it('serves who is connected, is left when a connection is lost, with the reason, and gone back to', async () => {
    const client = await pair.connect(options);
    client.on('error', () => undefined);
    await admin.config('SET', 'maxclients', '1');
    for (let count = 0; count < 20; count++) expect(await client.incr('n')).to.equal(count + 1);
    expect(client.geo.epoch).to.equal(0);

    const event = await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.reset());
    expect(event).to.include({ from: 'east', to: 'west', kind: 'failover' });
    expect(client.geo.endpoints()[0]?.lastError?.message).to.match(/max number of clients reached/);
    expect(await client.incr('n')).to.equal(1);

    await eventUpon(client, 'endpointSwitched', () => admin.config('SET', 'maxclients', '1000'));
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(await client.incr('n')).to.equal(21);
  });

  it('is no endpoint to start with', async () => {
    await admin.config('SET', 'maxclients', '1');
    const client = pair.createClient(options);
    client.on('error', () => undefined);
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
  });
});

describe('A server that is out of memory', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    await pair.east.server.cli('SET', 'k', 'v');
    client = await pair.connect(options);
    await pair.east.server.cli('CONFIG', 'SET', 'maxmemory', '1');
  });

  /** How often it refused this command. */
  async function refusedOf(name: string): Promise<number> {
    const stats = String(await pair.east.server.cli('INFO', 'commandstats'));
    return Number(new RegExp(`^cmdstat_${name}:.*rejected_calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
  }

  it('refuses a write three times at most before that is told, and is not left while it answers reads', async () => {
    const error: unknown = await client.set('k', 'other').catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'ReplyError' }).with.property('message').that.matches(/^OOM /);
    expect(error).to.have.property('geo').that.deep.equals({ endpointId: 'east', epoch: 0, outcome: 'not-executed' });
    expect(await refusedOf('set')).to.equal(3);
    expect(await client.get('k')).to.equal('v');

    // For a second it is not asked more often than others ask.
    await client.incr('n').catch(() => undefined);
    expect(await refusedOf('incr')).to.equal(1);
    await checksDone(pair.east.server, 3);
    expect(client.geo.epoch).to.equal(0);
    expect(client.geo.endpoints()[0]).to.include({ health: 'healthy', circuit: 'closed' });
  });

  it('is left by its circuit breaker when it goes on, without a write that ran twice or got lost', async () => {
    const switched = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failover');
    const outcomes: unknown[] = [];
    while (client.geo.epoch === 0 && outcomes.length < 1_000) {
      outcomes.push(await client.rpush('list', outcomes.length).catch((reason: unknown) => reason));
    }
    expect(await switched).to.include({ from: 'east', to: 'west', reason: 'circuit-breaker' });
    const length = await client.rpush('list', 'last');
    const refused = outcomes.filter((outcome) => outcome instanceof Error);
    for (const error of refused) expect(error.message).to.match(/^OOM /);
    expect(length).to.equal(outcomes.length - refused.length + 1);
    expect(await pair.east.server.cli('EXISTS', 'list')).to.equal(0);

    // Its checks are good all the while, and it is tried again when its circuit has been open for long enough.
    const failedBack = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failback');
    await pair.east.server.cli('CONFIG', 'SET', 'maxmemory', '0');
    expect(await failedBack).to.include({ to: 'east' });
    await allReady(client);
    expect(await client.rpush('list', 'first')).to.equal(1);
  });
});
