import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { createGeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const options = { ...SHORT_TIMES, healthCheck: { intervalMs: 50, timeoutMs: 100 } };

describe('Starting', () => {
  const pair = geoPairForEachTest();

  it('keeps commands that come before the first connection, in order', async () => {
    const client = pair.createClient(options);
    const replies = await Promise.all([client.set('k', 1), client.incr('k'), client.get('k'), client.rpush('l', 'x')]);
    expect(replies).to.deep.equal(['OK', 2, '2', 1]);
    expect(client.geo.activeEndpoint).to.equal('east');
  });

  it('needs one available endpoint, and tells which ones are missing', async () => {
    await pair.east.proxy.refuse();
    const client = pair.createClient(options);
    const degraded = nextEvent(client, 'degradedStart');
    expect(await client.set('k', 1)).to.equal('OK');
    expect(await degraded).to.deep.equal({ activeEndpoint: 'west', missing: ['east'] });
  });

  it('tells of a missing standby as well', async () => {
    await pair.west.proxy.refuse();
    const client = pair.createClient(options);
    expect(await nextEvent(client, 'degradedStart')).to.deep.equal({ activeEndpoint: 'east', missing: ['west'] });
    expect(await client.ping()).to.equal('PONG');
  });

  it('does not wait for an endpoint that swallows everything', async () => {
    await pair.east.proxy.blackhole();
    const client = pair.createClient(options);
    expect(await client.set('k', 1)).to.equal('OK');
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  it('emits connect and ready once', async () => {
    const client = pair.createClient(options);
    const seen: string[] = [];
    for (const name of ['connecting', 'connect', 'ready', 'end']) client.on(name, () => seen.push(name));
    await client.ping();
    await allReady(client);
    expect(seen).to.deep.equal(['connecting', 'connect', 'ready']);
    expect(client.status).to.equal('ready');
  });

  it('waits for the first command when it is asked to be lazy', async () => {
    const client = pair.createClient({ ...options, redis: { lazyConnect: true } });
    expect(client.status).to.equal('wait');
    expect(pair.east.proxy.connectionCount).to.equal(0);
    expect(await client.ping()).to.equal('PONG');
  });
});

describe('A pipeline with a command that is refused', () => {
  const pair = geoPairForEachTest();

  it('answers the others', async () => {
    const client = await pair.connect(options);
    const results = await client.pipeline().call('hello').set('k', 'v').call('monitor').get('k').call('reset').exec();
    expect(results?.map(([error, reply]) => (error as { code?: string } | null)?.code ?? reply)).to.deep.equal([
      ...['GEO_UNSUPPORTED_COMMAND', 'OK', 'GEO_UNSUPPORTED_COMMAND', 'v', 'GEO_UNSUPPORTED_COMMAND'],
    ]);
  });

  it('answers also when nothing else is in it', async () => {
    const client = await pair.connect(options);
    const results = await client.pipeline().call('hello').exec();
    expect(results).to.have.length(1);
    expect(await client.ping()).to.equal('PONG');
  });
});

describe('When every endpoint is down', () => {
  const pair = geoPairForEachTest();

  it('commands wait and are answered when one comes back', async () => {
    const client = await pair.connect(options);
    const down = nextEvent(client, 'allEndpointsUnhealthy');
    await pair.refuse();
    const waiting = [client.set('k', 'v'), client.incr('n'), client.get('k')];
    expect(await down).to.include({ retryAfterMs: 50 });
    await pair.west.proxy.heal();
    expect(await Promise.all(waiting)).to.deep.equal(['OK', 1, 'v']);
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  it('commands fail with a clear error when the deadline is over, and the next ones work after recovery', async () => {
    const client = await pair.connect({ ...options, retry: { deadlineMs: 300 } });
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    const error: unknown = await client.incr('n').catch((reason: unknown) => reason);
    expect(isGeoFailoverError(error, 'GEO_NO_HEALTHY_ENDPOINT')).to.equal(true);
    expect(error).to.include({ outcome: 'not-executed', retryAfterMs: 50 });
    expect((error as Error).message).to.equal('Connection is closed.');

    const healthy = nextEvent(client, 'healthStatusChanged', ({ to }) => to === 'healthy');
    await pair.heal();
    await healthy;
    expect(await client.incr('n')).to.equal(1);
  });

  it('from the start, commands wait for the first one that comes up', async () => {
    await pair.refuse();
    const client = pair.createClient(options);
    const reply = client.set('k', 'v');
    await nextEvent(client, 'allEndpointsUnhealthy');
    await pair.heal();
    expect(await reply).to.equal('OK');
  });

  it('connect() fails when the deadline is over, and the client goes on trying', async () => {
    await pair.refuse();
    const client = pair.createClient({ ...options, retry: { deadlineMs: 300 }, redis: { lazyConnect: true } });
    const error: unknown = await client.connect().catch((reason: unknown) => reason);
    expect(isGeoFailoverError(error, 'GEO_NO_HEALTHY_ENDPOINT')).to.equal(true);
    expect(error).to.include({ retryAfterMs: 50 });
    expect((error as Error).message).to.equal('Connection is closed.');
    expect(client.status).to.equal('connecting');
    const ready = once(client, 'ready');
    await pair.heal();
    await ready;
    expect(await client.incr('n')).to.equal(1);
  });

  it('connect() waits as long as it takes when commands may', async () => {
    await pair.refuse();
    const impatient = { ...options, retry: { deadlineMs: 100 }, redis: { lazyConnect: true } };
    const patient = { ...impatient, redis: { lazyConnect: true, maxRetriesPerRequest: null } };
    const connected = pair.createClient(patient).connect();
    const error: unknown = await pair
      .createClient(impatient)
      .connect()
      .catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT' });
    await pair.heal();
    await connected;
  });

  it('no more commands wait than the limit allows', async () => {
    const client = await pair.connect({ ...options, failover: { ...options.failover, maxWaitingCommands: 2 } });
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    const results = Promise.allSettled([client.get('a'), client.get('b'), client.get('c')]);
    const third: unknown = await client.get('d').catch((reason: unknown) => reason);
    expect(third).to.include({ code: 'GEO_LINE_OVERFLOW', outcome: 'not-executed' });
    await pair.heal();
    expect((await results).map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled', 'rejected']);
  });
});

describe('Stopping', () => {
  const pair = geoPairForEachTest();

  it('quit() waits for what is in flight, answers OK and closes every connection', async () => {
    const client = await pair.connect(options);
    const end = once(client, 'end');
    const writes = Array.from({ length: 100 }, (_, n) => client.rpush('l', n));
    expect(await client.quit()).to.equal('OK');
    await end;
    expect((await Promise.all(writes)).at(-1)).to.equal(100);
    expect(client.status).to.equal('end');
    await Promise.all(pair.endpoints.map(({ proxy }) => proxy.waitForConnections(0)));
  });

  it('quit() ends also when nothing can be reached, and when it is called twice', async () => {
    const client = await pair.connect({ ...options, retry: { deadlineMs: 200 } });
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    const waiting = client.get('k').catch((reason: unknown) => reason);
    expect(await Promise.all([client.quit(), client.quit()])).to.deep.equal(['OK', 'OK']);
    expect(await waiting).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT' });
  });

  it('disconnect() settles what waits and what is in flight, and refuses what comes', async () => {
    const client = await pair.connect(options);
    await pair.east.proxy.blackhole();
    const inFlight = client.incr('n').catch((reason: unknown) => reason);
    const end = once(client, 'end');
    client.disconnect();
    await end;
    const later: unknown = await client.incr('n').catch((reason: unknown) => reason);
    expect(later).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
    expect(await inFlight).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'maybe-executed' });
  });

  it('disconnect() while nothing is reachable ends as well', async () => {
    await pair.refuse();
    const client = pair.createClient(options);
    const reply = client.get('k').catch((reason: unknown) => reason);
    await nextEvent(client, 'allEndpointsUnhealthy');
    client.disconnect();
    expect(await reply).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
  });

  async function expectExit(body: string): Promise<void> {
    const program = `
      import { createGeoFailoverRedis } from './lib/index.ts';
      const endpoints = ${JSON.stringify(pair.endpointOptions())};
      ${body}
    `;
    const imports = ['--import', 'tsx', '--import', './spec/support/select-ioredis.mjs'];
    const args = [...imports, '--input-type=module', '-e', program];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    expect(await once(child, 'exit')).to.deep.equal([0, null]);
  }

  for (const ending of ['await client.quit()', 'client.disconnect()']) {
    it(`lets the process exit by itself after ${ending}`, () =>
      expectExit(`
        const client = createGeoFailoverRedis({ endpoints });
        const second = client.duplicate({ lazyConnect: true });
        await client.set('k', 'v');
        await second.connect();
        await second.get('k');
        second.disconnect();
        ${ending};
      `));
  }

  it('lets the process exit by itself after disconnect() in the middle of connect()', async () => {
    await pair.refuse();
    await expectExit(`
      const client = createGeoFailoverRedis({ endpoints, redis: { lazyConnect: true }, retry: { deadlineMs: 60_000 } });
      const connected = client.connect().then(() => 'connected', ({ message }) => message);
      client.disconnect();
      if ((await connected) !== 'Connection is closed.') process.exitCode = 1;
    `);
  });

  it('does not let the process exit before connect() has failed', async () => {
    await pair.refuse();
    await expectExit(`
      const client = createGeoFailoverRedis({ endpoints, redis: { lazyConnect: true }, retry: { deadlineMs: 300 } });
      const code = await client.connect().catch((error) => error.code);
      client.disconnect();
      if (code !== 'GEO_NO_HEALTHY_ENDPOINT') process.exitCode = 1;
    `);
  });

  it('works with an unreachable pair as well', () => {
    const client = createGeoFailoverRedis(['redis://127.0.0.1:1', 'redis://127.0.0.1:2']);
    client.disconnect();
    expect(client.status).to.equal('end');
  });
});
