import { inspect } from 'node:util';
import { expect } from 'chai';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, type BadCase, errorOf } from './problems-of.ts';

const finite = (minimum: number): string => `must be a finite number >= ${minimum}`;
const integer = (minimum: number): string => `must be an integer >= ${minimum}`;
const POSITIVE = 'must be a finite number > 0';
const SHARE = 'must be a finite number > 0 and <= 1';
const ID = 'must be a non-empty string of at most 128 characters';
const CLASSES = 'must be one of "read-only", "effect-and-reply", "effect", "other-write"';
const CAPS = 'must be one of "none", "read-only", "effect-and-reply", "effect", "any"';
const POLICIES = 'must be one of "all", "any", "majority"';
const OBJECT = 'must be a plain object';
const ENDPOINTS = 'must be a non-empty array';

const base = { endpoints: [A] };
const withEndpoint = (more: object): object => ({ endpoints: [A, { id: 'b', redis: 'redis://b', ...more }] });

const cases: readonly BadCase[] = [
  [undefined, 'options', OBJECT, 'undefined'],
  [null, 'options', OBJECT, 'null'],
  ['redis://:pw@a', 'options', OBJECT, '"redis://:***@a" (string)'],
  [[A], 'options', OBJECT, '[{ id: "a", redis: "redis://a" }] (array)'],
  [new Date(0), 'options', OBJECT, 'Date'],
  [{}, 'endpoints', ENDPOINTS, 'undefined'],
  [{ endpoints: [] }, 'endpoints', ENDPOINTS, '[]'],
  [{ endpoints: {} }, 'endpoints', ENDPOINTS, '{} (object)'],
  [{ endpoints: 'redis://a' }, 'endpoints', ENDPOINTS, '"redis://a" (string)'],
  [{ endpoints: [A, 'redis://b'] }, 'endpoints[1]', OBJECT, '"redis://b" (string)'],
  [{ endpoints: [A, undefined] }, 'endpoints[1]', OBJECT, 'undefined'],
  [{ endpoints: [A, null] }, 'endpoints[1]', OBJECT, 'null'],
  [{ endpoints: [A, []] }, 'endpoints[1]', OBJECT, '[] (array)'],
  [{ endpoints: [{ redis: 'redis://a' }] }, 'endpoints[0].id', ID, 'undefined'],
  [withEndpoint({ id: '' }), 'endpoints[1].id', ID, '""'],
  [withEndpoint({ id: 5 }), 'endpoints[1].id', ID, '5 (number)'],
  [withEndpoint({ id: null }), 'endpoints[1].id', ID, 'null'],
  [withEndpoint({ id: 'x'.repeat(129) }), 'endpoints[1].id', ID, `"${'x'.repeat(79)}…"`],
  [withEndpoint({ id: 'a' }), 'endpoints[1].id', 'must be unique, and endpoints[0] has the same', '"a"'],
  [withEndpoint({ weight: '50' }), 'endpoints[1].weight', POSITIVE, '"50" (string)'],
  [withEndpoint({ weight: 0 }), 'endpoints[1].weight', POSITIVE, '0'],
  [withEndpoint({ weight: -1 }), 'endpoints[1].weight', POSITIVE, '-1'],
  [withEndpoint({ weight: NaN }), 'endpoints[1].weight', POSITIVE, 'NaN'],
  [withEndpoint({ weight: Infinity }), 'endpoints[1].weight', POSITIVE, 'Infinity'],
  [withEndpoint({ weight: null }), 'endpoints[1].weight', POSITIVE, 'null'],
  [withEndpoint({ weight: 5n }), 'endpoints[1].weight', POSITIVE, '5n (bigint)'],
  [withEndpoint({ healthCheck: true }), 'endpoints[1].healthCheck', OBJECT, 'true (boolean)'],
  [withEndpoint({ healthCheck: { probes: 0 } }), 'endpoints[1].healthCheck.probes', integer(1), '0'],
  [withEndpoint({ healthCheck: { check: 1 } }), 'endpoints[1].healthCheck.check', 'must be a function', '1 (number)'],
  [{ ...base, healthCheck: { check: 'ping' } }, 'healthCheck.check', 'must be a function', '"ping" (string)'],
  [{ ...base, healthCheck: new Map() }, 'healthCheck', OBJECT, 'Map'],
  [{ ...base, healthCheck: { intervalMs: 9.99 } }, 'healthCheck.intervalMs', finite(10), '9.99'],
  [{ ...base, healthCheck: { timeoutMs: 0 } }, 'healthCheck.timeoutMs', finite(1), '0'],
  [{ ...base, healthCheck: { timeoutMs: '1s' } }, 'healthCheck.timeoutMs', finite(1), '"1s" (string)'],
  [{ ...base, healthCheck: { probes: 1.5 } }, 'healthCheck.probes', integer(1), '1.5'],
  [{ ...base, healthCheck: { probeDelayMs: -1 } }, 'healthCheck.probeDelayMs', finite(0), '-1'],
  [{ ...base, healthCheck: { policy: 'most' } }, 'healthCheck.policy', POLICIES, '"most"'],
  [{ ...base, healthCheck: { policy: 1 } }, 'healthCheck.policy', POLICIES, '1 (number)'],
  [{ ...base, circuitBreaker: 5 }, 'circuitBreaker', OBJECT, '5 (number)'],
  [{ ...base, circuitBreaker: { windowMs: 99 } }, 'circuitBreaker.windowMs', finite(100), '99'],
  [{ ...base, circuitBreaker: { failureRate: 0 } }, 'circuitBreaker.failureRate', SHARE, '0'],
  [{ ...base, circuitBreaker: { failureRate: 50 } }, 'circuitBreaker.failureRate', SHARE, '50'],
  [{ ...base, circuitBreaker: { minFailures: 0 } }, 'circuitBreaker.minFailures', integer(1), '0'],
  [{ ...base, circuitBreaker: { consecutiveFailures: 2.5 } }, 'circuitBreaker.consecutiveFailures', integer(1), '2.5'],
  [{ ...base, circuitBreaker: { halfOpenAfterMs: -0.5 } }, 'circuitBreaker.halfOpenAfterMs', finite(0), '-0.5'],
  [{ ...base, retry: [] }, 'retry', OBJECT, '[] (array)'],
  [{ ...base, retry: { sameEndpoint: 'all' } }, 'retry.sameEndpoint', CAPS, '"all"'],
  [{ ...base, retry: { otherEndpoint: true } }, 'retry.otherEndpoint', CAPS, 'true (boolean)'],
  [{ ...base, retry: { otherEndpoint: null } }, 'retry.otherEndpoint', CAPS, 'null'],
  [{ ...base, retry: { deadlineMs: 0.5 } }, 'retry.deadlineMs', finite(1), '0.5'],
  [{ ...base, failback: { gate: true } }, 'failback.gate', 'must be a function', 'true (boolean)'],
  [{ ...base, retry: { commands: [] } }, 'retry.commands', OBJECT, '[] (array)'],
  [{ ...base, retry: { commands: { 'my.add': 'always' } } }, 'retry.commands["my.add"]', CLASSES, '"always"'],
  [{ ...base, retry: { backoff: 10 } }, 'retry.backoff', OBJECT, '10 (number)'],
  [{ ...base, retry: { backoff: { initialMs: 0 } } }, 'retry.backoff.initialMs', finite(1), '0'],
  [{ ...base, retry: { backoff: { initialMs: Infinity } } }, 'retry.backoff.initialMs', finite(1), 'Infinity'],
  [{ ...base, retry: { backoff: { maxMs: -5 } } }, 'retry.backoff.maxMs', finite(1), '-5'],
  [
    { ...base, retry: { backoff: { maxMs: 9 } } },
    'retry.backoff.maxMs',
    'must be >= retry.backoff.initialMs (10)',
    '9',
  ],
  [
    { ...base, retry: { backoff: { initialMs: 2000 } } },
    'retry.backoff.maxMs',
    'must be >= retry.backoff.initialMs (2000)',
    '1000 (the default)',
  ],
  [{ ...base, failover: { silenceFloorMs: 19 } }, 'failover.silenceFloorMs', finite(20), '19'],
  [
    { ...base, failover: { silenceCeilingMs: 349 } },
    'failover.silenceCeilingMs',
    'must be >= failover.silenceFloorMs (350)',
    '349',
  ],
  [
    { ...base, preset: 'fast', failover: { silenceCeilingMs: 79 } },
    'failover.silenceCeilingMs',
    'must be >= failover.silenceFloorMs (80)',
    '79',
  ],
  [{ ...base, failover: { silenceCeilingMs: 19 } }, 'failover.silenceCeilingMs', finite(20), '19'],
  [{ ...base, failover: { silenceCeilingMs: '1s' } }, 'failover.silenceCeilingMs', finite(20), '"1s" (string)'],
  [{ ...base, failover: { verifyTimeoutMs: 9 } }, 'failover.verifyTimeoutMs', finite(10), '9'],
  [{ ...base, failover: { maxWaitingCommands: 0.5 } }, 'failover.maxWaitingCommands', integer(0), '0.5'],
  [{ ...base, failover: { maxWaitingBytes: Infinity } }, 'failover.maxWaitingBytes', integer(0), 'Infinity'],
  [{ ...base, failover: { drainMs: [] } }, 'failover.drainMs', finite(0), '[] (array)'],
  [{ ...base, failback: false }, 'failback', OBJECT, 'false (boolean)'],
  [{ ...base, failback: { enabled: 'false' } }, 'failback.enabled', 'must be true or false', '"false" (string)'],
  [
    { ...base, failback: { allowEmptyEndpoint: 1 } },
    'failback.allowEmptyEndpoint',
    'must be true or false',
    '1 (number)',
  ],
  [{ ...base, failback: { gracePeriodMs: -1 } }, 'failback.gracePeriodMs', finite(0), '-1'],
  [{ ...base, failback: { consecutiveSuccesses: 0 } }, 'failback.consecutiveSuccesses', integer(1), '0'],
  [{ ...base, failback: { jitterMs: NaN } }, 'failback.jitterMs', finite(0), 'NaN'],
  [{ ...base, initialization: { timeoutMs: -1 } }, 'initialization.timeoutMs', finite(0), '-1'],
  [{ ...base, onSwitch: 'notify' }, 'onSwitch', 'must be a function', '"notify" (string)'],
  [{ ...base, onSwitch: null }, 'onSwitch', 'must be a function', 'null'],
];

describe('values that are refused', () => {
  for (const [input, path, rule, value] of cases) {
    it(`${path}: ${inspect(input, { breakLength: Infinity, depth: 5 })}`, () => {
      const error = errorOf(() => resolveOptions(input));

      expect(error.problems).to.deep.equal([{ path, rule, value }]);
      expect(error.message).to.equal(`${path} ${rule}, got ${value}`);
    });
  }

  it('says of two empty ids only that they are empty', () => {
    const { problems } = errorOf(() =>
      resolveOptions({
        endpoints: [
          { ...A, id: '' },
          { ...A, id: '' },
        ],
      }),
    );

    expect(problems?.map(({ rule }) => rule)).to.deep.equal([ID, ID]);
  });
});
