import { expect } from 'chai';
import { AbstractConnector, Command } from 'ioredis';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import sinon from 'sinon';
import { TICK_MS } from '../lib/detection/progress-watch.ts';
import { GeoClient } from '../lib/geo-client.ts';
import { GeoCore } from '../lib/geo-core.ts';
import { GeoEvents } from '../lib/geo-events.ts';
import type { IoredisCommand } from '../lib/ioredis-internals/types.ts';
import { resolveOptions } from '../lib/options/resolve-options.ts';
import { FakeClock } from './support/fake-clock.ts';

const nothing = (): void => undefined;

/** Longer than nothing has to happen before nobody watches any more. */
const LONG_MS = 600;

describe('A client that nobody uses', () => {
  let clock: FakeClock;
  let core: GeoCore;
  let clients: GeoClient[];

  beforeEach(() => {
    const options = resolveOptions({
      endpoints: [{ id: 'a', redis: () => ({ ping: () => Promise.resolve('PONG') }) }],
      healthCheck: { intervalMs: 60_000 },
    });
    clock = new FakeClock();
    core = new GeoCore(options, clock, () => 0.5, new GeoEvents());
    clients = [];
  });

  afterEach(() => {
    for (const client of clients) client.close();
  });

  async function start(): Promise<GeoClient> {
    const client = new GeoClient(
      {
        core,
        override: {},
        onReady: nothing,
        onEnd: nothing,
        onDown: nothing,
        onMessage: nothing,
        onSubscriptionsMoved: nothing,
        onSelected: nothing,
        onError: nothing,
      },
      {},
    );
    clients.push(client);
    client.start();
    core.start();
    await nextTurn();
    return client;
  }

  function ping(client: GeoClient): void {
    client.dispatcher.send(new Command('ping') as unknown as IoredisCommand);
  }

  /** Whether somebody looks at the connections many times a second. */
  function isWatched(): boolean {
    return clock.timers.some(({ dueInMs }) => dueInMs <= TICK_MS);
  }

  it('is not watched after a while', async () => {
    await start();
    expect(isWatched()).to.equal(true);
    clock.advance(LONG_MS);

    expect(isWatched()).to.equal(false);
  });

  it('is watched again from its next command on', async () => {
    const client = await start();
    clock.advance(LONG_MS);
    ping(client);
    expect(isWatched()).to.equal(true);
    clock.advance(LONG_MS);
    expect(isWatched(), 'while the reply is missing').to.equal(true);
    await nextTurn();
    clock.advance(LONG_MS);

    expect(isWatched()).to.equal(false);
  });

  it('does not keep one from being watched that comes later', async () => {
    await start();
    clock.advance(LONG_MS);
    await start();

    expect(isWatched()).to.equal(true);
  });

  it('does not end the watch over another one that shares its endpoints', async () => {
    const [idle, busy] = [await start(), await start()];
    for (let i = 0; i < 5; i++) {
      ping(busy);
      await nextTurn();
      clock.advance(LONG_MS / 3);
    }
    expect(isWatched()).to.equal(true);
    clock.advance(LONG_MS);
    expect(isWatched()).to.equal(false);
    ping(idle);

    expect(isWatched()).to.equal(true);
  });
});

describe('A client that starts', () => {
  class SilentConnector extends AbstractConnector {
    override connect(): Promise<Socket> {
      return new Promise(() => undefined);
    }
  }

  it('is ready when an endpoint takes over whose connection was there before', async () => {
    const ping = sinon.stub().rejects(new Error('LOADING'));
    const options = resolveOptions({
      endpoints: [
        { id: 'a', weight: 2, redis: { Connector: SilentConnector } },
        { id: 'b', weight: 1, redis: () => ({ ping }) },
      ],
    });
    const clock = new FakeClock();
    const core = new GeoCore(options, clock, () => 0.5, new GeoEvents());
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        await nextTurn();
      }
    };
    const onReady = sinon.stub();
    const client = new GeoClient(
      {
        core,
        override: {},
        onReady,
        onEnd: nothing,
        onDown: nothing,
        onMessage: nothing,
        onSubscriptionsMoved: nothing,
        onSelected: nothing,
        onError: nothing,
      },
      {},
    );
    try {
      client.start();
      core.start();
      await pass(10_000);
      expect(core.registry.get('a').lastError, 'a is known to fail').to.be.an('error');
      expect(client.isReady('b')).to.equal(true);
      expect(core.activeEndpointId).to.equal('a');
      expect(onReady.callCount).to.equal(0);
      ping.resolves('PONG');
      await pass(2_000);

      expect(core.activeEndpointId).to.equal('b');
      expect(onReady.callCount).to.equal(1);
    } finally {
      client.close();
    }
  });

  it('is ready also when it was connected while its endpoint was being looked at', async () => {
    let answer = nothing;
    const ping = (): Promise<string> => new Promise((resolve) => (answer = () => resolve('PONG')));
    const options = resolveOptions({ endpoints: [{ id: 'a', redis: () => ({ ping }) }] });
    const core = new GeoCore(options, new FakeClock(), () => 0.5, new GeoEvents());
    const onReady = sinon.stub();
    const setup = {
      core,
      override: {},
      onReady,
      onDown: nothing,
      onEnd: nothing,
      onMessage: nothing,
      onSubscriptionsMoved: nothing,
      onSelected: nothing,
      onError: nothing,
    };
    const client = new GeoClient(setup, {});
    try {
      client.start();
      core.start();
      core.suspect('a', 'silence');
      await nextTurn();
      expect([client.isReady('a'), core.isVerifying, onReady.callCount]).to.deep.equal([true, true, 0]);
      while (core.isVerifying) {
        answer();
        await nextTurn();
      }

      expect(onReady.callCount).to.equal(1);
    } finally {
      client.close();
    }
  });
});
