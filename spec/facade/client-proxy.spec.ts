import { EventEmitter } from 'node:events';
import { inspect, types } from 'node:util';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import sinon from 'sinon';
import { createClientProxy } from '../../lib/facade/client-proxy.ts';
import { type IoredisCommand, internals } from '../../lib/ioredis-internals/types.ts';
import { print } from '../dispatch/commands.ts';

type AnyFunction = (...args: unknown[]) => unknown;

describe('The proxy that the application holds', () => {
  const geo = { activeEndpoint: 'east' };
  let target: Redis;
  let client: Redis;
  /** The same, by names that a type does not know. */
  let members: Record<PropertyKey, AnyFunction | undefined>;
  let sent: string[];

  beforeEach(() => {
    target = new Redis({ lazyConnect: true });
    sent = [];
    internals(target).sendCommand = (command: IoredisCommand) => {
      sent.push(print(command));
      command.resolve(Buffer.from('OK'));
      return command.promise;
    };
    client = createClientProxy(target, { geo });
    members = client as unknown as typeof members;
  });

  describe('is an ioredis client', () => {
    it('by its class, its fields and its methods', () => {
      expect(client).to.be.an.instanceOf(Redis);
      expect(client.constructor).to.equal(target.constructor);
      expect(client.status).to.equal('wait');
      expect(client.options).to.equal(target.options);
      expect(client.isCluster).to.equal(false);
      expect(Object.prototype.toString.call(client)).to.equal(Object.prototype.toString.call(target));
    });

    for (const name of ['then', 'catch', 'finally', 'toJSON', 'inspect', 'isOpen', 'pSubscribe', 'asymmetricMatch']) {
      it(`without a property "${name}"`, () => {
        expect(members[name]).to.equal(undefined);
        expect(name in client).to.equal(false);
      });
    }

    it('that may be awaited', async () => {
      const given: unknown = await Promise.resolve(client);

      expect(given).to.equal(client);
      expect(sent).to.deep.equal([]);
    });

    it('whose keys are those of ioredis', () => {
      expect(Object.keys(client)).to.deep.equal(Object.keys(target));
      expect(Reflect.ownKeys(client)).to.deep.equal(Reflect.ownKeys(target).filter((key) => key !== 'emit'));
      expect('get' in client && 'status' in client && 'on' in client).to.equal(true);
      expect(Object.hasOwn(client, 'get')).to.equal(false);
    });

    it('that can be printed, and sends nothing for it', () => {
      expect(inspect(client)).to.equal(inspect(target));
      expect(inspect(client, { showProxy: true, depth: 0 })).to.contain('Proxy');
      expect(types.isProxy(client)).to.equal(true);
      expect(JSON.stringify(client)).to.equal(JSON.stringify(target));
      expect(sent).to.deep.equal([]);
    });
  });

  it('has what was added, although nobody who lists it sees it', () => {
    expect(members['geo']).to.equal(geo);
    expect('geo' in client).to.equal(true);
    expect(Object.keys(client)).not.to.include('geo');
    expect(Object.assign({}, client)).not.to.have.property('geo');
  });

  describe('has methods', () => {
    it('that are the same each time', () => {
      for (const name of ['get', 'getBuffer', 'pipeline', 'multi', 'call', 'on', 'emit', 'quit', 'defineCommand']) {
        expect(members[name], name).to.be.a('function').and.to.equal(members[name]);
      }
    });

    it('that need no client to be called on', async () => {
      const { set, get } = members;

      expect(await set!('k', 'v')).to.equal('OK');
      expect(await get!.call({}, 'k')).to.equal('OK');
      expect(await get!.bind(undefined)('l')).to.equal('OK');
      expect(sent).to.deep.equal(['set k v', 'get k', 'get l']);
    });

    it('that go by what is behind the proxy, so that no field is read through it', () => {
      const seen: unknown[] = [];
      Object.assign(target, {
        look(this: unknown) {
          seen.push(this);
        },
      });
      members['look']!();

      expect(seen[0] === target).to.equal(true);
    });

    it('of scripts, also when one is defined again', async () => {
      expect(members['mine']).to.equal(undefined);
      client.defineCommand('mine', { lua: 'return 1', numberOfKeys: 0 });
      const first = members['mine'];
      await first!();
      client.defineCommand('mine', { lua: 'return 2', numberOfKeys: 0 });
      await members['mine']!();

      expect(members['mine']).not.to.equal(first);
      expect(new Set(sent).size).to.equal(2);
    });

    it('of commands that are added', async () => {
      expect(members['geo.search']).to.equal(undefined);
      client.addBuiltinCommand('geo.search');
      await members['geo.search']!('k');

      expect(sent).to.deep.equal(['geo.search k']);
    });
  });

  describe('keeps what the application puts on it', () => {
    const own = (): string => 'own';

    const WAYS: Readonly<Record<string, () => void>> = {
      assigning: () => void (members['get'] = own),
      defining: () => void Object.defineProperty(client, 'get', { value: own, configurable: true, writable: true }),
    };

    for (const [way, put] of Object.entries(WAYS)) {
      it(`by ${way}, in the place of a method, and gives that back when it is deleted`, () => {
        const before = members['get'];
        put();
        expect(members['get']).to.equal(own);
        expect(Object.getOwnPropertyDescriptor(client, 'get')?.value).to.equal(own);
        delete members['get'];

        expect(members['get']).to.be.a('function').and.not.to.equal(own);
        expect(before).to.be.a('function');
        void client.get('k');
        expect(sent).to.deep.equal(['get k']);
      });
    }

    it('under new names and symbols', () => {
      const symbol = Symbol('mine');
      const fields: Record<PropertyKey, unknown> = members;
      Object.assign(fields, { mine: 1, [symbol]: own });

      expect([fields['mine'], fields[symbol]]).to.deep.equal([1, own]);
      expect(Object.keys(client)).to.include('mine');
      expect(delete fields['mine']).to.equal(true);
      expect('mine' in client).to.equal(false);
    });

    it('in its fields, where ioredis sees it as well', () => {
      client.status = 'end';
      client.options.connectionName = 'mine';

      expect(target.status).to.equal('end');
      expect(target.options.connectionName).to.equal('mine');
    });

    it('instead of what was added', () => {
      Object.assign(client, { geo: 'mine' });

      expect(members['geo']).to.equal('mine');
    });

    it('as sinon does, and restores it', async () => {
      const stub = sinon.stub(client, 'get').resolves('stubbed');
      expect(await client.get('k')).to.equal('stubbed');
      stub.restore();

      expect(await client.get('k')).to.equal('OK');
    });
  });

  it('may be wrapped in another proxy, and be a key', () => {
    const wrapped = new Proxy(client, { get: (inner, name) => Reflect.get(inner, name) as unknown });

    expect(Reflect.get(wrapped, 'get')).to.equal(members['get']);
    expect(wrapped).to.be.an.instanceOf(Redis);
    expect(new Map([[client, 1]]).get(client)).to.equal(1);
    expect(new WeakSet([client]).has(client)).to.equal(true);
  });

  describe('as an emitter of events', () => {
    const REGISTERING = ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'] as const;

    for (const name of REGISTERING) {
      it(`returns itself from ${name}(), and is what listeners are called on`, () => {
        const listener = sinon.spy();
        expect(members[name]!('ready', listener)).to.equal(client);
        target.emit('ready', 1);

        sinon.assert.calledOnceWithExactly(listener, 1);
        expect(listener.firstCall.thisValue).to.equal(client);
      });
    }

    it('returns itself from what removes listeners, and they are removed', () => {
      const listener = sinon.spy();
      client.on('ready', listener).once('ready', listener).on('end', listener);

      expect(client.off('ready', listener).removeListener('ready', listener)).to.equal(client);
      expect(client.removeAllListeners('end').setMaxListeners(5)).to.equal(client);
      expect(client.emit('ready')).to.equal(false);
      expect(client.listenerCount('end')).to.equal(0);
      sinon.assert.notCalled(listener);
    });

    it('works with what Node offers for emitters', async () => {
      const next = EventEmitter.once(client, 'ready');
      target.emit('ready', 'now');

      expect(await next).to.deep.equal(['now']);
    });
  });
});
