import { tracingChannel } from 'node:diagnostics_channel';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { geoPairForEachTest, SHORT_TIMES } from '../support/geo-pair.ts';
import { settled } from './plain.ts';
import { SideBySide } from './side-by-side.ts';

interface Span {
  readonly name: string;
  readonly context: Readonly<Record<string, unknown>>;
  ends: number;
  error?: unknown;
}

/** What is traced of the application's commands while it runs. */
async function traced(run: () => Promise<unknown>): Promise<Span[]> {
  const spans = new Map<object, Span>();
  const channels = ['ioredis:command', 'ioredis:batch'].map((name) => {
    const channel = tracingChannel<string, object>(name);
    const handlers = {
      start: (message: object) => void spans.set(message, { name, context: { ...message }, ends: 0 }),
      asyncEnd: (message: object) => {
        const span = spans.get(message);
        if (span === undefined) return;
        span.ends++;
        span.error = String((message as { error?: Error }).error);
      },
    };
    channel.subscribe(handlers as never);
    return { channel, handlers };
  });
  try {
    await run();
  } finally {
    for (const { channel, handlers } of channels) channel.unsubscribe(handlers as never);
  }
  const OWN = new Set(['info', 'role', 'client', 'hello', 'ping', 'select', 'dbsize']);
  return [...spans.values()].filter(({ context }) => !OWN.has(String(context['command'])));
}

const PROGRAM = async (client: Redis): Promise<unknown> => {
  client.defineCommand('mine', { lua: 'return 1', numberOfKeys: 0 });
  return settled([
    await client.set('k', 'secret'),
    client.get('k'),
    client.incr('k'),
    client.pipeline().get('k').hset('h', 'f', 'secret').exec(),
    client.multi().set('k', 1).get('k').exec(),
    (client as unknown as { mine(): Promise<unknown> }).mine(),
  ]);
};

describe('Tracing channels tell of a command', () => {
  describe('without any fault', () => {
    const sides = SideBySide.forSuite();

    it('what they tell of it on a plain client', async () => {
      const { bare, ours } = await sides.both();
      await sides.flush();
      const expected = await traced(() => PROGRAM(bare));
      await sides.flush();
      const seen = await traced(() => PROGRAM(ours));

      expect(seen).to.deep.equal(expected);
      expect(expected).to.have.length.above(8);
      expect(expected.every(({ ends }) => ends === 1)).to.equal(true);
    });

    it('of which endpoint it was for, after a switch as well', async () => {
      const client = await sides.switched();
      const spans = await traced(() => PROGRAM(client));
      const ports = spans.map(({ context }) => context['serverPort']);

      expect(new Set(ports)).to.deep.equal(new Set([sides.west.port]));
    });

    it('once, when it had to wait for a connection', async () => {
      const client = sides.ours({ lazyConnect: true });
      const spans = await traced(() => PROGRAM(client));

      expect(spans.filter(({ context }) => context['command'] === 'set')).to.have.length(2);
      expect(spans.every(({ ends }) => ends === 1)).to.equal(true);
    });
  });

  describe('that a failover moves', () => {
    const pair = geoPairForEachTest();

    it('once, from its first sending to its reply', async () => {
      const client = await pair.connect(SHORT_TIMES);
      await pair.east.server.freeze();
      const spans = await traced(() => Promise.all([client.get('a'), client.set('b', 1), client.get('c')]));

      expect(client.geo.activeEndpoint).to.equal('west');
      expect(spans.map(({ context, ends, error }) => [context['command'], ends, error])).to.deep.equal([
        ['get', 1, 'undefined'],
        ['set', 1, 'undefined'],
        ['get', 1, 'undefined'],
      ]);
    });
  });
});
