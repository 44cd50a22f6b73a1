import { once } from 'node:events';
import { expect } from 'chai';
import { Command, type Redis, type RedisOptions } from 'ioredis';
import { plain, settled } from './plain.ts';
import { type Program, SideBySide, itIsTheSame, ready } from './side-by-side.ts';

describe('An option does what it does on a plain client:', () => {
  const sides = SideBySide.forSuite();

  const PROGRAMS: Readonly<Record<string, readonly [RedisOptions, Program]>> = {
    keyPrefix: [
      { keyPrefix: 'p:' },
      async (client, halfway) => {
        await halfway();
        await client.mset('a', 1, 'b', 2);
        await client.call('set', Buffer.from('c'), 3);
        await client.pipeline().set('d', 4).call('set', 'e', 5).exec();
        return [
          (await client.keys('*')).sort(),
          await client.mget('a', 'b', 'c', 'd', 'e'),
          await client.del('a', 'b'),
        ];
      },
    ],
    showFriendlyErrorStack: [
      { showFriendlyErrorStack: true },
      async (client, halfway) => {
        await halfway();
        const error = await client.call('nonsense').catch((reason: unknown) => reason as Error);
        const lines = String((error as Error).stack).split('\n');
        return [plain(error), lines[1]?.includes('options.spec.ts'), lines.some((line) => line.includes('/lib/'))];
      },
    ],
    'commandTimeout, in time': [
      { commandTimeout: 10_000 },
      async (client, halfway) => {
        await halfway();
        return [
          await client.set('k', 'v'),
          await client.pipeline().get('k').exec(),
          await client.multi().get('k').exec(),
        ];
      },
    ],
    'commandTimeout, too late': [
      { commandTimeout: 50 },
      async (client, halfway) => {
        await client.ping();
        await halfway();
        return settled([client.blpop('none', 0), client.pipeline().blpop('none', 0).exec()]);
      },
    ],
    'stringNumbers, db and connectionName': [
      { stringNumbers: true, db: 3, connectionName: 'mine' },
      async (client, halfway) => {
        await client.ping();
        await halfway();
        const info = await client.client('INFO');
        return [await client.set('k', 1), await client.incr('k'), / db=3 /.test(info), await client.client('GETNAME')];
      },
    ],
    'maxRetriesPerRequest: null': [
      { maxRetriesPerRequest: null },
      async (client, halfway) => {
        await halfway();
        return [client.options.maxRetriesPerRequest, await client.set('k', 'v')];
      },
    ],
    'retryStrategy and reconnectOnError, while nothing fails': [
      { retryStrategy: () => 10, reconnectOnError: () => false },
      async (client, halfway) => {
        await halfway();
        const { retryStrategy, reconnectOnError } = client.options;
        return [retryStrategy?.(1), reconnectOnError?.(new Error()), await settled([client.call('nonsense')])];
      },
    ],
  };

  for (const [name, [redis, program]] of Object.entries(PROGRAMS)) itIsTheSame(sides, { [name]: program }, redis);

  describe('transformers of arguments and replies:', () => {
    const { argument, reply } = (Command as unknown as { _transformer: Record<'argument' | 'reply', object> })
      ._transformer;

    beforeEach(() => {
      Command.setArgumentTransformer('echo', (args) => args.map((arg) => `<${String(arg)}>`));
      Command.setReplyTransformer('echo', (text: unknown) => [text]);
    });

    afterEach(() => {
      for (const transformers of [argument, reply]) Reflect.deleteProperty(transformers, 'echo');
    });

    itIsTheSame(sides, {
      'are applied once': async (client, halfway) => {
        await halfway();
        return [
          await client.echo('a'),
          await client.echoBuffer('a'),
          await client.call('echo', 'a'),
          await client.pipeline().echo('a').exec(),
          await client.multi().echo('a').exec(),
        ];
      },
    });
  });

  it('of where an endpoint is, they are those of the active one', async () => {
    const client = sides.ours({ keyPrefix: 'p:' });
    await ready(client);
    const seen = [pick(client)];
    await sides.switchToWest(client);
    seen.push(pick(client));
    client.options.port = 1;
    seen.push(pick(client));
    const { host, port } = sides.east;

    expect(seen).to.deep.equal([
      { host, port, copied: port, keyPrefix: 'p:' },
      { host, port: sides.west.port, copied: sides.west.port, keyPrefix: 'p:' },
      { host, port: 1, copied: 1, keyPrefix: 'p:' },
    ]);
  });

  it('that is written on a client goes for its duplicates, and when it connects again', async () => {
    const names: unknown[] = [];
    for (const client of Object.values(await sides.both())) {
      client.options.connectionName = 'mine';
      const copy = client.duplicate();
      names.push(copy.options.connectionName, await copy.client('GETNAME'), await client.client('GETNAME'));
      copy.disconnect();
      const ended = once(client, 'end');
      client.disconnect();
      await ended;
      await client.connect();
      names.push(await client.client('GETNAME'));
    }

    expect(names).to.deep.equal(['mine', 'mine', null, 'mine', 'mine', 'mine', null, 'mine']);
  });
});

function pick(client: Redis): Record<string, unknown> {
  const { host, port, keyPrefix } = client.options;
  return { host, port, copied: { ...client.options }.port, keyPrefix };
}
