import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type GeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';

describe('Blocking commands', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect({ ...SHORT_TIMES, failback: { enabled: false } });
  });

  /** Resolves when so many clients of a server wait for something. */
  async function blockedOn(endpoint: typeof pair.east, count: number): Promise<void> {
    for (;;) {
      const info = await endpoint.server.cli('INFO', 'clients');
      if (String(info).includes(`blocked_clients:${count}\r\n`)) return;
    }
  }

  it('move with a planned switch, and bring what comes there', async () => {
    const popped = client.blpop('q', 0);
    await blockedOn(pair.east, 1);
    const report = await client.geo.switchTo('west');
    await blockedOn(pair.west, 1);
    await blockedOn(pair.east, 0);
    await pair.west.server.cli('RPUSH', 'q', 'element');

    expect(report.isDrained).to.equal(true);
    expect(await popped).to.deep.equal(['q', 'element']);
  });

  it('do not disturb the pipeline that they are in', async () => {
    const run = async (redis: Redis): Promise<unknown> => [
      await redis.pipeline().set('k', 1).get('k').blpop('q', 0.01).get('k').exec(),
      await redis.multi().get('k').blpop('q', 0).get('k').exec(),
      await Promise.all([redis.get('k'), redis.echo('hello')]),
    ];
    const bare = new Redis(pair.west.server.port);
    try {
      expect(await run(client)).to.deep.equal(await run(bare));
    } finally {
      bare.disconnect();
    }
  });

  const kinds: readonly [string, (redis: Redis) => Promise<unknown>, [string, ...string[]], unknown][] = [
    ['BLMOVE', (r: Redis) => r.blmove('q', 'd', 'LEFT', 'RIGHT', 0), ['RPUSH', 'q', 'x'], 'x'],
    ['BZPOPMIN', (r: Redis) => r.bzpopmin('z', 0), ['ZADD', 'z', '1', 'x'], ['z', 'x', '1']],
    [
      'XREAD',
      (r: Redis) => r.xread('BLOCK', 0, 'STREAMS', 'x', '0'),
      ['XADD', 'x', '1-1', 'f', 'v'],
      [['x', [['1-1', ['f', 'v']]]]],
    ],
  ];
  for (const [name, run, fill, expected] of kinds) {
    it(`are the same for ${name}`, async () => {
      const popped = run(client);
      await blockedOn(pair.east, 1);
      await client.geo.switchTo('west');
      await pair.west.server.cli(...fill);

      expect(JSON.parse(JSON.stringify(await popped))).to.deep.equal(expected);
    });
  }

  it('lose nothing when elements come while they move', async () => {
    const producers = pair.endpoints.map(({ server }) => new Redis(server.port));
    const popped: string[] = [];
    const count = 200;
    const consume = async (): Promise<void> => {
      while (popped.length < count) {
        const element = await client.blpop('q', 0);
        if (element !== null) popped.push(element[1]);
      }
    };
    const consumed = consume();
    try {
      for (let i = 0; i < count; i++) {
        await Promise.all([
          i % 20 === 10 ? client.geo.switchTo(i % 40 === 10 ? 'west' : 'east') : undefined,
          producers[client.geo.activeEndpoint === 'east' ? 0 : 1]?.rpush('q', String(i)),
        ]);
        // What came to the other side while it was left is for whoever consumes there.
        for (const producer of producers) {
          const left = await producer.lrange('q', 0, -1);
          const active = client.geo.activeEndpoint === 'east' ? producers[0] : producers[1];
          if (producer === active || left.length === 0) continue;
          await producer.del('q');
          await active?.rpush('q', ...left);
        }
      }
      await consumed;
    } finally {
      for (const producer of producers) producer.disconnect();
    }

    expect([...popped].sort()).to.deep.equal(Array.from({ length: count }, (_, i) => String(i)).sort());
  });

  it('are told when their endpoint fails, as long as they may have taken something', async () => {
    const popped = client.blpop('q', 0).catch((error: unknown) => error);
    await blockedOn(pair.east, 1);
    await pair.east.proxy.refuse();
    const error = await popped;

    expect(isGeoFailoverError(error, 'GEO_AMBIGUOUS') && error.message).to.include('Connection is closed.');
    expect(error).to.include({ outcome: 'maybe-executed', endpointId: 'east' });
  });

  it('go on elsewhere when their endpoint fails and they only read', async () => {
    const read = client.xread('BLOCK', 0, 'STREAMS', 'x', '0');
    await blockedOn(pair.east, 1);
    await pair.east.proxy.refuse();
    await pair.west.server.cli('XADD', 'x', '1-1', 'f', 'v');

    expect(JSON.stringify(await read)).to.include('1-1');
  });
});
