import { inspect } from 'node:util';
import { expect } from 'chai';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, type BadCase, errorOf } from './problems-of.ts';

const finite = (minimum: number): string => `must be a finite number >= ${minimum}`;
const integer = (minimum: number): string => `must be an integer >= ${minimum}`;
const graceFrom = (minimum: number): string => `must be >= failback.gracePeriodMs (${minimum})`;
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

const withWindows = (windows: unknown): object => ({ ...base, failback: { windows } });
const NIGHT = { from: '02:00', to: '05:00' };
const STARTS = 'must be one of "one", "majority", "all"';
const WINDOWS = 'must be a non-empty array of { from, to }';
const FROM = 'must be a time from "00:00" to "23:59"';
const TO = 'must be a time from "00:00" to "24:00"';
const SAME = 'must differ from `from`; a whole day is from "00:00" to "24:00"';
const DAYS = 'must be a non-empty array of "mon" to "sun"';
const ZONE = 'must be the name of a time zone, such as "Europe/Berlin"';

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
  [{ ...base, circuitBreaker: { breaker: {} } }, 'circuitBreaker.breaker', 'must be a function', '{} (object)'],
  [
    { ...base, retry: { backoff: { strategy: 50 } } },
    'retry.backoff.strategy',
    'must be a backoff of cockatiel, with next()',
    '50',
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
  [{ ...base, failback: { maxGracePeriodMs: -1 } }, 'failback.maxGracePeriodMs', finite(0), '-1'],
  [{ ...base, failback: { maxGracePeriodMs: '1h' } }, 'failback.maxGracePeriodMs', finite(0), '"1h" (string)'],
  [{ ...base, failback: { maxGracePeriodMs: 59_999 } }, 'failback.maxGracePeriodMs', graceFrom(60_000), '59999'],
  [{ ...base, failback: { gracePeriodMs: 7, maxGracePeriodMs: 6 } }, 'failback.maxGracePeriodMs', graceFrom(7), '6'],
  [
    { ...base, preset: 'conservative', failback: { maxGracePeriodMs: 60_000 } },
    'failback.maxGracePeriodMs',
    graceFrom(300_000),
    '60000',
  ],
  [{ ...base, failback: { consecutiveSuccesses: 0 } }, 'failback.consecutiveSuccesses', integer(1), '0'],
  [{ ...base, failback: { jitterMs: NaN } }, 'failback.jitterMs', finite(0), 'NaN'],
  [withWindows('02:00-05:00'), 'failback.windows', WINDOWS, '"02:00-05:00" (string)'],
  [withWindows([]), 'failback.windows', WINDOWS, '[]'],
  [withWindows(['02:00-05:00']), 'failback.windows[0]', OBJECT, '"02:00-05:00" (string)'],
  [withWindows([NIGHT, { to: '05:00' }]), 'failback.windows[1].from', FROM, 'undefined'],
  [withWindows([{ from: '2:00', to: '05:00' }]), 'failback.windows[0].from', FROM, '"2:00"'],
  [withWindows([{ from: '24:00', to: '05:00' }]), 'failback.windows[0].from', FROM, '"24:00"'],
  [withWindows([{ from: 2, to: '05:00' }]), 'failback.windows[0].from', FROM, '2 (number)'],
  [withWindows([{ from: '02:00', to: '05:60' }]), 'failback.windows[0].to', TO, '"05:60"'],
  [withWindows([{ from: '02:00', to: '24:01' }]), 'failback.windows[0].to', TO, '"24:01"'],
  [withWindows([{ from: '02:00', to: '02:00' }]), 'failback.windows[0].to', SAME, '"02:00"'],
  [withWindows([{ ...NIGHT, days: 'mon' }]), 'failback.windows[0].days', DAYS, '"mon" (string)'],
  [withWindows([{ ...NIGHT, days: [] }]), 'failback.windows[0].days', DAYS, '[]'],
  [withWindows([{ ...NIGHT, days: ['mon', 'Tue'] }]), 'failback.windows[0].days[1]', DAYS, '"Tue"'],
  [withWindows([{ ...NIGHT, timeZone: 'Berlin' }]), 'failback.windows[0].timeZone', ZONE, '"Berlin"'],
  [withWindows([{ ...NIGHT, timeZone: 1 }]), 'failback.windows[0].timeZone', ZONE, '1 (number)'],
  [withWindows([{ ...NIGHT, timeZone: '' }]), 'failback.windows[0].timeZone', ZONE, '""'],
  [{ ...base, initialization: { policy: 'any' } }, 'initialization.policy', STARTS, '"any"'],
  [{ ...base, initialization: { policy: 1 } }, 'initialization.policy', STARTS, '1 (number)'],
  [
    { ...base, initialization: { policy: 'all', timeoutMs: 10_000 } },
    'initialization.timeoutMs',
    'must be < retry.deadlineMs (10000) with the policy "all"',
    '10000',
  ],
  [
    { ...base, initialization: { policy: 'majority' }, retry: { deadlineMs: 1_000 } },
    'initialization.timeoutMs',
    'must be < retry.deadlineMs (1000) with the policy "majority"',
    '1000 (the default)',
  ],
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
