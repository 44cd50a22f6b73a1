import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';
import { called, kindOf, settled } from './plain.ts';

const PROGRAMS: Readonly<Record<string, Program>> = {
  'the size of the queue': async (client, halfway) => {
    await client.ping();
    await halfway();
    const promises = [client.set('a', 1), client.get('a'), client.lpush('a', 1), client.pipeline().get('a').exec()];
    const queued = client.autoPipelineQueueSize;
    return [queued, kindOf(promises[0]), await settled(promises), client.autoPipelineQueueSize];
  },
  'callbacks and promises': async (client, halfway) => {
    await halfway();
    const order: string[] = [];
    await Promise.all([
      client.set('a', 1, () => order.push('a called')).then(() => order.push('a then')),
      client.get('a', () => order.push('b called')).then(() => order.push('b then')),
      client.getBuffer('a').then(() => order.push('c then')),
    ]);
    return [order, await called((callback) => client.get('a', callback))];
  },
  'commands that are left out': async (client, halfway) => {
    await halfway();
    const promises = [client.client('GETNAME'), client.select(1), client.set('k', 'v'), client.strlen('k')];
    return [client.autoPipelineQueueSize, await settled(promises)];
  },
};

describe('Auto-pipelining does what it does on a plain client:', () => {
  const sides = SideBySide.forSuite();
  itIsTheSame(sides, PROGRAMS, { enableAutoPipelining: true, autoPipeliningIgnoredCommands: ['strlen'] });

  describe('when the connection is not ready yet:', () => {
    itIsTheSame(sides, PROGRAMS, { enableAutoPipelining: true, lazyConnect: true });
  });
});
