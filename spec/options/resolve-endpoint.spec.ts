import { expect } from 'chai';
import { Redis } from 'ioredis';
import { commonOptions } from '../../lib/options/encoding.ts';
import { resolveEndpoint, resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, B, type BadCase, errorOf } from './problems-of.ts';

const given = resolveOptions({
  redis: { db: 2, keyPrefix: 'x:' },
  healthCheck: { probes: 5 },
  endpoints: [{ id: 'f', redis: () => new Redis({ lazyConnect: true }) }, A],
});
const shared = { ...given, encoding: commonOptions(given) };

const same = 'must be the same on all endpoints, and endpoint "a" has "x:"';

const cases: readonly BadCase[] = [
  [null, 'endpoint', 'must be a plain object', 'null'],
  ['redis://u:secret@b', 'endpoint', 'must be a plain object', '"redis://u:***@b" (string)'],
  [{ ...B, id: 'a' }, 'endpoint.id', 'must be unique', '"a"'],
  [{ ...B, weight: 0 }, 'endpoint.weight', 'must be a finite number > 0', '0'],
  [{ ...B, wight: 0 }, 'endpoint.wight', 'is not an option; did you mean "weight"?', 'number'],
  [{ ...B, healthCheck: { probes: 0 } }, 'endpoint.healthCheck.probes', 'must be an integer >= 1', '0'],
  [
    { ...B, healthCheck: { probe: 1 } },
    'endpoint.healthCheck.probe',
    'is not an option; did you mean "probes"?',
    'number',
  ],
  [{ ...B, healthCheck: { check: 1 } }, 'endpoint.healthCheck.check', 'must be a function', '1 (number)'],
  [{ id: 'b', redis: { keyPrefix: 'y:' } }, 'endpoint.redis.keyPrefix', same, '"y:"'],
  [{ id: 'b', redis: 'redis://b?keyPrefix=' }, 'endpoint.redis.keyPrefix', same, '""'],
];

describe('resolveEndpoint', () => {
  it('fills the shared options in', () => {
    const endpoint = resolveEndpoint({ id: 'b', redis: 'redis://b', healthCheck: { policy: 'any' } }, shared);

    expect(endpoint).to.deep.equal({
      id: 'b',
      weight: 1,
      redis: { host: 'b', db: 2, keyPrefix: 'x:' },
      healthCheck: { policy: 'any' },
    });
    expect([endpoint, endpoint.redis, endpoint.healthCheck].every(Object.isFrozen)).to.equal(true);
  });

  for (const [input, path, rule, value] of cases) {
    it(`refuses ${path} ${value}: ${rule}`, () => {
      expect(errorOf(() => resolveEndpoint(input, shared)).problems).to.deep.equal([{ path, rule, value }]);
    });
  }

  it('reports all problems in one error, under the path that it is told', () => {
    const error = errorOf(() => resolveEndpoint({ id: 'a', redis: { keyPrefix: 'y:' }, weight: -1 }, shared, 'add()'));

    expect(error.problems?.map(({ path }) => path)).to.deep.equal([
      ...['add().weight', 'add().id', 'add().redis.keyPrefix'],
    ]);
  });

  describe('when no endpoint is left that has options', () => {
    const rest = { ...shared, endpoints: shared.endpoints.filter(({ id }) => id !== 'a') };

    it('accepts an id again', () => {
      expect(resolveEndpoint({ id: 'a', redis: 'redis://a' }, rest).id).to.equal('a');
    });

    it('refuses what commands are not encoded by, and would be lost', () => {
      const error = errorOf(() => resolveEndpoint({ id: 'a', redis: { keyPrefix: 'y:' } }, rest));

      const rule = 'must be the same on all endpoints, and the client has "x:"';
      expect(error.problems).to.deep.equal([{ path: 'endpoint.redis.keyPrefix', rule, value: '"y:"' }]);
    });

    it('refuses sentinels without a name', () => {
      const error = errorOf(() => resolveEndpoint({ id: 'a', redis: { sentinels: [{ host: 's' }] } }, rest));

      expect(error.problems?.map(({ path }) => path)).to.deep.equal(['endpoint.redis.name']);
    });
  });

  it('accepts a factory, whose client is looked at when there is one', () => {
    const redis = (): Redis => new Redis({ lazyConnect: true, keyPrefix: 'y:' });

    expect(resolveEndpoint({ id: 'b', redis }, shared).redis).to.equal(redis);
  });
});
