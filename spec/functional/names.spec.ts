import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { expect } from 'chai';
import type { GeoFailoverOptions } from '../../lib/index.ts';
import { SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { checksDone } from '../support/health-checks.ts';
import { namesForEachTest } from '../support/names.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const EAST = 'east.redis.test';
const WEST = 'west.redis.test';

/** A second loopback address, on which a spec may let a name point to another server at the same port. */
const ELSEWHERE = '127.0.0.2';

describe('The names of endpoints', () => {
  const names = namesForEachTest();
  const pair = geoPairForEachTest();
  let elsewhere: Server | undefined;

  beforeEach(() => {
    for (const name of [EAST, WEST]) names.set(name, { address: '127.0.0.1' });
  });

  afterEach(() => elsewhere?.close());

  function options(): Partial<GeoFailoverOptions> {
    const [east, west] = pair.endpoints;
    return {
      ...SHORT_TIMES,
      endpoints: [
        { id: 'east', redis: { host: EAST, port: east.proxy.port } },
        { id: 'west', weight: 0.5, redis: { host: WEST, port: west.proxy.port } },
      ],
    };
  }

  for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
    it(`that are not known at the start (${code}) are asked for again until they are`, async () => {
      names.set(EAST, { code });
      const client = pair.createClient(options());
      client.on('error', (error: Error) => expect(error).to.include({ code }));
      expect(await client.set('k', 'v')).to.equal('OK');
      expect(client.geo.activeEndpoint).to.equal('west');
      expect(client.geo.endpoints()[0]?.lastError).to.include({ code });

      const failedBack = nextEvent(client, 'endpointSwitched');
      names.set(EAST, { address: '127.0.0.1' });
      expect(await failedBack).to.include({ to: 'east', kind: 'failback' });
    });

    it(`that are not known any more (${code}) matter when a connection is lost, and not before`, async () => {
      const client = await pair.connect(options());
      names.set(EAST, { code });
      await checksDone(pair.east.server, 2);
      expect(await client.set('k', 'v')).to.equal('OK');
      expect(client.geo.epoch).to.equal(0);

      const unhealthy = nextEvent(client, 'healthStatusChanged');
      await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.reset());
      expect(await unhealthy).to.have.nested.property('error.code', code);
      expect(client.geo.activeEndpoint).to.equal('west');
      expect(await client.set('k', 'v')).to.equal('OK');

      const failedBack = nextEvent(client, 'endpointSwitched');
      names.set(EAST, { address: '127.0.0.1' });
      expect(await failedBack).to.include({ to: 'east', kind: 'failback' });
    });
  }

  it('lead where they point to now, at the next connect', async () => {
    const client = await pair.connect(options());
    await client.set('k', 'old');
    await pair.west.server.cli('SET', 'k', 'new');
    await forwardElsewhere(pair.east.proxy.port, pair.west.server.port);
    names.set(EAST, { address: ELSEWHERE });
    expect(await client.get('k')).to.equal('old');

    // The old server is gone for good, as after a failover by DNS.
    await pair.east.proxy.refuse();
    expect(await client.get('k')).to.equal('new');
    expect(client.geo.activeEndpoint).to.equal('east');
    expect(client.geo.epoch).to.equal(0);
  });

  it('that nobody answers for are left as silent endpoints are, and hold up no others', async () => {
    const client = await pair.connect(options());
    names.set(EAST, 'silent');
    await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.reset());
    expect(await client.set('k', 'v')).to.equal('OK');
    // Rounds in which east is tried again and again. A lookup takes one of four threads as long as it lasts.
    await checksDone(pair.west.server, 5);
    expect(names.openOf(EAST)).to.equal(1);
    await pair.west.proxy.reset();
    expect(await client.set('k', 'v')).to.equal('OK');

    names.set(EAST, { address: '127.0.0.1' });
    await allReady(client);
  });

  it('of all endpoints may fail at once: commands wait, and go on when one is known again', async () => {
    const client = await pair.connect(options());
    for (const name of [EAST, WEST]) names.set(name, { code: 'EAI_AGAIN' });
    client.on('error', () => undefined);
    await eventUpon(client, 'allEndpointsUnhealthy', async () => {
      await Promise.all(pair.endpoints.map(({ proxy }) => proxy.reset()));
    });
    const write = client.incr('n');
    names.set(WEST, { address: '127.0.0.1' });
    expect(await write).to.equal(1);
    expect(client.geo.activeEndpoint).to.equal('west');
  });

  async function forwardElsewhere(port: number, target: number): Promise<void> {
    elsewhere = createServer((socket) => {
      const onward = connect(target, '127.0.0.1');
      for (const end of [socket, onward]) end.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    elsewhere.listen(port, ELSEWHERE);
    await once(elsewhere, 'listening');
  }
});
