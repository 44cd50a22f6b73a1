import type { ChainableCommander, Redis } from 'ioredis';
import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';
import { called, kindOf, settled } from './plain.ts';

type Loose = ChainableCommander &
  Record<'addBatch' | 'multi' | 'mine' | 'mineBuffer', (...args: unknown[]) => Loose> & { execBuffer(): unknown };

const pipelineOf = (client: Redis): Loose => client.pipeline() as unknown as Loose;
const transactionOf = (client: Redis): Loose => client.multi() as unknown as Loose;

const KINDS: Readonly<Record<string, (client: Redis) => Loose>> = { pipeline: pipelineOf, transaction: transactionOf };

/** For a pipeline as for a transaction. */
const BOTH: Readonly<Record<string, (begin: (client: Redis) => Loose) => Program>> = {
  'commands in a chain, and its length': (begin) => async (client, halfway) => {
    const chain = begin(client);
    const kinds = [
      kindOf(chain.set('k', 1), chain),
      kindOf(chain.incr('k'), chain),
      kindOf(chain.call('get', 'k'), chain),
    ];
    const { length } = chain.getBuffer('k').lpush('k', 'x').hgetall('none');
    await halfway();
    const promise = chain.exec();
    return [kinds, length, chain.length, kindOf(promise), await promise];
  },
  'callbacks of commands and of exec()': (begin) => async (client, halfway) => {
    const seen: unknown[] = [];
    const note = (...reply: unknown[]): void => void seen.push(reply);
    const chain = begin(client).set('k', 'v', note).get('k', note).incr('k', note);
    await halfway();
    const reply = await called((callback) => chain.exec((...args) => callback(...args)));
    return [reply, seen];
  },
  'addBatch()': (begin) => async (client, halfway) => {
    await halfway();
    const batch = [
      ['set', 'k', 'v'],
      ['get', 'k'],
      ['call', 'echo', 'x'],
    ];
    return begin(client).addBatch(batch).exec();
  },
  'execBuffer()': (begin) => async (client, halfway) => {
    await halfway();
    const chain = begin(client);
    chain.set('k', 'v').get('k');
    const result = chain.execBuffer();
    // A pipeline that is no transaction takes it for a command like any other.
    return [kindOf(result, chain), await settled([result === chain ? await chain.exec() : result])];
  },
  'exec() called twice in one turn': (begin) => async (client, halfway) => {
    const chain = begin(client).incr('k').get('k');
    await halfway();
    const promises = [chain.exec(), chain.exec()];
    return [promises[0] === promises[1], await settled(promises), await client.get('k')];
  },
  'exec() called again later': (begin) => async (client, halfway) => {
    await halfway();
    const chain = begin(client).incr('k').get('k');
    return [await settled([chain.exec()]), await settled([chain.exec()]), await client.get('k')];
  },
  'an empty one': (begin) => async (client, halfway) => {
    await halfway();
    return begin(client).exec();
  },
  'commands that servers do not know, and wrong ones': (begin) => async (client, halfway) => {
    await halfway();
    return settled([
      begin(client).set('k', 'v').incr('k').exec(),
      begin(client).set('k', 'v').call('nonsense').exec(),
      begin(client)
        .set('k', 'v', 'BAD' as 'NX')
        .exec(),
    ]);
  },
  'two at once': (begin) => async (client, halfway) => {
    await halfway();
    const exec = (key: string): Promise<unknown> => begin(client).set(key, key).get(key).exec();
    return Promise.all([exec('a'), client.set('b', 1), exec('c'), client.get('a')]);
  },
  'scripts, also those that the server has lost': (begin) => async (client, halfway) => {
    client.defineCommand('mine', { lua: "return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}", numberOfKeys: 1 });
    const run = (): Promise<unknown> => {
      const chain = begin(client);
      chain.mine('k', 'a').mineBuffer('k', 'b');
      return chain.set('l', 1).exec();
    };
    const replies = [await run(), await run()];
    await halfway();
    await client.set('k', 2);
    replies.push(await run());
    await client.script('FLUSH');
    // Inside a pipeline or a transaction ioredis itself does not send a lost script again at once.
    return [...replies, await run().catch(String), await run()];
  },
};

const PROGRAMS: Readonly<Record<string, Program>> = {
  'a pipeline and a transaction given as lists': async (client, halfway) => {
    await halfway();
    const batch = [
      ['set', 'k', 'v'],
      ['get', 'k'],
    ];
    return [await client.pipeline(batch).exec(), await client.multi(batch).exec()];
  },
  'a transaction inside a pipeline': async (client, halfway) => {
    await halfway();
    const chain = pipelineOf(client).set('a', 1) as unknown as Loose;
    chain.multi();
    chain.set('b', 2);
    chain.get('b');
    const kind = kindOf(chain.exec(), chain);
    return [kind, await chain.exec(), await client.get('b')];
  },
  'properties that were put on a chain': async (client, halfway) => {
    await halfway();
    const chain = Object.assign(client.multi(), { mine: 1 });
    return [chain.mine, (await Promise.resolve(chain.set('k', 'v'))) === chain, await chain.exec()];
  },
};

describe('A pipeline does what it does on a plain client:', () => {
  const sides = SideBySide.forSuite();

  for (const [kind, begin] of Object.entries(KINDS)) {
    const programs = Object.entries(BOTH).map(([name, program]) => [name, program(begin)]);
    describe(kind, () => itIsTheSame(sides, Object.fromEntries(programs) as Record<string, Program>));
    describe(`${kind}, with a key prefix`, () =>
      itIsTheSame(sides, Object.fromEntries(programs) as Record<string, Program>, { keyPrefix: 'p:' }));
  }
  itIsTheSame(sides, PROGRAMS);
});
