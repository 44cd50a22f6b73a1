import { expect } from 'chai';
import { resolveOptions } from '../../lib/options/resolve-options.ts';
import { A, type BadCase, errorOf } from './problems-of.ts';

const meant = (name: string): string => `is not an option; did you mean "${name}"?`;
const UNKNOWN = 'is not an option';

const base = { endpoints: [A] };

const cases: readonly BadCase[] = [
  [{ ...base, healthChecks: {} }, 'healthChecks', meant('healthCheck'), 'object'],
  [{ ...base, failBack: {} }, 'failBack', meant('failback'), 'object'],
  [{ ...base, endpoint: [A] }, 'endpoint', meant('endpoints'), 'array'],
  [{ ...base, onswitch: () => 1 }, 'onswitch', meant('onSwitch'), 'function'],
  [{ ...base, logger: {} }, 'logger', UNKNOWN, 'object'],
  [{ endpoints: [{ ...A, wieght: 2 }] }, 'endpoints[0].wieght', meant('weight'), 'number'],
  [{ endpoints: [{ ...A, url: 'redis://a' }] }, 'endpoints[0].url', UNKNOWN, 'string'],
  [{ endpoints: [{ ...A, password: 'pw' }] }, 'endpoints[0].password', UNKNOWN, 'string'],
  [
    { endpoints: [{ ...A, healthCheck: { timeout: 5 } }] },
    'endpoints[0].healthCheck.timeout',
    meant('timeoutMs'),
    'number',
  ],
  [{ ...base, healthCheck: { interval: 5 } }, 'healthCheck.interval', meant('intervalMs'), 'number'],
  [{ ...base, circuitBreaker: { minFailure: 5 } }, 'circuitBreaker.minFailure', meant('minFailures'), 'number'],
  [{ ...base, retry: { backOff: {} } }, 'retry.backOff', meant('backoff'), 'object'],
  [{ ...base, retry: { backoff: { max: 5 } } }, 'retry.backoff.max', UNKNOWN, 'number'],
  [{ ...base, retry: { backoff: { initial: 5 } } }, 'retry.backoff.initial', meant('initialMs'), 'number'],
  [{ ...base, failover: { drain: 5 } }, 'failover.drain', meant('drainMs'), 'number'],
  [{ ...base, failback: { gracePeriod: 5 } }, 'failback.gracePeriod', meant('gracePeriodMs'), 'number'],
  [
    { ...base, failback: { windows: [{ from: '02:00', to: '05:00', timezone: 'UTC' }] } },
    'failback.windows[0].timezone',
    meant('timeZone'),
    'string',
  ],
  [{ ...base, initialization: { timeOutMs: 5 } }, 'initialization.timeOutMs', meant('timeoutMs'), 'number'],
  [{ ...base, failback: { constructor: null } }, 'failback.constructor', UNKNOWN, 'null'],
  [{ ...base, failback: { 'redis://u:pw@h': 1 } }, 'failback["redis://u:***@h"]', UNKNOWN, 'number'],
  [{ ...base, ['x'.repeat(5000)]: 1 }, `${'x'.repeat(79)}…`, UNKNOWN, 'number'],
  [JSON.parse('{"endpoints":[{"id":"a","redis":"redis://a","__proto__":{}}]}'), 'endpoints[0].__proto__', UNKNOWN, '*'],

  [{ ...base, healthCheck: { checks: [] } }, 'healthCheck.checks', meant('check'), 'array'],
];

describe('names that are refused', () => {
  for (const [input, path, rule, value] of cases) {
    it(`${path.slice(0, 80)} ${rule}`, () => {
      const error = errorOf(() => resolveOptions(input));

      const expected = { path, rule, value: value === '*' ? error.problems?.[0]?.value : value };
      expect(error.problems).to.deep.equal([expected]);
      expect(error.message).to.equal(`${path} ${rule}`);
    });
  }

  it('is quick with a name of a million characters', () => {
    const started = performance.now();
    errorOf(() => resolveOptions({ ...base, ['q'.repeat(1_000_000)]: 1 }));

    expect(performance.now() - started).to.be.below(1_000);
  });

  it('does not mind an unknown name whose value is undefined', () => {
    expect(() => resolveOptions({ ...base, preset: undefined, initialization: { policy: undefined } })).not.to.throw();
  });
});
