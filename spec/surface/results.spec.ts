import { once } from 'node:events';
import { expect } from 'chai';
import type { Redis } from 'ioredis';
import sinon from 'sinon';
import type { RedisServer } from '../support/redis-server.ts';
import { APPROVED } from './approved-differences.ts';
import { memberNames } from './members.ts';
import { kindOf } from './plain.ts';
import { SideBySide } from './side-by-side.ts';

/** They open connections again, which other specs let them do, or throw later without a connection. */
const CALLED_ELSEWHERE = new Set([
  'connect',
  '_connect',
  'duplicate',
  'monitor',
  'constructor',
  '_readyCheck',
  'setSocketTimeout',
]);

const NEED_A_NAME = new Set(['call', 'callBuffer', 'send_command']);

/** What a client does that differs from the other. */
const DIFFERENT: Readonly<Record<string, (client: Redis, server: RedisServer) => unknown>> = {
  'disconnect()': async (client) => {
    await client.ping();
    client.disconnect();
    return client.status;
  },
  'connect()': async (client, server) => {
    await close(client);
    await server.stop();
    const first = await Promise.race([
      client.connect().catch(() => 'failed'),
      once(client, 'error').then(() => 'goes on'),
    ]);
    client.disconnect();
    await server.restart();
    return first;
  },
  'retryStrategy()': async (client, server) => {
    const retryStrategy = sinon.stub().returns(1);
    client.options.retryStrategy = retryStrategy;
    await client.ping();
    await server.cli('CLIENT', 'KILL', 'TYPE', 'normal');
    await client.ping();
    return retryStrategy.called;
  },
  'reconnectOnError()': async (client) => {
    const reconnectOnError = sinon.stub().returns(false);
    client.options.reconnectOnError = reconnectOnError;
    await client.call('nonsense').catch(() => undefined);
    return reconnectOnError.called;
  },
};

describe('What a method gives back', () => {
  const sides = SideBySide.forSuite();

  it('is of the kind that a plain client gives back, for every method of a closed client', async () => {
    const { bare, ours } = await sides.both();
    await Promise.all([bare, ours].map((client) => close(client)));
    const names = memberNames(bare).filter(
      (name) => !(name in Object.prototype) && !CALLED_ELSEWHERE.has(String(name)),
    );
    const different = new Map<string, unknown>();
    for (const name of names.filter((each) => typeof read(bare, each) === 'function')) {
      const kinds = [await outcome(bare, name), await outcome(ours, name)];
      if (kinds[0] !== kinds[1]) different.set(String(name), kinds);
    }

    expect(names).to.have.length.above(500);
    expect(Object.fromEntries(different)).to.deep.equal({});
  });

  it('differs by what was approved only', () => {
    expect(Object.keys(DIFFERENT)).to.have.members(Object.keys(APPROVED.result));
  });

  for (const [name, run] of Object.entries(DIFFERENT)) {
    it(`differs by what was approved: ${name}`, async () => {
      const seen = await run(sides.ours(), sides.east);
      sides.disconnect();

      expect(seen).not.to.equal(await run(sides.bare(), sides.east));
    });
  }
});

async function close(client: Redis): Promise<void> {
  const ended = once(client, 'end');
  client.disconnect();
  await ended;
  client.on('error', () => undefined);
}

/** What becomes of a call with hardly any arguments; of errors whether they are ioredis's for a closed connection. */
async function outcome(client: Redis, name: PropertyKey): Promise<string> {
  let result: unknown;
  // Some of them set it to whatever they are given.
  client.status = 'end';
  try {
    const args = NEED_A_NAME.has(String(name)) ? ['ping'] : [];
    result = (read(client, name) as (...args: unknown[]) => unknown).apply(client, args);
  } catch (error) {
    return `throws ${(error as Error).name}`;
  }
  const kind = kindOf(result, client);
  if (!(result instanceof Promise)) return kind;
  return result.then(
    (value) => `${kind} of ${kindOf(value, client)}`,
    (error: unknown) => `${kind} that fails: ${/Connection is closed\./.exec(String(error))?.[0] ?? String(error)}`,
  );
}

function read(client: Redis, name: PropertyKey): unknown {
  return (client as unknown as Record<PropertyKey, unknown>)[name];
}
