import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';
import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { nextEvent } from '../support/next-event.ts';
import { regionsForEachTest } from './regions.ts';

/** One process of the application: a cache in its memory, the common one in Redis, and a bus for what changes. */
function createCache(connection: GeoFailoverRedis) {
  const store = bentostore()
    .useL1Layer(memoryDriver())
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection }));
  return new BentoCache({ default: 'all', stores: { all: store } });
}

interface Process {
  readonly client: GeoFailoverRedis;
  readonly cache: ReturnType<typeof createCache>;
}

/** It would connect to Redis by itself if the client were not an `instanceof` its own ioredis. */
describe('bentocache', () => {
  const regions = regionsForEachTest();
  let processes: [Process, Process];

  beforeEach(async () => {
    processes = await Promise.all([startProcess(), startProcess()]);
    await bothListen();
  });

  async function startProcess(): Promise<Process> {
    const client = await regions.connect();
    const cache = createCache(client);
    regions.atTheEnd(() => cache.disconnectAll());
    // The first use connects the bus.
    await cache.get({ key: 'anything' });
    return { client, cache };
  }

  /** Buses subscribe in the background, and tell nobody when they have. */
  async function bothListen(): Promise<void> {
    const ask = () => regions.pair.east.server.cli('PUBSUB', 'NUMSUB', 'bentocache.notifications:all');
    while (String(await ask()) !== 'bentocache.notifications:all,2');
  }

  /** Resolves when this process has heard so often from the other one that a value is not the same any more. */
  function heard({ cache }: Process, key: string, count: number): Promise<void> {
    return new Promise((resolve) => {
      cache.on('bus:message:received', ({ message }) => {
        if (message.keys.includes(key) && --count === 0) resolve();
      });
    });
  }

  async function expectOneCache(key: string): Promise<void> {
    const [a, b] = processes;
    const told = heard(b, key, 2);
    expect(await a.cache.getOrSet({ key, factory: () => 'first' })).to.equal('first');
    expect(await b.cache.getOrSet({ key, factory: () => 'made twice' })).to.equal('first');
    await a.cache.set({ key, value: 'second' });
    await told;
    expect(await b.cache.get({ key })).to.equal('second');
    const toldBack = heard(a, key, 1);
    await b.cache.delete({ key });
    await toldBack;
    expect(await a.cache.has({ key })).to.equal(false);
  }

  it('keeps the caches of all processes the same, also after its region was lost', async () => {
    const [a, b] = processes;
    await expectOneCache('before');
    await a.cache.set({ key: 'kept', value: 1 });
    expect(await regions.pair.east.server.cli('KEYS', '*')).to.deep.equal(['bentocache:kept']);
    await regions.copyData();
    await a.cache.set({ key: 'lost', value: 1 });
    const moved = [a, b].map(({ client }) => nextEvent(client, 'subscriptionsMoved'));
    await regions.loseEast(a.client, b.client);
    await Promise.all(moved);

    expect(await b.cache.get({ key: 'kept' })).to.equal(1);
    expect(await b.cache.get({ key: 'lost' })).to.equal(undefined);
    expect(await a.cache.get({ key: 'lost' }), 'what was in its own memory').to.equal(1);
    await expectOneCache('after');
  });
});
