import { Command, Redis } from 'ioredis';
import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';
import { called, kindOf, settled } from './plain.ts';

type AnyFunction = (...args: unknown[]) => Promise<unknown>;
type Loose = Record<string, AnyFunction>;
const loosely = (client: Redis): Loose => client as unknown as Loose;

const CALLS: Readonly<Record<string, Program>> = {
  'a callback as last argument': async (client, halfway) => {
    const first = await called((callback) => client.set('k', 'v', callback));
    await halfway();
    return [first, await called((callback) => client.echo('x', callback)), await called((done) => client.ping(done))];
  },
  'a callback that is told of an error': async (client, halfway) => {
    await halfway();
    await client.set('k', 'v');
    return called((callback) => void client.lpush('k', 'x', callback).catch(() => undefined));
  },
  'a callback and the promise, one after the other': async (client, halfway) => {
    const order: string[] = [];
    await halfway();
    await client
      .set('k', 'v', () => order.push('callback'))
      .then(() => order.push('then'))
      .then(() => order.push('then later'));
    await client.lpush('k', 'x', () => order.push('callback of an error')).catch(() => order.push('catch'));
    return order;
  },
  'replies that arrive together, in order of their calls': async (client, halfway) => {
    const order: string[] = [];
    await client.ping();
    await halfway();
    await Promise.all([
      client.set('a', 1, () => order.push('a called')).then(() => order.push('a then')),
      client.get('a').then(() => order.push('b then')),
      client.get('a', () => order.push('c called')).then(() => order.push('c then')),
      client
        .pipeline()
        .get('a', () => order.push('d called'))
        .exec()
        .then(() => order.push('d then')),
    ]);
    return order;
  },
  'arguments as a list': async (client, halfway) => {
    await client.ping();
    await halfway();
    const loose = loosely(client);
    return [
      await loose['set']!(['k', 'v']),
      await loose['mset']!(['a', 1, 'b', 2]),
      await client.mget(['k', 'a', 'b']),
      await loose['del']!(['k', 'a']),
    ];
  },
  'arguments as a list, and a callback': async (client, halfway) => {
    await halfway();
    return [
      await called((callback) => loosely(client)['mset']!(['a', 1, 'b', 2], callback)),
      await called((callback) => client.mget(['a', 'b'], callback)),
      await called((callback) => loosely(client)['call']!('mget', ['a', 'b'], callback)),
    ];
  },
  'objects, maps, numbers, Buffers, null and undefined as arguments': async (client, halfway) => {
    await halfway();
    return settled([
      client.mset({ a: 1, b: 2 }),
      client.mset(new Map([['c', 3]])),
      client.hset('h', { f: 1, g: Buffer.from([0, 255]) }),
      client.hset('i', new Map([['f', 1]])),
      client.set('n', null as unknown as string),
      client.set('u', undefined as unknown as string),
      client.mgetBuffer('a', 'b', 'c', 'n', 'u'),
      client.hgetall('h'),
      client.hgetallBuffer('h'),
      client.hgetall('none'),
    ]);
  },
  'call(), callBuffer() and send_command()': async (client, halfway) => {
    await halfway();
    const loose = loosely(client);
    return settled([
      loose['call']!('SET', 'k', 'v'),
      loose['call']!('get', ['k']),
      loose['callBuffer']!('GeT', 'k'),
      loose['send_command']!('get', ['k']),
      called((callback) => loose['send_command']!('GET', ['k'], callback)),
      loose['call']!('nonsense', 'x', 1),
      loose['call']!('hgetall', 'none'),
    ]);
  },
  'sendCommand() with a Command': async (client, halfway) => {
    const send = client.sendCommand.bind(client);
    await client.set('k', 'v');
    await halfway();
    const get = new Command('echo', ['v'], { replyEncoding: 'utf8' });
    const kind = kindOf(client.sendCommand(get));
    return settled([
      kind,
      get.promise,
      send(new Redis.Command('ECHO', ['raw'])),
      send(new Command('nonsense', [], { replyEncoding: 'utf8' })),
      called((callback) => void send(new Command('echo', ['c'], { replyEncoding: 'utf8' }, callback))),
    ]);
  },
  'methods that were taken off the client': async (client, halfway) => {
    const { set, mget } = loosely(client);
    await halfway();
    return [
      await set!.call(client, 'k', 'v'),
      await mget!.apply(client, ['k']),
      await loosely(Redis.prototype)['get']!.call(client, 'k'),
      await (client.createBuiltinCommand('get') as { string: (...args: unknown[]) => unknown }).string.call(
        client,
        'k',
      ),
    ];
  },
  'commands that are added': async (client, halfway) => {
    client.addBuiltinCommand('echoes');
    await halfway();
    return [client.getBuiltinCommands().length, ...(await settled([loosely(client)['echoes']!('x')]))];
  },
  'promises of its calls': async (client, halfway) => {
    await halfway();
    const loose = loosely(client);
    const promises = [client.get('k'), client.getBuffer('k', () => undefined), loose['call']!('ping'), client.quit()];
    const kinds = promises.map((promise) => kindOf(promise));
    return [kinds, await settled(promises), kindOf(loose['connect']!().catch(() => undefined))];
  },
  'streams of keys, members and fields': async (client, halfway) => {
    await halfway();
    await client.mset(...Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v']).flat());
    await client.sadd('s', ...Array.from({ length: 50 }, (_, i) => `m${i}`));
    await client.hset('h', { a: 1, b: 2 });
    await client.zadd('z', 1, 'a', 2, 'b');
    const all = async (stream: AsyncIterable<unknown>): Promise<string[]> => {
      const seen: string[] = [];
      for await (const page of stream)
        seen.push(...(page as (string | Buffer)[]).map((item) => item.toString('latin1')));
      return seen.sort();
    };
    return [
      await all(client.scanStream({ match: 'k*', count: 10 })),
      await all(client.scanBufferStream({ count: 20 })),
      await all(client.sscanStream('s', { count: 10 })),
      await all(client.sscanBufferStream('s')),
      await all(client.hscanStream('h')),
      await all(client.hscanBufferStream('h')),
      await all(client.zscanStream('z', { match: '*' })),
      await all(client.zscanBufferStream('z')),
      kindOf(client.scanStream()),
    ];
  },
  'a database, and the event of it': async (client, halfway) => {
    const seen: unknown[] = [];
    client.on('select', (...args: unknown[]) => seen.push(args));
    const before = [await client.select(3), await client.select(3), seen.length];
    await Promise.all([client.select(0), client.pipeline().select(2).select('4').exec()]);
    await halfway();
    const after = [await client.set('k', 'v'), await client.select(0), await client.get('k')];
    return [before, after, await client.select(4), await client.get('k'), seen];
  },
};

describe('A call does what it does on a plain client:', () => {
  const sides = SideBySide.forSuite();
  itIsTheSame(sides, CALLS);

  describe('with a key prefix:', () => itIsTheSame(sides, CALLS, { keyPrefix: 'p:' }));

  describe('when the connection is not ready yet:', () => {
    itIsTheSame(sides, CALLS, { lazyConnect: true });
  });
});
