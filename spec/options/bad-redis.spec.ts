import { expect } from 'chai';
import { Redis } from 'ioredis';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, type BadCase, errorOf } from './problems-of.ts';

const URL_RULE = 'must be a valid redis:// or rediss:// URL, or the path of a socket that begins with /';
const REDIS = 'must be a redis:// or rediss:// URL, ioredis options, or a function that returns a new client';
const CLUSTER = `${REDIS}; a Cluster is given by such a function`;
const CLIENT = 'must be a function that returns a new client each time, not a client';
const SENTINELS = 'must be a non-empty array of { host, port }';
const SENTINELS_IN_URL = 'cannot name sentinels: give ioredis options with `sentinels` and `name`';
const SENTINEL_NAME = 'must be the name that the sentinels know their primary by';
const SHARED = 'must be a plain object of ioredis options';

const withRedis = (redis: unknown): object => ({ endpoints: [{ id: 'a', redis }] });

const badUrls: readonly (readonly [url: string, printed: string])[] = [
  ['', '""'],
  ['a:6379', '"a:6379"'],
  ['6379', '"6379"'],
  ['//a:6379', '"//a:6379"'],
  ['redis:a', '"redis:a"'],
  ['REDISS://u:pw@a', '"REDISS://u:***@a"'],
  ['http://u:pw@a', '"http://***@a"'],
  [' redis://a', '" redis://a"'],
  ['redis://a:70000', '"redis://a:70000"'],
  ['redis://user:secret', '"redis://user:***"'],
  ['redis://user:p/w#1@a', '"redis://user:***@a"'],
  ['redis://u:%zz@a', '"redis://u:***@a"'],
  ['redis://a/zero', '"redis://a/zero"'],
  ['redis://a?db=', '"redis://a?db="'],
  ['redis://a?port=x&password=pw', '"redis://a?port=x&password=***"'],
  ['/tmp/redis.sock?db=x', '"/tmp/redis.sock?db=x"'],
];

const client = new Redis({ lazyConnect: true, password: 'pw' });

const cases: readonly BadCase[] = [
  ...badUrls.map(([url, printed]): BadCase => [withRedis(url), 'endpoints[0].redis', URL_RULE, printed]),
  [{ endpoints: [{ id: 'a' }] }, 'endpoints[0].redis', REDIS, 'undefined'],
  [withRedis(null), 'endpoints[0].redis', REDIS, 'null'],
  [withRedis(6379), 'endpoints[0].redis', REDIS, '6379 (number)'],
  [withRedis(new URL('redis://u:pw@a')), 'endpoints[0].redis', REDIS, 'URL'],
  [withRedis(client), 'endpoints[0].redis', CLIENT, client.constructor.name],
  [withRedis(Buffer.from('redis://a')), 'endpoints[0].redis', REDIS, 'Buffer (not printed)'],
  [withRedis([]), 'endpoints[0].redis', CLUSTER, '[] (array)'],
  [withRedis([{ host: 'a', password: 'pw' }]), 'endpoints[0].redis', CLUSTER, '[{ host: "a", password: *** }] (array)'],
  [withRedis({ sentinels: [], name: 'm' }), 'endpoints[0].redis.sentinels', SENTINELS, '[]'],
  [withRedis({ sentinels: 's', name: 'm' }), 'endpoints[0].redis.sentinels', SENTINELS, '"s"'],
  [withRedis({ sentinels: [{ host: 's' }] }), 'endpoints[0].redis.name', SENTINEL_NAME, 'undefined'],
  [withRedis('redis://u:pw@a?sentinels=s'), 'endpoints[0].redis', SENTINELS_IN_URL, '"redis://u:***@a?sentinels=s"'],
  [{ endpoints: [A], redis: { sentinels: [], name: 'm' } }, 'redis.sentinels', SENTINELS, '[]'],
  [{ endpoints: [A], redis: 'redis://a' }, 'redis', SHARED, '"redis://a" (string)'],
  [{ endpoints: [A], redis: [] }, 'redis', SHARED, '[] (array)'],
  [{ endpoints: [A], redis: null }, 'redis', SHARED, 'null'],
  [{ endpoints: [A], redis: () => client }, 'redis', SHARED, 'function'],
];

describe('servers that are refused', () => {
  for (const [input, path, rule, value] of cases) {
    it(`${path}: ${value}`, () => {
      const { problems } = errorOf(() => resolveOptions(input));

      expect(problems).to.deep.equal([{ path, rule, value }]);
    });
  }

  it('does not look into ioredis options for anything else', () => {
    const redis = { host: 'a', sentinels: null, notAnOption: { at: 'all' } };

    expect(resolveOptions(withRedis(redis)).endpoints[0]?.redis).to.deep.equal(redis);
  });
});

describe('options that shape commands', () => {
  const sameRule = (name: string, value: string): string =>
    `must be the same on all endpoints, and ${name} has ${value}`;

  const different: readonly BadCase[] = [
    [
      { endpoints: [A, { id: 'b', redis: { keyPrefix: 'x:' } }] },
      'endpoints[1].redis.keyPrefix',
      sameRule('endpoints[0]', '""'),
      '"x:"',
    ],
    [
      { redis: { keyPrefix: 'x:' }, endpoints: [A, { id: 'b', redis: 'redis://b?keyPrefix=y:' }] },
      'endpoints[1].redis.keyPrefix',
      sameRule('endpoints[0]', '"x:"'),
      '"y:"',
    ],
    [
      { endpoints: [{ id: 'f', redis: () => client }, A, { id: 'b', redis: { protocol: 2 } }] },
      'endpoints[2].redis.protocol',
      sameRule('endpoints[1]', '3'),
      '2',
    ],
    [
      { endpoints: [{ id: 'b', redis: { replyMapping: 'resp3' } }, A] },
      'endpoints[1].redis.replyMapping',
      sameRule('endpoints[0]', '"resp3"'),
      '"legacy"',
    ],
  ];

  for (const [input, path, rule, value] of different) {
    it(`must be equal: ${path} is ${value}`, () => {
      expect(errorOf(() => resolveOptions(input)).problems).to.deep.equal([{ path, rule, value }]);
    });
  }

  it('are equal when one endpoint spells the default out', () => {
    const redis = { keyPrefix: '', protocol: 3, replyMapping: 'legacy' };

    expect(() => resolveOptions({ endpoints: [A, { id: 'b', redis }] })).not.to.throw();
  });

  it('may be named by every endpoint alike, or by the shared options', () => {
    const prefixed = { id: 'b', redis: { keyPrefix: 'x:' } };

    expect(() => resolveOptions({ redis: { keyPrefix: 'x:' }, endpoints: [A, prefixed] })).not.to.throw();
    expect(() =>
      resolveOptions({ endpoints: [{ id: 'a', redis: 'redis://a?keyPrefix=x:' }, prefixed] }),
    ).not.to.throw();
  });
});
