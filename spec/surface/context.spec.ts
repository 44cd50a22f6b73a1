import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { kindOf } from './plain.ts';
import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';

const storage = new AsyncLocalStorage<string>();

const PROGRAMS: Readonly<Record<string, Program>> = {
  'the context of callbacks, and of what follows a reply': async (client, halfway) => {
    const seen: unknown[] = [];
    const note = (what: string) => (): void => void seen.push([what, storage.getStore()]);
    const calls: Promise<unknown>[] = [];
    storage.run('early', () => calls.push(client.set('k', 'v', note('early'))));
    await Promise.all(calls);
    await halfway();
    storage.run('set', () => calls.push(client.set('k', 'v', note('set'))));
    storage.run('get', () => calls.push(client.get('k').then(note('get'))));
    storage.run('pipeline', () => calls.push(client.pipeline().get('k', note('get of a pipeline')).exec(note('exec'))));
    storage.run('multi', () => calls.push(client.multi().get('k').exec().then(note('multi'))));
    await Promise.all(calls);
    return [seen.sort(), storage.getStore(), executionAsyncId() > 0];
  },
  'a promise that is there at once, and is a plain one': async (client, halfway) => {
    await halfway();
    const order: string[] = [];
    const promise = client.set('k', 'v').then(() => order.push('reply'));
    order.push('called', kindOf(promise));
    queueMicrotask(() => order.push('microtask'));
    process.nextTick(() => order.push('tick'));
    await promise;
    return order;
  },
};

describe('A call keeps its context as with a plain client:', () => {
  const sides = SideBySide.forSuite();
  itIsTheSame(sides, PROGRAMS);

  describe('before the client is connected:', () => itIsTheSame(sides, PROGRAMS, { lazyConnect: true }));

  describe('with auto-pipelining:', () => itIsTheSame(sides, PROGRAMS, { enableAutoPipelining: true }));

  it('a command that waited is sent in the context of its call', async () => {
    const channel = tracingChannel<'command', Record<string, unknown>>('ioredis:command');
    const seen: unknown[] = [];
    const handlers = {
      start: (message: Record<string, unknown>) => void seen.push([message['command'], storage.getStore()]),
    };
    const client = sides.ours({ lazyConnect: true }) as Redis;
    channel.subscribe(handlers as never);
    try {
      const calls = ['a', 'b'].map((name) => storage.run(name, () => client.get(name)));
      await Promise.all(calls);
    } finally {
      channel.unsubscribe(handlers as never);
    }

    expect(seen.filter((each) => (each as unknown[])[0] === 'get')).to.deep.equal([
      ['get', 'a'],
      ['get', 'b'],
    ]);
  });
});
