import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect } from 'chai';
import { Redis, type RedisOptions } from 'ioredis';
import sinon from 'sinon';
import { type Facade, createFacade } from '../../lib/facade/facade.ts';
import type { IoredisCommand, PipelineStream } from '../../lib/ioredis-internals/types.ts';
import { print } from '../dispatch/commands.ts';

describe('The façade', () => {
  let sent: string[];
  let streams: (PipelineStream | undefined)[];
  let facade: Facade;
  let client: Redis;
  let connected: () => Promise<void>;
  const other = new Redis({ lazyConnect: true });
  const disconnect = sinon.spy();
  const duplicate = sinon.stub().returns(other);
  const monitor = sinon.stub().resolves(other);

  beforeEach(() => {
    sent = [];
    streams = [];
    connected = () => Promise.resolve();
    disconnect.resetHistory();
    duplicate.resetHistory();
    create();
  });

  function create(options: RedisOptions = {}): void {
    const actions = {
      ...{ send, connect: () => connected(), disconnect, duplicate, monitor },
      ...{ condition: undefined, activeOptions: undefined, override: {}, slotLayout: { slots: [], groups: [] } },
    };
    facade = createFacade(options, actions, { geo: 'control' });
    client = facade.proxy;
  }

  function send(command: IoredisCommand, stream?: PipelineStream): unknown {
    sent.push(print(command));
    streams.push(stream);
    command.resolve(Buffer.from('OK'));
    return command.promise;
  }

  it('never connects', () => {
    const sentinels = [{ port: 1 }];
    create({ lazyConnect: false, host: '127.0.0.1', port: 1, sentinels });

    expect(client.status).to.equal('wait');
    expect(client.options).to.deep.include({ lazyConnect: false, sentinels });
  });

  it('is an object that V8 is quick with', () => {
    setFlagsFromString('--allow-natives-syntax');
    const isQuick = runInThisContext('(object) => %HasFastProperties(object)') as (object: unknown) => boolean;
    const behindTheProxy = (client.pipeline() as unknown as { redis: Redis }).redis;

    expect([isQuick(other), isQuick(behindTheProxy)]).to.deep.equal([true, true]);
    delete (client as Partial<Redis>).condition;
    expect(isQuick(behindTheProxy)).to.equal(false);
  });

  it('shows the options that the application gave', () => {
    create({ keyPrefix: 'p:', maxRetriesPerRequest: null, enableReadyCheck: false, connectionName: 'mine', port: 7 });

    expect(client.options).to.include({ keyPrefix: 'p:', maxRetriesPerRequest: null, enableReadyCheck: false });
    expect(client.options).to.include({ connectionName: 'mine', port: 7 });
  });

  it('has what was added to it', () => {
    expect(client).to.have.property('geo', 'control');
  });

  describe('leads every command to where commands go', () => {
    const CALLS: readonly (readonly [what: string, call: () => unknown, sent: readonly string[]])[] = [
      ['a method', () => client.set('k', 'v'), ['set p:k v']],
      ['a method for Buffers', () => client.getBuffer('k'), ['get p:k']],
      ['call()', () => client.call('GET', 'k'), ['GET p:k']],
      ['a Command', () => client.sendCommand(new Redis.Command('ping')), ['ping']],
      ['quit()', () => client.quit(), ['quit']],
      ['a transaction without a pipeline', () => client.multi({ pipeline: false }), ['multi']],
    ];

    for (const [what, call, expected] of CALLS) {
      it(`of ${what}`, async () => {
        create({ keyPrefix: 'p:' });
        await call();

        expect(sent).to.deep.equal(expected);
        expect(streams).to.deep.equal([undefined]);
      });
    }

    it('of a pipeline, with its stream', () => {
      void client.pipeline().set('k', 'v').get('k').exec();

      expect(sent).to.deep.equal(['set k v', 'get k']);
      expect(streams[0]).to.be.an('object').and.to.equal(streams[1]);
    });

    it('also when that is somewhere else from now on', async () => {
      await client.get('a');
      const later: string[] = [];
      facade.sendThrough((command, stream) => {
        later.push(print(command));
        return send(command, stream);
      });
      await client.get('b');

      expect(later).to.deep.equal(['get b']);
    });
  });

  describe('leads other calls to the actions:', () => {
    it('disconnect() and end()', () => {
      client.disconnect();
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is there still
      client.end();
      client.disconnect(true);

      expect(disconnect.args).to.deep.equal([[false], [false], [true]]);
    });

    it('monitor(), by the promise and by the callback', async () => {
      const told = new Promise((resolve) => void client.monitor((_error, monitoring) => resolve(monitoring)));

      expect(await client.monitor()).to.equal(other);
      expect(await told).to.equal(other);
    });

    it('duplicate(), with the options or none', () => {
      expect(client.duplicate()).to.equal(other);
      expect(client.duplicate({ db: 2 })).to.equal(other);

      expect(duplicate.args).to.deep.equal([[{}], [{ db: 2 }]]);
    });

    it('connect(), by its promise and its callback', async () => {
      const callback = sinon.spy();
      await client.connect(callback);
      await client.connect();

      sinon.assert.calledOnceWithExactly(callback, null);
    });

    it('connect(), when it fails', async () => {
      const error = new Error('Redis is already connecting/connected');
      connected = () => Promise.reject(error);
      const callback = sinon.spy();

      expect(await client.connect(callback).catch((reason: unknown) => reason)).to.equal(error);
      sinon.assert.calledOnceWithExactly(callback, error);
    });

    it('connect(), whose promise nobody needs to handle who gave a callback', async () => {
      connected = () => Promise.reject(new Error('no'));
      const called = new Promise((resolve) => void client.connect((error) => resolve(error?.message)));

      expect(await called).to.equal('no');
    });

    it('and does not list them', () => {
      expect(Object.keys(client)).not.to.include.members(['sendCommand']);
      expect(Object.keys(client)).to.deep.equal(Object.keys(other));
    });
  });

  it('tells an error afterwards, so that a listener which throws ends nothing but itself', async () => {
    const seen: string[] = [];
    const told = new Promise<void>((resolve) => {
      client.on('error', ({ message }) => {
        seen.push(message);
        resolve();
      });
    });
    facade.tellError(new Error('no'));
    seen.push('afterwards');
    await told;

    expect(seen).to.deep.equal(['afterwards', 'no']);
  });

  it('takes a status and emits the event of its name afterwards, on the client that the application holds', async () => {
    const seen = new Promise((resolve) => {
      client.on('reconnecting', function (this: unknown, ...args) {
        resolve([this === client, client.status, ...(args as unknown[])]);
      });
    });
    facade.setStatus('reconnecting', 50);
    expect(client.status).to.equal('reconnecting');

    expect(await seen).to.deep.equal([true, 'reconnecting', 50]);
  });

  describe('with secrets in its options', () => {
    const SECRET = 'S3CR3T';
    const secrets: RedisOptions = {
      password: `${SECRET}-1`,
      sentinelPassword: `${SECRET}-2`,
      sentinelTLS: { key: `${SECRET}-6`, passphrase: `${SECRET}-7` },
      tls: { key: `${SECRET}-3`, passphrase: `${SECRET}-4`, pfx: `${SECRET}-5`, servername: 'redis.example' },
    };

    beforeEach(() => create(secrets));

    it('shows none when it is printed or made JSON', () => {
      expect(inspect(client, { depth: null }))
        .to.contain('redis.example')
        .and.not.to.contain(SECRET);
      expect(JSON.stringify(client)).to.contain('redis.example').and.not.to.contain(SECRET);
    });

    it('has them for those who ask', () => {
      expect(client.options.password).to.equal(`${SECRET}-1`);
      expect(client.options.tls).to.include({ key: `${SECRET}-3`, servername: 'redis.example' });
    });

    it('hands them on to a client that is made with a copy of its options', () => {
      expect({ ...client.options }).to.include({ password: `${SECRET}-1`, sentinelPassword: `${SECRET}-2` });
    });

    it("leaves the application's own objects as they are", () => {
      expect(Object.keys(secrets)).to.include('password');
      expect(Object.keys(secrets.tls!)).to.deep.equal(['key', 'passphrase', 'pfx', 'servername']);
    });
  });
});
