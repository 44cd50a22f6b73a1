import { once } from 'node:events';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { type GeoPair, SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';

const options = { ...SHORT_TIMES, failback: { enabled: false } };

/** Publishes on a server, and resolves with the number of those who heard it. */
function publish(endpoint: GeoPair['east'], channel: string, message: string): Promise<unknown> {
  return endpoint.server.cli('PUBLISH', channel, message);
}

describe('Subscriptions', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;
  let heard: string[];

  beforeEach(async () => {
    client = await pair.connect(options);
    heard = [];
    client.on('message', (channel: string, message: string) => heard.push(`${channel}: ${message}`));
    client.on('pmessage', (pattern: string, channel: string, message: string) =>
      heard.push(`${pattern} ${channel}: ${message}`),
    );
    client.on('smessage', (channel: string, message: string) => heard.push(`${channel}: ${message}`));
  });

  /** Resolves when so much has been heard. */
  async function hear(count: number): Promise<string[]> {
    while (heard.length < count) {
      await Promise.race(['message', 'pmessage', 'smessage'].map((event) => once(client, event)));
    }
    return heard.splice(0);
  }

  it('are answered and heard as with ioredis', async () => {
    const bare = new Redis(pair.west.server.port);
    // ioredis 5 sends SUBSCRIBE as soon as it is connected, and then refuses its own INFO.
    await once(bare, 'ready');
    const script = async (redis: Redis): Promise<unknown[]> => [
      await redis.subscribe('a', 'b'),
      await redis.psubscribe('p*'),
      await redis.ssubscribe('s'),
      redis.mode,
      await redis.unsubscribe('a'),
      await redis.punsubscribe('p*'),
      await redis.sunsubscribe('s'),
      await redis.unsubscribe(),
      redis.mode,
      await redis.ping(),
    ];
    try {
      expect(await script(client)).to.deep.equal(await script(bare));
    } finally {
      bare.disconnect();
    }
  });

  it('are counted as with ioredis, although all were asked for before there was a connection', async () => {
    const fresh = pair.createClient(options);

    expect(await Promise.all([fresh.subscribe('a', 'b'), fresh.subscribe('a', 'c')])).to.deep.equal([2, 3]);
  });

  it('bring messages as text and as bytes, and call back', async () => {
    const bytes: Buffer[][] = [];
    for (const event of ['messageBuffer', 'pmessageBuffer', 'smessageBuffer']) {
      client.on(event, (...args: Buffer[]) => bytes.push(args));
    }
    expect(await new Promise((resolve) => void client.subscribe('a', (_, count) => resolve(count)))).to.equal(1);
    await client.psubscribe('p*');
    await client.ssubscribe('s');
    await publish(pair.east, 'a', 'one');
    await publish(pair.east, 'pq', 'two');
    await pair.east.server.cli('SPUBLISH', 's', 'three');

    expect(await hear(3)).to.deep.equal(['a: one', 'p* pq: two', 's: three']);
    expect(bytes.map((args) => args.map(String))).to.deep.equal([
      ['a', 'one'],
      ['p*', 'pq', 'two'],
      ['s', 'three'],
    ]);
  });

  it('are heard from the endpoint that takes over, and from no other', async () => {
    await client.subscribe('a');
    await client.psubscribe('p*');
    const moved = nextEvent(client, 'subscriptionsMoved');
    await pair.east.proxy.refuse();
    expect(await moved).to.include({ from: 'east', to: 'west' });
    expect((await moved).blindMs).to.be.greaterThan(0);
    await pair.east.proxy.heal();
    await allReady(client);
    expect(await publish(pair.east, 'a', 'east')).to.equal(0);
    await publish(pair.west, 'a', 'west');
    await publish(pair.west, 'pq', 'west');

    expect(await hear(2)).to.deep.equal(['a: west', 'p* pq: west']);
  });

  it('move with a planned switch, and back', async () => {
    await client.subscribe('a');
    for (const id of ['west', 'east', 'west'] as const) {
      await eventUpon(client, 'subscriptionsMoved', () => client.geo.switchTo(id));
      await publish(pair[id], 'a', id);
      expect(await hear(1)).to.deep.equal([`a: ${id}`]);
    }
    await Promise.all(pair.endpoints.map(({ proxy }) => proxy.heal()));
    await allReady(client);

    expect(await publish(pair.east, 'a', 'left behind')).to.equal(0);
    await publish(pair.west, 'a', 'last');
    expect(await hear(1)).to.deep.equal(['a: last']);
  });

  it('come back when only the connection was lost', async () => {
    await client.subscribe('a');
    const moved = await eventUpon(client, 'subscriptionsMoved', () => pair.east.proxy.reset());
    expect(moved).to.include({ from: 'east', to: 'east' });
    await publish(pair.east, 'a', 'again');

    expect(await hear(1)).to.deep.equal(['a: again']);
  });

  it('are made and given up while nothing can be reached', async () => {
    await client.subscribe('a', 'b');
    await eventUpon(client, 'allEndpointsUnhealthy', () => pair.refuse());
    const changes = [client.unsubscribe('a'), client.subscribe('c')];
    await pair.heal();
    await Promise.all(changes);
    const active = client.geo.activeEndpoint === 'east' ? pair.east : pair.west;
    for (const channel of ['a', 'b', 'c']) await publish(active, channel, 'x');

    expect(await hear(2)).to.deep.equal(['b: x', 'c: x']);
  });

  it('may be made during a switch', async () => {
    await client.subscribe('a');
    const switched = client.geo.switchTo('west');
    const counts = [client.subscribe('b'), client.subscribe('c')];
    await switched;
    expect((await Promise.all(counts)).at(-1)).to.equal(3);
    for (const channel of ['a', 'b', 'c']) await publish(pair.west, channel, 'x');

    expect(await hear(3)).to.have.members(['a: x', 'b: x', 'c: x']);
  });

  it('are replaced when a firewall drops their connection', async () => {
    await client.subscribe('a');
    const data = Math.min(...pair.east.proxy.connections().map(({ id }) => id));
    await eventUpon(client, 'subscriptionsMoved', () => pair.east.proxy.blackholeOne(data));
    await publish(pair.east, 'a', 'again');

    expect(await hear(1)).to.deep.equal(['a: again']);
    expect(client.geo.activeEndpoint).to.equal('east');
  });

  it('follow switches that come close upon each other', async () => {
    await client.subscribe('a');
    for (const id of ['west', 'east', 'west', 'east'] as const) await client.geo.switchTo(id);
    expect(await client.subscribe('b')).to.equal(2);
    for (const endpoint of pair.endpoints) await publish(endpoint, 'a', endpoint.id);
    await publish(pair.east, 'b', 'last');

    expect(await hear(2)).to.deep.equal(['a: east', 'b: last']);
  });

  it('do not outlast their connection when the application does not want that', async () => {
    const other = await pair.connect({ ...options, redis: { autoResubscribe: false } });
    await other.subscribe('a');
    await other.geo.switchTo('west');
    expect(await other.ping()).to.equal('PONG');

    expect(await publish(pair.west, 'a', 'nobody hears it')).to.equal(0);
  });

  it('of a duplicate are its own', async () => {
    const other = client.duplicate() as GeoFailoverRedis;
    await other.subscribe('a');
    const message = once(other, 'message');
    expect(await client.publish('a', 'hello')).to.equal(1);

    expect(await message).to.deep.equal(['a', 'hello']);
    expect(heard).to.deep.equal([]);
    other.disconnect();
  });

  for (const [name, first, last, hears] of [
    ['given up', 'subscribe', 'unsubscribe', []],
    ['made', 'unsubscribe', 'subscribe', ['b']],
  ] as const) {
    it(`are those that the last call asks for, although an earlier one was left behind by a switch (${name})`, async () => {
      await client.subscribe('a');
      if (first === 'unsubscribe') await client.subscribe('b');
      await pair.east.proxy.delay(600);
      const left = client[first]('b');
      await client.geo.switchTo('west', { drainMs: 0, force: true });
      await client[last]('b');
      await pair.east.proxy.reset();
      await left;
      await client.ping();

      const channels = await pair.west.server.cli('PUBSUB', 'CHANNELS');
      expect((channels as string[]).sort()).to.deep.equal(['a', ...hears]);
    });
  }

  it('keep no command waiting when a listener of invalidations throws', async () => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = new Promise((resolve) => process.once('uncaughtException', resolve));
    try {
      await client.subscribe('__redis__:invalidate');
      client.on('message', (_channel, message) => JSON.parse(message) as unknown);
      await client.geo.switchTo('west');

      expect(await client.ping()).to.satisfy((reply: unknown) => String(reply).toLowerCase().startsWith('pong'));
      expect(await caught).to.be.an('error');
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });

  it('that the server refuses are told to the caller, and not asked for again', async () => {
    await pair.west.server.cli('ACL', 'SETUSER', 'default', 'resetchannels', '&a');
    await client.subscribe('a', 'b');
    const told = once(client, 'error');
    await eventUpon(client, 'subscriptionsMoved', () => client.geo.switchTo('west'));
    const [error] = (await told) as [Error];

    expect(error.message).to.match(/^NOPERM/);
    const refusal: unknown = await client.subscribe('c').catch((reason: unknown) => reason);
    expect(refusal)
      .to.be.an('error')
      .with.property('message')
      .that.matches(/^NOPERM/);
  });
});
