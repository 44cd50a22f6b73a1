import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { type GeoFailoverRedis, isGeoFailoverError } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';

const codeOf = (error: unknown): unknown => (isGeoFailoverError(error) ? error.code : error);

describe('What belongs to a connection', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect({ ...SHORT_TIMES, failback: { enabled: false } });
  });

  async function fill(server: typeof pair.east.server, count: number): Promise<void> {
    for (const key of ['h', 's', 'z']) await server.cli('DEL', key);
    const members = Array.from({ length: count }, (_, index) => `member:${index}`);
    await server.cli('SADD', 's', ...members);
    await server.cli('HSET', 'h', ...members.flatMap((member) => [member, '1']));
    await server.cli('ZADD', 'z', ...members.flatMap((member, index) => [String(index), member]));
    await server.cli('MSET', ...members.flatMap((member) => [member, '1']));
  }

  describe('a cursor', () => {
    // Small hashes are answered in one page.
    const COUNT = 1_000;

    beforeEach(async () => {
      await Promise.all(pair.endpoints.map(({ server }) => fill(server, COUNT)));
    });

    it('is lost on another endpoint', async () => {
      const [cursor] = await client.scan(0, 'COUNT', 10);
      const [ofHash] = await client.hscanBuffer('h', 0, 'COUNT', 10);
      await client.geo.switchTo('west');

      expect(await client.scan(cursor).catch(codeOf)).to.equal('GEO_CURSOR_LOST');
      expect(await client.hscan('h', ofHash.toString()).catch(codeOf)).to.equal('GEO_CURSOR_LOST');
      expect(await client.pipeline().scan(cursor).get('member:1').exec()).to.have.nested.property('[1][1]', '1');
      expect(await client.scan(0)).to.have.lengthOf(2);
    });

    it('is lost when its server was started again, and not when only the connection was lost', async () => {
      await pair.west.proxy.refuse();
      const [cursor] = await client.scan(0, 'COUNT', 10);
      await pair.east.proxy.reset();
      expect(await client.scan(cursor, 'COUNT', 10)).to.have.lengthOf(2);

      await pair.east.server.restart();
      expect(await client.scan(cursor).catch(codeOf)).to.equal('GEO_CURSOR_LOST');
      expect(await client.pipeline().scan(cursor).get('member:1').exec()).to.have.nested.property('[1][1]', '1');
    });

    const streams: Readonly<Record<string, (redis: Redis) => NodeJS.ReadableStream>> = {
      scanStream: (redis) => redis.scanStream({ match: 'member:*', count: 10 }),
      scanBufferStream: (redis) => redis.scanBufferStream({ match: 'member:*', count: 10 }),
      sscanStream: (redis) => redis.sscanStream('s', { count: 10 }),
      hscanStream: (redis) => redis.hscanStream('h', { count: 10 }),
      zscanBufferStream: (redis) => redis.zscanBufferStream('z', { count: 10 }),
    };
    for (const [name, open] of Object.entries(streams)) {
      it(`is not missed by ${name}(), which begins again`, async () => {
        const found = new Set<string>();
        let pages = 0;
        for await (const page of open(client) as AsyncIterable<unknown> as AsyncIterable<unknown[]>) {
          for (const key of page) if (String(key).startsWith('member:')) found.add(String(key));
          if (++pages === 3) await client.geo.switchTo('west');
        }

        expect(found.size).to.equal(COUNT);
        expect(pages).to.be.above(3);
      });

      it(`is not missed by ${name}() when the server is started again, which has its keys in another order then`, async () => {
        await pair.west.proxy.refuse();
        const found = new Set<string>();
        let pages = 0;
        for await (const page of open(client) as AsyncIterable<unknown> as AsyncIterable<unknown[]>) {
          for (const key of page) if (String(key).startsWith('member:')) found.add(String(key));
          if (++pages === 10) await pair.east.server.restart();
        }

        expect(found.size).to.equal(COUNT);
      });
    }
  });

  it('is set again where it is missing: name and settings', async () => {
    await client.client('SETNAME', 'checkout');
    await client.client('NO-EVICT', 'ON');
    await client.geo.switchTo('west');

    expect(await client.client('GETNAME')).to.equal('checkout');
    expect(await client.client('INFO')).to.match(/ flags=\S*e/);
  });

  it('sends a message that may have been sent to another endpoint only if that does not replicate', async () => {
    const independent = await pair.connect({ ...SHORT_TIMES, topology: 'independent', failback: { enabled: false } });
    await pair.east.proxy.swallowReplies();
    const published = [independent, client].map((redis) => redis.publish('news', 'x').catch(codeOf));

    expect(await Promise.all(published)).to.deep.equal([0, 'GEO_AMBIGUOUS']);
  });

  it('leaves a message that nobody awaits without an unhandled rejection', async () => {
    await pair.east.proxy.swallowReplies();
    void client.publish('news', 'x');

    expect(await client.get('k')).to.equal(null);
  });
});
