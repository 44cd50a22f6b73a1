import type { Redis, RedisOptions } from 'ioredis';
import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';
import { called, kindOf, settled } from './plain.ts';

type Scripts = Record<'mine' | 'mineBuffer' | 'any' | 'fails' | 'with:colon', (...args: unknown[]) => Promise<unknown>>;
const scriptsOf = (client: Redis): Scripts => client as unknown as Scripts;

const SCRIPTS: NonNullable<RedisOptions['scripts']> = {
  mine: { lua: "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}", numberOfKeys: 1 },
  any: { lua: 'return {#KEYS, ARGV[1]}' },
  fails: { lua: "return redis.error_reply('MINE ' .. ARGV[1])", numberOfKeys: 0, readOnly: true },
  'with:colon': { lua: 'return 1', numberOfKeys: 0 },
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  'replies, also as Buffers and to callbacks': async (client, halfway) => {
    const scripts = scriptsOf(client);
    const replies = [
      kindOf(scripts.mine('a', 'x')),
      await scripts.mineBuffer('b', 'x'),
      await scripts.any(2, 'a', 'b', 'c'),
    ];
    await halfway();
    await client.flushall();
    return [
      ...replies,
      await scripts.mine('a', 'x'),
      await scripts.mine(['a', 'list']),
      await scripts.mineBuffer(Buffer.from('a'), Buffer.from([255])),
      await called((callback) => scripts.mine('a', 'x', callback)),
      await called((callback) => void scripts.fails('no', callback).catch(() => undefined)),
      await settled([scripts.fails('error'), scripts['with:colon']()]),
    ];
  },
  'scripts that the server has lost': async (client, halfway) => {
    const scripts = scriptsOf(client);
    const replies = [await scripts.mine('a', 'x'), await scripts.mine('b', 'x')];
    await client.script('FLUSH');
    replies.push(await scripts.mine('c', 'x'));
    await halfway();
    replies.push(await scripts.mine('d', 'x'), await scripts.mine('e', 'x'));
    await client.script('FLUSH');
    const many = await Promise.all([scripts.mine('f', 'x'), scripts.mine('f', 'y'), client.get('f')]);
    return [...replies, many, await called((callback) => scripts.mine('g', 'x', callback))];
  },
  'scripts that are defined later, and again': async (client, halfway) => {
    const before = typeof (client as unknown as Record<string, unknown>)['later'];
    const define = (lua: string): void => client.defineCommand('later', { lua, numberOfKeys: 0 });
    const later = (): Promise<unknown> => (client as unknown as { later(): Promise<unknown> }).later();
    define('return 1');
    const replies = [before, 'later' in client, Object.hasOwn(client, 'later'), await later()];
    define('return 2');
    await halfway();
    return [
      ...replies,
      await later(),
      await client.eval('return 3', 0),
      await settled([client.evalsha('0'.repeat(40), 0)]),
    ];
  },
};

describe('A script does what it does on a plain client:', () => {
  const sides = SideBySide.forSuite();
  itIsTheSame(sides, PROGRAMS, { scripts: SCRIPTS });

  describe('with a key prefix:', () => itIsTheSame(sides, PROGRAMS, { scripts: SCRIPTS, keyPrefix: 'p:' }));

  describe('with auto-pipelining:', () =>
    itIsTheSame(sides, PROGRAMS, { scripts: SCRIPTS, enableAutoPipelining: true }));
});
