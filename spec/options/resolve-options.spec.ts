import { expect } from 'chai';
import { AbstractConnector, Redis } from 'ioredis';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { healthCheckOf } from '../../lib/options/health-check-of.ts';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, B, errorOf } from './problems-of.ts';

class Connector extends AbstractConnector {
  connect(): Promise<never> {
    return Promise.reject(new Error('not used'));
  }
}

const full = {
  endpoints: [{ id: 'a', weight: 0.25, redis: 'redis://a', healthCheck: { probes: 3 } }],
  redis: { db: 2 },
  healthCheck: { intervalMs: 10.5, timeoutMs: 1, probes: 5, probeDelayMs: 0, policy: 'majority' },
  circuitBreaker: { windowMs: 100, failureRate: 1, minFailures: 1, consecutiveFailures: 1, halfOpenAfterMs: 0 },
  retry: {
    ...{ sameEndpoint: 'none', otherEndpoint: 'any', deadlineMs: 1.5, commands: { 'my.add': 'effect' } },
    backoff: { initialMs: 2, maxMs: 2 },
  },
  failover: {
    silenceFloorMs: 20,
    silenceCeilingMs: 20,
    verifyTimeoutMs: 10,
    maxWaitingCommands: 0,
    maxWaitingBytes: 0,
    drainMs: 0,
  },
  failback: {
    ...{ enabled: false, gracePeriodMs: 0, maxGracePeriodMs: 0, consecutiveSuccesses: 1, jitterMs: 0 },
    allowEmptyEndpoint: false,
    windows: [
      { from: '00:00', to: '24:00' },
      { from: '23:59', to: '00:00', days: ['mon', 'sun'], timeZone: 'Europe/Berlin' },
    ],
  },
  topology: 'independent',
  initialization: { policy: 'all', timeoutMs: 0 },
  onSwitch: () => undefined,
};

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

function expectFrozen(value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null) return;
  expect(value, path).to.be.frozen;
  for (const [key, item] of Object.entries(value)) expectFrozen(item, `${path}.${key}`);
}

