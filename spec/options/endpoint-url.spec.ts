import { expect } from 'chai';
import { Redis, type RedisOptions } from 'ioredis';
import { resolveOptions } from '../../lib/options/resolve-options.ts';

/** What ioredis makes of its arguments, its own defaults included. */
function optionsOf(...args: [RedisOptions] | [string, RedisOptions]): object {
  const client = args.length === 1 ? new Redis(args[0]) : new Redis(...args);
  client.disconnect();
  // ioredis puts `true` for rediss, which is no ConnectionOptions; both say no more than "TLS".
  const options = Object.entries(client.options).map(([name, value]): [string, unknown] =>
    name === 'tls' && value === true ? [name, {}] : [name, value],
  );
  return Object.fromEntries(options.filter(([, value]) => value !== undefined));
}

function resolved(redis: string, shared: RedisOptions = {}): RedisOptions {
  const [endpoint] = resolveOptions({ endpoints: [{ id: 'a', redis }], redis: shared }).endpoints;
  return endpoint!.redis as RedisOptions;
}

const urls = [
  'redis://',
  'redis://host',
  'redis://host/',
  'redis://HOST.Example:6380',
  'redis://127.0.0.1:6379/3',
  'redis://[::1]:6380/1',
  'redis://[::1]?family=6',
  'redis://user:secret@host',
  'redis://:secret@host',
  'redis://user@host',
  'redis://user:@host',
  'redis://us%40er:p%2Fw%3A%20%C3%A9@host',
  'redis://h%6Fst',
  'redis://host?family=6&family=4',
  'redis://host?family=x',
  'redis://host?db=2',
  'redis://host/1?db=2',
  'redis://host/1/2',
  'redis://host?port=6380',
  'redis://host:6381?port=6380&host=other&username=u&password=p',
  'redis://host/5x',
  'redis://host?keyPrefix=app%3A&connectionName=a+b&enableReadyCheck=false',
  'redis://host?lazyConnect=1&maxRetriesPerRequest=5',
  'redis://host?tls=RedisCloudFixed',
  'redis://host?path=/tmp/redis.sock',
  'redis://host?__proto__=x&constructor=y',
  'redis://host/0#fragment',
  'redis://host:/1',
  'redis:///2',
  'rediss://host',
  'rediss://user:secret@host:6380/2?family=6',
  'rediss://host?tls=RedisCloudFlexible',
  '/tmp/redis.sock',
  '/tmp/redis.sock?db=2&family=4&password=p%20w',
  '/tmp/redis.sock?path=/other',
  '/tmp/with space/redis@1.sock',
];

const shareds: Readonly<Record<string, RedisOptions>> = {
  'no shared options': {},
  'shared options': {
    ...{ host: 'shared', port: 1, username: 'shared', password: 'shared', db: 9, family: 4, keyPrefix: 'shared:' },
    ...{ connectTimeout: 5, commandTimeout: undefined, retryStrategy: null },
  },
  'shared TLS': { tls: { servername: 'shared' }, port: undefined },
};

describe('the URL of an endpoint', () => {
  for (const [name, shared] of Object.entries(shareds)) {
    for (const url of urls) {
      it(`means what it means to ioredis: ${url} with ${name}`, () => {
        const expected = optionsOf(url, { lazyConnect: true, ...shared });

        expect(optionsOf({ lazyConnect: true, ...resolved(url, shared) })).to.deep.equal(expected);
      });
    }
  }

  for (const url of urls) {
    it(`brings no options that it does not name: ${url}`, () => {
      const query = new URLSearchParams(url.split('?')[1]);
      const named = ['host', 'port', 'db', 'username', 'password', 'path', 'tls', ...query.keys()];

      expect(named).to.include.members(Object.keys(resolved(url)));
    });
  }

  it('is parsed without ioredis defaults', () => {
    expect(resolved('redis://host')).to.deep.equal({ host: 'host' });
    expect(resolved('rediss://user:p%40w@host:6380/2?family=6')).to.deep.equal({
      ...{ host: 'host', port: 6380, username: 'user', password: 'p@w', db: 2, family: 6, tls: {} },
    });
  });

  it('does not reach the prototype of an object', () => {
    const options = resolved('redis://host?__proto__=polluted');

    expect(Object.getPrototypeOf(options)).to.equal(Object.prototype);
    expect(options).to.deep.equal({ host: 'host' });
  });
});
