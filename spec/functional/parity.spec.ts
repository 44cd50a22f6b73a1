import { once } from 'node:events';
import { expect } from 'chai';
import { Command, Redis, type RedisOptions } from 'ioredis';
import { type GeoPair, startGeoPair } from '../support/geo-pair.ts';

type Program = (client: Redis) => unknown;

const settled = (promises: readonly Promise<unknown>[]): Promise<unknown> => Promise.allSettled(promises);

const called = (start: (callback: (error: unknown, reply: unknown) => void) => unknown): Promise<unknown> =>
  new Promise((resolve) => start((error, reply) => resolve([error, reply])));

/** What an application may do with a client, and what it gets to see. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  'replies of several types': (client) =>
    settled([client.set('k', 1), client.get('k'), client.get('none'), client.incr('k'), client.lpush('l', 'a', 'b')]),
  'error replies': (client) => settled([client.lpush('l', 1), client.get('l'), client.call('nonsense', 'x')]),
  'arguments of several types': (client) =>
    settled([client.mset({ a: 1, b: Buffer.from('two') }), client.mget(['a', 'b']), client.hset('h', { f: 1, g: 2 })]),
  'wrong arguments': (client) =>
    settled([(client.get as () => Promise<unknown>)(), client.set('k', 'v', 'BAD' as 'NX')]),
  callbacks: async (client) => [
    await called((callback) => client.set('k', 'v', callback)),
    await called((callback) => client.get('k', callback)),
    await called((callback) => client.incr('k', callback)),
  ],
  'Buffer variants': async (client) => {
    await client.set(Buffer.from([0, 255]), Buffer.from([1, 254]));
    return [await client.getBuffer(Buffer.from([0, 255])), await client.get(Buffer.from([0, 255]))];
  },
  'call, with and without Buffers': async (client) => [
    await client.call('SET', 'k', 'v'),
    await client.call('get', ['k']),
    await client.callBuffer('GET', 'k'),
  ],
  'a Command of its own': (client) => client.sendCommand(new Command('echo', ['hello'], { replyEncoding: 'utf8' })),
  'reply transformers': async (client) => {
    await client.hset('h', 'f', 'v');
    return [await client.hgetall('h'), await client.hgetall('none'), await client.hgetallBuffer('h')];
  },
  'defined scripts': async (client) => {
    client.defineCommand('both', { numberOfKeys: 1, lua: "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}" });
    const defined = client as unknown as Record<'both' | 'bothBuffer', (...args: string[]) => Promise<unknown>>;
    return [await defined.both('k', 'x'), await defined.both('k', 'y'), await defined.bothBuffer('k', 'z')];
  },
  'scripts with errors': async (client) => {
    client.defineCommand('fails', { numberOfKeys: 0, lua: "return redis.error_reply('MINE no')" });
    return settled([
      (client as unknown as { fails: () => Promise<unknown> }).fails(),
      client.evalsha('0'.repeat(40), 0),
    ]);
  },
  'a pipeline': (client) => client.pipeline().set('k', 1).incr('k').get('k').lpush('k', 'x').getBuffer('k').exec(),
  'a pipeline given as a list': (client) =>
    client
      .pipeline([
        ['set', 'k', 'v'],
        ['get', 'k'],
      ])
      .exec(),
  'a pipeline with callbacks': async (client) => {
    const seen: unknown[] = [];
    const note = (...reply: unknown[]): void => void seen.push(reply);
    const pipeline = client.pipeline().set('k', 'v', note).get('k', note).incr('k', note);
    return [await called((callback) => pipeline.exec(callback)), seen];
  },
  'an empty pipeline': (client) => client.pipeline().exec(),
  'a pipeline with a script': async (client) => {
    client.defineCommand('one', { numberOfKeys: 0, lua: 'return 1' });
    const pipeline = client.pipeline() as unknown as { one(): { one(): { exec(): Promise<unknown> } } };
    return pipeline.one().one().exec();
  },
  'a transaction': (client) => client.multi().set('k', 1).incr('k').get('k').exec(),
  'a transaction with a command that fails': (client) => client.multi().set('k', 'v').incr('k').get('k').exec(),
  'a transaction that is refused': (client) => settled([client.multi().set('k', 'v').call('nonsense').exec()]),
  'many commands at once': (client) => Promise.all(Array.from({ length: 500 }, () => client.incr('n'))),
  'two commands in one turn': async (client) => {
    await client.set('k', 1);
    return Promise.all([client.get('k'), client.incr('k'), client.get('k')]);
  },
  'a database': async (client) => {
    const replies = [await client.select(2), await client.set('k', 'v'), await client.select(0), await client.get('k')];
    return [...replies, await client.select(2), await client.get('k'), await client.flushdb()];
  },
  'the event of a database': async (client) => {
    const seen: unknown[] = [];
    client.on('select', (...args: unknown[]) => seen.push(args));
    for (const index of [0, 2, 2, 3]) await client.select(index);
    return seen;
  },
  'a stream of keys': async (client) => {
    await client.mset(...Array.from({ length: 100 }, (_, i) => [`k${i}`, 'v']).flat());
    const keys: string[] = [];
    for await (const some of client.scanStream({ match: 'k*', count: 10 })) keys.push(...(some as string[]));
    return new Set(keys).size;
  },
  'the end': async (client) => [await client.set('k', 'v'), await client.quit()],
  'commands after the end': async (client) => {
    const end = once(client, 'end');
    await client.quit();
    await end;
    return settled([client.get('k'), client.quit()]).then((all) =>
      (all as { status: string; reason?: Error }[]).map(({ status, reason }) => [status, reason?.message]),
    );
  },
};

const VARIANTS: Readonly<Record<string, RedisOptions>> = {
  'by default': {},
  'with auto-pipelining': { enableAutoPipelining: true },
  'with a key prefix': { keyPrefix: 'p:' },
  'with stringNumbers': { stringNumbers: true },
};

/** With auto-pipelining ioredis itself takes the first argument of these for the name of a command, and throws. */
const NOT_AUTO_PIPELINED = new Set(['call, with and without Buffers']);

describe('A client without any fault', () => {
  let pair: GeoPair;

  before(async () => {
    pair = await startGeoPair();
  });

  beforeEach(async () => {
    await pair.east.server.cli('FLUSHALL');
    await pair.east.server.cli('SCRIPT', 'FLUSH');
  });

  after(() => pair.dispose());

  for (const [variant, redis] of Object.entries(VARIANTS)) {
    describe(variant, () => {
      for (const [name, program] of Object.entries(PROGRAMS)) {
        if (redis.enableAutoPipelining === true && NOT_AUTO_PIPELINED.has(name)) continue;
        it(`does with ${name} what ioredis does`, async () => {
          const { port } = pair.east.server;
          const bare = new Redis({ ...redis, port });
          const expected = await Promise.resolve(program(bare)).finally(() => bare.disconnect());
          await pair.east.server.cli('FLUSHALL');
          await pair.east.server.cli('SCRIPT', 'FLUSH');
          const actual = await program(pair.createClient({ redis }));

          expect(plain(actual)).to.deep.equal(plain(expected));
        });
      }
    });
  }
});

/** Errors by what an application reads of them. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (Buffer.isBuffer(value) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
