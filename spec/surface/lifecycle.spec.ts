import { once } from 'node:events';
import { expect } from 'chai';
import type { Redis, RedisOptions } from 'ioredis';
import { called, kindOf, plain, settled } from './plain.ts';
import { type Program, SideBySide, itIsTheSame, ready } from './side-by-side.ts';

const loosely = (client: Redis): Record<string, unknown> => client as unknown as Record<string, unknown>;

const EVENTS = ['wait', 'connecting', 'connect', 'ready', 'close', 'reconnecting', 'end', 'error', 'select'];

/** Notes events with their payload, and the status in which they find the client. */
function recorded(client: Redis): unknown[] {
  const seen: unknown[] = [];
  for (const event of EVENTS) {
    client.on(event, function (this: unknown, ...args: unknown[]) {
      seen.push([event, this === client, plain(args), client.status]);
    });
  }
  return seen;
}

const closed = async (promises: readonly unknown[]): Promise<unknown> =>
  (await settled(promises)).map((result) => JSON.stringify(result, (_, value: unknown) => textOf(value)));

const textOf = (value: unknown): unknown => (value instanceof Error ? value.message : value);

/** To be called when it is about to end. */
const ended = (client: Redis): Promise<unknown> => once(client, 'end');

const AT_ONCE: Readonly<Record<string, Program>> = {
  'its end': async (client, halfway) => {
    const seen = recorded(client);
    await ready(client);
    await halfway();
    seen.length = 0;
    await client.ping();
    const end = ended(client);
    const kind = kindOf((client as unknown as { disconnect(): unknown }).disconnect());
    await end;
    return [kind, seen, client.status];
  },
  'connect() while it is connected': async (client, halfway) => {
    const first = await settled([client.connect()]);
    await ready(client);
    await halfway();
    return [
      first,
      await settled([client.connect()]),
      await called((callback) => void client.connect(callback).catch(String)),
    ];
  },
  'quit(), and commands behind it': async (client, halfway) => {
    await client.ping();
    await halfway();
    const seen = recorded(client);
    const end = ended(client);
    const replies = await closed([client.set('k', 'v'), client.quit()]);
    await end;
    return [replies, seen, await closed([client.get('k'), client.quit(), client.pipeline().get('k').exec()])];
  },
  'quit() with a callback': async (client, halfway) => {
    await client.ping();
    await halfway();
    const end = ended(client);
    return [await called((callback) => client.quit(callback)), await end];
  },
  'end()': async (client, halfway) => {
    await client.ping();
    await halfway();
    const end = ended(client);
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is there still
    client.end();
    await end;
    return closed([client.get('k')]);
  },
  'disconnect() with commands in flight': async (client, halfway) => {
    await client.ping();
    await halfway();
    const promises = [client.blpop('none', 0), client.blpop('none', 0)];
    client.disconnect();
    return (await settled(promises)).map((result) => 'error' in (result as object));
  },
  'connect() after the end': async (client, halfway) => {
    await client.ping();
    await halfway();
    let end = ended(client);
    client.disconnect();
    await end;
    const seen = recorded(client);
    const { sendCommand, get } = loosely(client);
    const replies: unknown[] = [
      await (client as unknown as { connect(): Promise<unknown> }).connect(),
      await client.set('k', 'v'),
    ];
    end = ended(client);
    await client.quit();
    await end;
    const callback = await called((done) => void client.connect(done));
    return [
      replies,
      callback,
      seen,
      await client.ping(),
      loosely(client)['sendCommand'] === sendCommand,
      loosely(client)['get'] === get,
    ];
  },
  'a callback of connect() that throws': async (client) => {
    const end = ended(client);
    client.disconnect();
    await end;
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const thrown = once(process, 'uncaughtException');
      await client.connect(() => {
        throw new Error('mine');
      });
      return plain((await thrown)[0]);
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  },
};

/** What is told of a client from its first tick on. */
const FROM_THE_START: Readonly<Record<string, (make: (redis?: RedisOptions) => Redis) => unknown>> = {
  'that connects at once': async (make) => {
    const client = make();
    const seen = recorded(client);
    const { status } = client;
    await ready(client);
    return [status, [...seen]];
  },
  'that waits': async (make) => {
    const client = make({ lazyConnect: true });
    const seen = recorded(client);
    const { status } = client;
    const isThis = new Promise((resolve) => {
      client.once('wait', function (this: unknown) {
        resolve(this === client);
      });
    });
    return [status, await isThis, [...seen]];
  },
  'that waits, and is used at once': async (make) => {
    const client = make({ lazyConnect: true });
    const seen = recorded(client);
    return [await client.ping(), [...seen]];
  },
  'that is a duplicate': async (make) => {
    const client = make().duplicate();
    const seen = recorded(client);
    await ready(client);
    const told = [...seen];
    client.disconnect();
    return told;
  },
};

const LAZY: Readonly<Record<string, Program>> = {
  'until it is asked to connect': async (client) => {
    const seen = recorded(client);
    const before = client.status;
    const result = await called((callback) => void client.connect(callback));
    return [before, result, client.status, seen, await client.ping()];
  },
  'until the first command': async (client) => {
    const seen = recorded(client);
    const promise = client.ping();
    const status = client.status;
    const reply = await promise;
    return [status, reply, seen];
  },
  'until it is closed': async (client) => {
    const seen = recorded(client);
    client.disconnect();
    const { status } = client;
    await once(client, 'end');
    return [status, seen, await closed([client.ping()])];
  },
  'until quit()': async (client) => {
    const end = ended(client);
    return [await settled([client.quit()]), await end, client.status];
  },
};

describe('A client lives as a plain client:', () => {
  const sides = SideBySide.forSuite();
  // On a client that was switched before, the first events are over.
  itIsTheSame(sides, AT_ONCE);

  describe('without enableReadyCheck:', () => itIsTheSame(sides, AT_ONCE, { enableReadyCheck: false }));

  describe('from the start, one', () => {
    for (const [name, run] of Object.entries(FROM_THE_START)) {
      it(name, async () => {
        const seen = await run((redis) => sides.ours(redis));
        sides.disconnect();

        expect(seen).to.deep.equal(await run((redis) => sides.bare(redis)));
      });
    }
  });

  it('after disconnect(true)', async () => {
    const seen: unknown[] = [];
    for (const client of Object.values(await sides.both())) {
      const told = recorded(client);
      client.disconnect(true);
      await once(client, 'ready');
      seen.push(told.map((event) => (event as unknown[])[0]));
    }

    expect(seen[1]).to.deep.equal(seen[0]);
  });

  describe('with lazyConnect,', () => {
    for (const [name, program] of Object.entries(LAZY)) {
      it(name, () => sides.compareOnce(program, { lazyConnect: true }));
    }

    for (const [name, program] of Object.entries(LAZY)) {
      it(`${name}, also during a switch of others`, async () => {
        const parent = sides.ours();
        await ready(parent);
        const copy = parent.duplicate({ lazyConnect: true });
        const switching = sides.switchToWest(parent);
        const seen = await sides.seenBy(program, copy);
        await switching;

        expect(seen).to.deep.equal(await sides.seenBy(program, sides.bare({ lazyConnect: true })));
      });
    }
  });
});
