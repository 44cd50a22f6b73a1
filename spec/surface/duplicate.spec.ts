import { once } from 'node:events';
import { expect } from 'chai';
import type { Redis, RedisOptions } from 'ioredis';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { called, kindOf, settled } from './plain.ts';
import { type Program, SideBySide, itIsTheSame } from './side-by-side.ts';

const PARENT: RedisOptions = {
  keyPrefix: 'p:',
  db: 1,
  connectionName: 'parent',
  maxRetriesPerRequest: 3,
  scripts: { mine: { lua: "return redis.call('GET', KEYS[1])", numberOfKeys: 1 } },
};

/** What the copy sees of the world. */
async function seenBy(copy: Redis): Promise<unknown> {
  try {
    await copy.set('k', 'v');
    const { keyPrefix, db, connectionName, maxRetriesPerRequest, lazyConnect, enableReadyCheck } = copy.options;
    const scripts = copy as unknown as { mine(key: string): Promise<unknown> };
    return [
      { keyPrefix, db, connectionName, maxRetriesPerRequest, lazyConnect, enableReadyCheck },
      await copy.client('GETNAME'),
      / db=(\d+) /.exec(await copy.client('INFO'))?.[0],
      await copy.keys('*'),
      await scripts.mine('k'),
      await settled([copy.incr('k')]),
    ];
  } finally {
    const end = once(copy, 'end');
    copy.disconnect();
    await end;
  }
}

const OVERRIDES: Readonly<Record<string, Partial<RedisOptions> | undefined>> = {
  nothing: undefined,
  'an empty object': {},
  'a database': { db: 2 },
  'a key prefix': { keyPrefix: 'copy:' },
  'a name': { connectionName: 'copy' },
  'no retries': { maxRetriesPerRequest: null, enableReadyCheck: false },
  lazyConnect: { lazyConnect: true },
  'numbers as text': { stringNumbers: true },
  'other scripts': { scripts: { mine: { lua: 'return 2', numberOfKeys: 1 } } },
};

const PROGRAMS = Object.fromEntries(
  Object.entries(OVERRIDES).map(([name, override]): [string, Program] => [
    name,
    async (client, halfway) => {
      await client.ping();
      const copy = client.duplicate(override);
      const { status } = copy;
      await halfway();
      const later = client.duplicate(override);
      const seen = [status, later === client, kindOf(copy)];
      return [...seen, await seenBy(copy), await seenBy(later), client.options.db, client.options.keyPrefix];
    },
  ]),
);

const OTHERS: Readonly<Record<string, Program>> = {
  'a copy of a copy': async (client, halfway) => {
    const copy = client.duplicate({ db: 2 });
    await halfway();
    const second = copy.duplicate({ connectionName: 'second' });
    return [await seenBy(second), await seenBy(copy)];
  },
  'scripts that were defined later are not taken along': async (client, halfway) => {
    client.defineCommand('later', { lua: 'return 1', numberOfKeys: 0 });
    await halfway();
    const copy = client.duplicate();
    const has = 'later' in copy;
    return [has, await seenBy(copy)];
  },
  'copies live on their own': async (client, halfway) => {
    const copy = client.duplicate();
    await copy.ping();
    await halfway();
    const end = once(client, 'end');
    client.disconnect();
    await end;
    return [await called((callback) => copy.ping(callback)), await seenBy(copy), client.status];
  },
};

describe('A duplicate is what it is of a plain client, with', () => {
  const sides = SideBySide.forSuite();
  itIsTheSame(sides, PROGRAMS, PARENT);
  itIsTheSame(sides, OTHERS, PARENT);

  it('the same control as its parent', async () => {
    const client = await sides.switched();
    const copy = client.duplicate() as GeoFailoverRedis;
    try {
      expect(copy.geo).to.equal(client.geo);
      expect(copy.geo.activeEndpoint).to.equal('west');
    } finally {
      copy.disconnect();
    }
  });
});