describe('resolveOptions', () => {
  it('fills every default in', () => {
    expect(resolveOptions({ endpoints: [A] })).to.deep.equal({
      ...DEFAULTS,
      failback: { ...DEFAULTS.failback, allowEmptyEndpoint: false, maxGracePeriodMs: 1_920_000 },
      redis: {},
      endpoints: [{ id: 'a', weight: 1, redis: { host: 'a' }, healthCheck: {} }],
    });
  });

  it('takes every option, at the edge of what is allowed', () => {
    expect(resolveOptions(full)).to.deep.equal({
      ...full,
      endpoints: [{ id: 'a', weight: 0.25, redis: { host: 'a', db: 2 }, healthCheck: { probes: 3 } }],
    });
  });

  it('goes back to an empty endpoint where nobody brings its data back, unless told otherwise', () => {
    const allows = (options: object): unknown =>
      resolveOptions({ endpoints: [A], ...options }).failback.allowEmptyEndpoint;

    expect(allows({ topology: 'active-active' })).to.equal(false);
    expect(allows({ topology: 'independent' })).to.equal(true);
    expect(allows({ topology: 'independent', failback: { allowEmptyEndpoint: undefined } })).to.equal(true);
    expect(allows({ topology: 'independent', failback: { allowEmptyEndpoint: false } })).to.equal(false);
    expect(allows({ failback: { allowEmptyEndpoint: true } })).to.equal(true);
  });

  it('lets the grace period of an endpoint that fails again and again grow 32 times, to an hour at most', () => {
    const longest = (failback: object, preset?: string): unknown =>
      resolveOptions({ endpoints: [A], preset, failback }).failback.maxGracePeriodMs;

    expect(longest({ gracePeriodMs: 0 })).to.equal(0);
    expect(longest({ gracePeriodMs: 100 })).to.equal(3_200);
    expect(longest({ gracePeriodMs: 120_000 })).to.equal(3_600_000);
    expect(longest({ gracePeriodMs: 7_200_000 })).to.equal(7_200_000);
    expect(longest({}, 'fast')).to.equal(960_000);
    expect(longest({ gracePeriodMs: 100, maxGracePeriodMs: 100 })).to.equal(100);
    expect(longest({ maxGracePeriodMs: undefined })).to.equal(1_920_000);
  });

  it('lets the start take as long as commands may wait, or as it likes where they wait for ever or for nothing', () => {
    const all = { policy: 'all', timeoutMs: 60_000 };
    const takes = (options: object): unknown => resolveOptions({ endpoints: [A], ...options }).initialization.timeoutMs;

    expect(takes({ initialization: all, retry: { deadlineMs: 60_001 } })).to.equal(60_000);
    expect(takes({ initialization: all, redis: { maxRetriesPerRequest: null } })).to.equal(60_000);
    expect(takes({ initialization: { timeoutMs: 60_000 } })).to.equal(60_000);
  });

  it('takes undefined for absent, everywhere', () => {
    const blank = (value: object): object => Object.fromEntries(Object.keys(value).map((key) => [key, undefined]));
    const { endpoints, ...sections } = full;
    const blanks = Object.entries(sections).map(([key, value]) => [
      key,
      typeof value === 'object' ? blank(value) : undefined,
    ]);
    const [endpoint] = endpoints.map((one) => ({ ...blank(one), ...A, healthCheck: blank(full.healthCheck) }));
    const retry = { ...blank(full.retry), backoff: blank(full.retry.backoff) };

    const resolved = resolveOptions({ ...Object.fromEntries(blanks), retry, endpoints: [endpoint] });

    expect(resolved).to.deep.equal(resolveOptions({ endpoints: [A] }));
    expect(resolveOptions({ ...blank(full), endpoints: [A] })).to.deep.equal(resolved);
  });

  it('lets an endpoint override the shared health check, option by option', () => {
    const healthCheck = { probes: 3, policy: 'any', intervalMs: undefined };
    const resolved = resolveOptions({
      healthCheck: { probes: 5, intervalMs: 50 },
      endpoints: [A, { ...B, healthCheck }],
    });

    expect(resolved.endpoints.map((endpoint) => healthCheckOf(endpoint, resolved))).to.deep.equal([
      { ...DEFAULTS.healthCheck, probes: 5, intervalMs: 50 },
      { ...DEFAULTS.healthCheck, probes: 3, intervalMs: 50, policy: 'any' },
    ]);
  });

  it('lets the options and the URL of an endpoint win over the shared ones', () => {
    const { endpoints, redis } = resolveOptions({
      redis: { host: 's', username: 'shared', db: 9, commandTimeout: 5, family: undefined },
      endpoints: [
        { id: 'options', redis: { host: 'a', db: 0, username: undefined, password: null } },
        { id: 'url', redis: 'rediss://:pw@b/1?commandTimeout=6' },
      ],
    });

    expect(endpoints.map((endpoint) => endpoint.redis)).to.deep.equal([
      { host: 'a', username: 'shared', password: null, db: 0, commandTimeout: 5 },
      { host: 'b', username: '', password: 'pw', db: 1, commandTimeout: '6', tls: {} },
    ]);
    expect(redis).to.deep.equal({ host: 's', username: 'shared', db: 9, commandTimeout: 5 });
  });

  it('keeps how TLS is done, from the shared options', () => {
    const tls = { servername: 'x' };
    const { endpoints } = resolveOptions({ redis: { tls }, endpoints: [{ id: 'a', redis: 'rediss://a' }] });

    expect(endpoints[0]).to.have.nested.property('redis.tls', tls);
  });

  it('hands objects, functions and classes on as they are', () => {
    const factory = (): Redis => new Redis({ lazyConnect: true });
    const tls = { ca: [Buffer.from('ca')], checkServerIdentity: () => undefined };
    const own = { tls, Connector, retryStrategy: () => 5, scripts: { a: { lua: 'return 1' } } };
    const shared = { reconnectOnError: () => true, tls: {} };
    const onSwitch = (): void => undefined;

    const resolved = resolveOptions({
      redis: shared,
      onSwitch,
      endpoints: [
        { id: 'a', redis: own },
        { id: 'f', redis: factory },
      ],
    });

    const [first, second] = resolved.endpoints;
    for (const [name, value] of Object.entries({ ...shared, ...own })) {
      expect(first?.redis).to.have.property(name, value);
    }
    expect(second?.redis).to.equal(factory);
    expect(resolved.onSwitch).to.equal(onSwitch);
    expect(resolved.redis.tls).to.equal(shared.tls);
    expect(tls, 'which belongs to the user').not.to.be.frozen;
  });

  it('returns what nobody can change', () => {
    const { endpoints, ...sections } = resolveOptions(full);

    expectFrozen({ ...sections }.retry, 'retry');
    expect(resolveOptions(full)).to.be.frozen;
    expectFrozen(endpoints, 'endpoints');
    for (const [name, value] of Object.entries(sections)) expectFrozen(value, name);
  });

  it('does not change what it is given', () => {
    expect(() => resolveOptions(deepFreeze(structuredClone({ ...full, onSwitch: undefined })))).not.to.throw();
    const redis = { host: 'a', tls: {} };
    const endpoint = { id: 'a', redis };
    const options = { endpoints: [endpoint], redis: {}, retry: { backoff: {} }, healthCheck: undefined };
    const before = structuredClone(options);

    resolveOptions(options);

    expect(options).to.deep.equal(before);
    expect([options, options.endpoints, endpoint, redis, options.retry].filter(Object.isFrozen)).to.be.empty;
  });

  it('reports all problems in one error, a line each', () => {
    const run = (): unknown =>
      resolveOptions({
        endpoints: [
          { id: 'a', weight: '50', redis: 'redis://a?keyPrefix=x:' },
          { id: 'a', redis: 'http://user:secret@b', healthCheck: { probes: 0, check: 'ping' } },
          { id: 'c', redis: { keyPrefix: 'y:' }, wait: 1 },
        ],
        retry: { sameEndpoint: 'sometimes', backoff: { initialMs: 50, maxMs: 20 } },
        failback: { gracePeriod: 1, jitterMs: -1 },
        topology: 'x',
      });
    const error = errorOf(run);

    expect(error.message.split('\n')).to.deep.equal([
      'endpoints[0].weight must be a finite number > 0, got "50" (string)',
      'endpoints[1].redis must be a valid redis:// or rediss:// URL, or the path of a socket that begins with /, got "http://***@b"',
      'endpoints[1].healthCheck.check must be a function, got "ping" (string)',
      'endpoints[1].healthCheck.probes must be an integer >= 1, got 0',
      'endpoints[2].wait is not an option',
      'topology must be one of "active-active", "independent", got "x"',
      'retry.sameEndpoint must be one of "none", "read-only", "effect-and-reply", "effect", "any", got "sometimes"',
      'failback.jitterMs must be a finite number >= 0, got -1',
      'failback.gracePeriod is not an option; did you mean "gracePeriodMs"?',
      'endpoints[1].id must be unique, and endpoints[0] has the same, got "a"',
      'retry.backoff.maxMs must be >= retry.backoff.initialMs (50), got 20',
      'endpoints[2].redis.keyPrefix must be the same on all endpoints, and endpoints[0] has "x:", got "y:"',
    ]);
    expect(error.problems).to.have.lengthOf(12);
    expect(error.problems).to.be.frozen;
    expect(error.cause).to.equal(undefined);
    expect(isGeoFailoverError(error, 'GEO_INVALID_OPTIONS')).to.equal(true);
  });
});
