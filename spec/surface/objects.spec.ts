import { EventEmitter, errorMonitor, on } from 'node:events';
import { inspect, isDeepStrictEqual, types } from 'node:util';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import sinon from 'sinon';
import { kindOf } from './plain.ts';
import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';

type Loose = Record<PropertyKey, unknown> & { get: (...args: unknown[]) => Promise<unknown> };
const loosely = (client: Redis): Loose => client as unknown as Loose;

const binding = (client: Redis): Redis =>
  new Proxy(client, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

const PROGRAMS: Readonly<Record<string, Program>> = {
  'what it is': async (client, halfway) => {
    await halfway();
    return [
      client instanceof Redis,
      client instanceof EventEmitter,
      client.constructor.name,
      typeof client,
      Object.prototype.toString.call(client),
      Object.prototype.hasOwnProperty.call(client, 'get'),
      client.isCluster,
      client.mode,
      types.isPromise(client),
      isDeepStrictEqual(client, client),
      (await Promise.resolve(client)) === client,
      Object.isExtensible(client),
    ];
  },
  'fields that libraries read': async (client, halfway) => {
    await client.ping();
    await halfway();
    const { keyPrefix, maxRetriesPerRequest, enableReadyCheck, db, connectionName, lazyConnect } = client.options;
    const rest = [client.options.retryStrategy, client.options.reconnectOnError, 'family' in client.options];
    return [client.status, keyPrefix, maxRetriesPerRequest, enableReadyCheck, db, connectionName, lazyConnect, ...rest];
  },
  'printing it': async (client, halfway) => {
    await client.ping();
    await halfway();
    const parsed = JSON.parse(JSON.stringify(client)) as Record<string, Record<string, unknown>>;
    return [
      /^EventEmitter \{/.test(inspect(client)),
      parsed['status'],
      parsed['options']?.['keyPrefix'],
      parsed['isCluster'],
    ];
  },
  'writing its fields': async (client, halfway) => {
    const loose = loosely(client);
    const symbol = Symbol('mine');
    Object.assign(loose, { foo: 1, [symbol]: 2 });
    client.options.connectionName = 'mine';
    await halfway();
    const seen = [loose['foo'], loose[symbol], client.options.connectionName, Object.keys(client).includes('foo')];
    client.status = 'end';
    seen.push(
      client.status,
      delete loose['foo'],
      'foo' in client,
      delete loose['nothing'],
      Reflect.deleteProperty(client, 'get'),
    );
    client.status = 'ready';
    return [...seen, typeof client.get, Object.getOwnPropertyDescriptor(client, symbol)];
  },
  'other methods in the place of its own': async (client, halfway) => {
    const loose = loosely(client);
    const before = loose['get'];
    loose.get = (key: unknown) => Promise.resolve(`mine ${String(key)}`);
    await halfway();
    const seen: unknown[] = [
      await client.get('k'),
      Object.hasOwn(client, 'get'),
      Object.getOwnPropertyDescriptor(client, 'get'),
    ];
    seen.push(Reflect.deleteProperty(client, 'get'), loose['get'] === before, await client.get('k'));
    const stub = sinon.stub(client, 'get').resolves('stubbed');
    seen.push(await client.get('k'));
    stub.restore();
    const spy = sinon.spy(client, 'set');
    seen.push(await client.set('k', 'v'), spy.callCount);
    spy.restore();
    return [...seen, loose['get'] === before, Object.hasOwn(client, 'get'), await client.get('k')];
  },
  'wrapping what commands go through': async (client, halfway) => {
    // A plain client sends a command that waited for the connection a second time.
    const commands = new Set<Parameters<Redis['sendCommand']>[0]>();
    const loose = loosely(client);
    const { sendCommand, emit } = loose as Record<string, (...args: unknown[]) => unknown>;
    loose['sendCommand'] = (...args: unknown[]) => {
      commands.add(args[0] as never);
      return sendCommand!.apply(client, args);
    };
    const events: unknown[] = [];
    loose['emit'] = (...args: unknown[]) => {
      events.push(args[0]);
      return emit!.apply(client, args);
    };
    const own = ['sendCommand', 'emit'].map((name) => Object.getOwnPropertyDescriptor(client, name));
    await client.set('k', 'v');
    await halfway();
    await client.pipeline().get('a').get('b').exec();
    client.emit('mine', 1);
    await client.multi().set('k', 1).exec();
    const mine = new Set(['set', 'get', 'multi', 'exec']);
    Reflect.deleteProperty(client, 'sendCommand');
    Reflect.deleteProperty(client, 'emit');
    const replies = [await client.get('k'), client.emit('mine'), Object.hasOwn(client, 'sendCommand')];
    const names = [...commands].map(({ name }) => name);
    return [names.filter((name) => mine.has(name)), events.includes('mine'), own, replies];
  },
  'wrapping what opens and closes it': async (client, halfway) => {
    const calls: string[] = [];
    for (const name of ['connect', 'disconnect', 'duplicate'] as const) {
      const stub = sinon.stub(client, name).callsFake(((): unknown => calls.push(name)) as never);
      void client[name]();
      stub.restore();
      calls.push(String(Object.hasOwn(client, name)));
    }
    await halfway();
    return [calls, await client.ping(), Object.keys(client).includes('connect')];
  },
  'another proxy around it': async (client, halfway) => {
    const wrapped = binding(client);
    await wrapped.set('k', 'v');
    await halfway();
    await wrapped.set('k', 'v');
    const chain = await wrapped.pipeline().get('k').exec();
    const plainProxy = new Proxy(client, {});
    (plainProxy as unknown as Loose)['mine'] = 1;
    return [
      await wrapped.get('k'),
      chain,
      wrapped instanceof Redis,
      wrapped.status,
      kindOf(
        wrapped.on('x', () => undefined),
        client,
      ),
      await plainProxy.get('k'),
      loosely(client)['mine'],
      Object.keys(plainProxy).includes('mine'),
      Object.hasOwn(plainProxy, 'sendCommand'),
    ];
  },
  'an object that inherits from it': async (client, halfway) => {
    const child = Object.create(client) as Redis & { mine: number };
    child.mine = 1;
    const get = (): Promise<string> => Promise.resolve('of the child');
    child.get = get;
    await halfway();
    return [
      await child.get('k'),
      await client.get('k'),
      'mine' in client,
      Object.keys(child),
      await child.set('k', 'v'),
    ];
  },
  'being a key': async (client, halfway) => {
    const held = [new WeakMap([[client, 1]]), new Map([[client, 2]])] as const;
    await halfway();
    return [held[0].get(client), held[1].get(client), new WeakSet([client]).has(client)];
  },
  listeners: async (client, halfway) => {
    const seen: unknown[] = [];
    const listener = function (this: unknown, ...args: unknown[]): void {
      seen.push([this === client, ...args]);
    };
    const chained = [
      client.on('a', listener).once('a', listener),
      client.prependListener('a', listener).addListener('b', listener),
      client.setMaxListeners(50),
      client.off('b', listener).removeAllListeners('c'),
    ].map((result) => result === client);
    await halfway();
    const emitted = [client.emit('a', 1, 2), client.emit('a'), client.emit('b')];
    const counts = [
      client.listenerCount('a'),
      client.listeners('a').length,
      client.eventNames().includes('a'),
      client.getMaxListeners(),
    ];
    const iterator = on(client, 'd');
    client.emit('d', 'value');
    const next = await iterator.next();
    return [chained, emitted, seen, counts, next, client.rawListeners('a').length];
  },
  'errors that nobody listens to': async (client, halfway) => {
    await halfway();
    const seen: unknown[] = [];
    client.on(errorMonitor, (error: Error) => seen.push(error.message));
    client.on('error', (error: Error) => seen.push(error.message));
    client.emit('error', new Error('mine'));
    client.removeAllListeners('error');
    let thrown: unknown;
    try {
      client.emit('error', new Error('thrown'));
    } catch (error) {
      thrown = error;
    }
    return [seen, thrown];
  },
};

describe('As an object a client is what a plain client is:', () => {
  const sides = SideBySide.forSuite();
  itIsTheSame(sides, PROGRAMS, { keyPrefix: 'p:', maxRetriesPerRequest: null, enableReadyCheck: true });

  describe('before it is connected:', () => itIsTheSame(sides, PROGRAMS, { lazyConnect: true }));

  it('prints what a plain client prints of its options', async () => {
    const { bare, ours } = await sides.both({ keyPrefix: 'p:' });

    expect(JSON.parse(JSON.stringify(ours.options))).to.deep.equal(JSON.parse(JSON.stringify(bare.options)));
  });
});
