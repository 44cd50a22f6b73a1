import { expect } from 'chai';
import { Redis, type RedisOptions } from 'ioredis';
import { normalizeArguments, resolveOptions } from '../../lib/options/resolve-options.ts';
import { errorOf, problemsOf } from './problems-of.ts';

const factory = (): Redis => new Redis({ lazyConnect: true });

function idsOf(list: readonly unknown[], options?: object): string[] {
  const { endpoints } = normalizeArguments(list, options) as { endpoints: { id: string }[] };
  return endpoints.map(({ id }) => id);
}

const ids: readonly (readonly [server: string | RedisOptions | (() => Redis), id: string])[] = [
  ['rediss://a', 'a:6379'],
  ['rediss://a:6380', 'a:6380'],
  ['redis://user:secret@a.example:6380/2?db=1', 'a.example:6380'],
  ['redis://secret@a', 'a:6379'],
  ['redis://[::1]:6380', '[::1]:6380'],
  ['redis://', 'localhost:6379'],
  ['/tmp/redis.sock', '/tmp/redis.sock'],
  ['/tmp/redis.sock?password=secret', '/tmp/redis.sock'],
  ['redis://secret#1@a', 'endpoint-1'],
  ['redis://user:12/3?secret@a', 'endpoint-1'],
  ['http://user:secret@a', 'endpoint-1'],
  ['/secret@a', 'endpoint-1'],
  [{}, 'localhost:6379'],
  [{ host: 'a', password: 'secret' }, 'a:6379'],
  [{ host: 'a', port: 6380 }, 'a:6380'],
  [{ host: '::1' }, '[::1]:6379'],
  [{ path: '/tmp/redis.sock', host: 'a' }, '/tmp/redis.sock'],
  [{ host: 'h'.repeat(200) }, `${'h'.repeat(110)}:6379`],
  [factory, 'endpoint-1'],
];

describe('the short form', () => {
  for (const [server, id] of ids) {
    it(`calls ${typeof server === 'function' ? 'a factory' : JSON.stringify(server).slice(0, 60)} "${id}"`, () => {
      expect(idsOf([server])).to.deep.equal([id]);
    });
  }

  it('becomes the long form', () => {
    const first = 'rediss://user:secret@a';
    const second = { host: 'b', port: 6380 };

    expect(normalizeArguments([first, second, factory], { failback: { enabled: false } })).to.deep.equal({
      failback: { enabled: false },
      endpoints: [
        { id: 'a:6379', weight: 1, redis: first },
        { id: 'b:6380', weight: 1 / 2, redis: second },
        { id: 'endpoint-3', weight: 1 / 3, redis: factory },
      ],
    });
  });

  it('keeps ids unique', () => {
    expect(idsOf(['redis://a/0', 'redis://a/1', 'redis://b', 'redis://a/2', { host: 'a' }])).to.deep.equal([
      ...['a:6379', 'a:6379#2', 'b:6379', 'a:6379#3', 'a:6379#4'],
    ]);
  });

  it('takes host and port from the shared options where a server has none', () => {
    expect(idsOf([{ host: 'a' }, { port: 1 }, 'redis://b'], { redis: { host: 's', port: 6380 } })).to.deep.equal([
      ...['a:6380', 's:1', 'b:6380'],
    ]);
  });

  it('resolves', () => {
    const { endpoints, retry } = resolveOptions(
      normalizeArguments(['redis://a', 'redis://b:6380'], { retry: { deadlineMs: 5 } }),
    );

    expect(endpoints.map(({ id, weight, redis }) => ({ id, weight, redis }))).to.deep.equal([
      { id: 'a:6379', weight: 1, redis: { host: 'a' } },
      { id: 'b:6380', weight: 0.5, redis: { host: 'b', port: 6380 } },
    ]);
    expect(retry.deadlineMs).to.equal(5);
  });

  it('leaves its arguments as they were', () => {
    const list = Object.freeze(['redis://a', Object.freeze({ host: 'b' })]);
    const options = Object.freeze({ redis: Object.freeze({ db: 1 }), endpoints: undefined });

    expect(() => resolveOptions(normalizeArguments(list, options))).not.to.throw();
  });

  it('returns the long form as it is', () => {
    const options = { endpoints: [] };

    expect(normalizeArguments(options)).to.equal(options);
    expect(normalizeArguments(undefined)).to.equal(undefined);
  });

  it('reports a bad server where the long form has it', () => {
    const run = (): unknown => resolveOptions(normalizeArguments(['redis://a', 'http://u:secret@b']));

    expect(problemsOf(run).map(({ path, value }) => ({ path, value }))).to.deep.equal([
      { path: 'endpoints[1].redis', value: '"http://***@b"' },
    ]);
  });

  it('does not skip a hole in the list', () => {
    const list = ['redis://a', 'redis://b'];
    list.length = 3;

    expect(problemsOf(() => resolveOptions(normalizeArguments(list)))).to.have.nested.property(
      '[0].value',
      'undefined',
    );
  });

  it('refuses an empty list', () => {
    expect(() => resolveOptions(normalizeArguments([]))).to.throw('endpoints must be a non-empty array, got []');
  });

  it('refuses endpoints in the second argument, and says what else is wrong', () => {
    const error = errorOf(() => normalizeArguments(['redis://a', 5], { endpoints: [], failback: { enabled: 1 } }));

    expect(error.message.split('\n')).to.deep.equal([
      'endpoints must be absent from the second argument, since the first one lists the endpoints, got []',
      'endpoints[1].redis must be a redis:// or rediss:// URL, ioredis options, or a function that returns a new client, got 5 (number)',
      'failback.enabled must be true or false, got 1 (number)',
    ]);
  });

  for (const second of [null, 5, [], 'redis://u:secret@b']) {
    it(`refuses ${JSON.stringify(second)} for its options`, () => {
      const [problem, ...more] = problemsOf(() => normalizeArguments(['redis://a'], second));

      expect(more).to.be.empty;
      expect(problem).to.include({ path: 'second argument', rule: 'must be a plain object' });
    });
  }

  it('refuses a second argument beside the long form', () => {
    const endpoints = [{ id: 'a', redis: 'redis://a' }];

    expect(() => normalizeArguments({ endpoints }, {})).to.throw(
      'second argument must be absent unless the first argument is a list of servers, got {}',
    );
  });

  it('refuses an endpoint of the long form, which ioredis would take for the local host', () => {
    const [problem] = problemsOf(() => normalizeArguments([{ id: 'a', redis: 'redis://u:secret@a' }]));

    expect(problem).to.include({ path: 'endpoints[0]', value: '{ id: "a", redis: "redis://u:***@a" }' });
  });
});
