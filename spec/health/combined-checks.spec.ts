import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { allOf, anyOf, gateFailbackOnly, majorityOf } from '../../lib/health/combined-checks.ts';
import type { HealthCheck, HealthCheckContext, HealthCheckVerdict } from '../../lib/options/health-check.ts';
import { ABOUT, never } from './fake-clients.ts';

const context: HealthCheckContext = {
  ...ABOUT,
  timeoutMs: 500,
  signal: new AbortController().signal,
  call: () => Promise.resolve('OK'),
};

/** Of a text, `+` is good, `-` is bad, `g` is bad for failback only. */
function checkOf(sign: string, index: number): HealthCheck {
  if (sign === '+') return () => true;
  const verdict: HealthCheckVerdict = { ok: false, reason: 'lag', message: String(index + 1) };
  const check: HealthCheck = index % 2 === 0 ? () => verdict : () => Promise.resolve(verdict);
  return sign === 'g' ? gateFailbackOnly(check) : check;
}

/** `good`, or the number of the check whose verdict it is, and whether that is about failback only. */
async function outcome(check: HealthCheck): Promise<string> {
  const verdict = await check(context);
  if (typeof verdict === 'boolean') return String(verdict);
  if (verdict.ok) return 'good';
  return `${verdict.message} ${verdict.failbackOnly === true ? 'holds back' : 'is unfit'}`;
}

const cases: readonly (readonly [combine: typeof allOf, checks: string, expected: string])[] = [
  [allOf, '+', 'good'],
  [allOf, '+++', 'good'],
  [allOf, '+-+', '2 is unfit'],
  [allOf, '+--', '2 is unfit'],
  [allOf, '+g+', '2 holds back'],
  [allOf, 'g-+', '2 is unfit'],
  [anyOf, '-', '1 is unfit'],
  [anyOf, '-+', 'good'],
  [anyOf, '--', '1 is unfit'],
  [anyOf, 'g+', 'good'],
  [anyOf, '-g', '2 holds back'],
  [majorityOf, '+-', '2 is unfit'],
  [majorityOf, '++-', 'good'],
  [majorityOf, '+--', '2 is unfit'],
  [majorityOf, '+g-', '2 holds back'],
  [majorityOf, '++g', 'good'],
  [majorityOf, 'g--', '2 is unfit'],
];

describe('Checks that are combined', () => {
  for (const [combine, checks, expected] of cases) {
    it(`${combine.name}: of ${checks}, ${expected}`, async () => {
      expect(await outcome(combine(...Array.from(checks, checkOf)))).to.equal(expected);
    });
  }

  it('run side by side', () => {
    let begun = 0;
    const check: HealthCheck = () => (begun++, never());
    void allOf(check, check)(context);

    expect(begun).to.equal(2);
  });

  it('are all told the same', async () => {
    const told: HealthCheckContext[] = [];
    const check: HealthCheck = (given) => (told.push(given), true);
    await anyOf(check, gateFailbackOnly(check), allOf(check))(context);

    expect(told).to.deep.equal([context, context, context]);
  });

  for (const [name, failing] of [
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ] as const) {
    it(`have a bad one in one that ${name}`, async () => {
      expect(await outcome(allOf(() => true, failing))).to.equal('no is unfit');
      expect(await outcome(anyOf(() => true, failing))).to.equal('good');
      expect(await outcome(gateFailbackOnly(failing))).to.equal('no holds back');
    });
  }

  it('can be combined further', async () => {
    const bad = checkOf('-', 0);
    const good = checkOf('+', 1);

    expect(await outcome(allOf(good, anyOf(bad, good), gateFailbackOnly(anyOf(good, bad))))).to.equal('good');
    expect(await outcome(anyOf(allOf(good, bad), gateFailbackOnly(gateFailbackOnly(bad))))).to.equal('1 holds back');
  });

  it('say what they come to when they are run after the time is up', async () => {
    const run = new AbortController();
    run.abort(new Error('too late'));
    const late: HealthCheckContext = { ...context, signal: run.signal };

    expect(await allOf(() => true, never)(late)).to.deep.include({ ok: false, message: 'too late' });
    expect(await anyOf(() => true, never)(late)).to.deep.equal({ ok: true });
  });

  const mistakes: readonly (readonly [name: string, make: () => unknown, message: string])[] = [
    ['nothing', () => allOf(), 'allOf must have at least one health check, got none'],
    ['what is no function', () => anyOf(true as never), 'anyOf[0] must be a health check, a function, got true'],
    [
      'no check',
      () => gateFailbackOnly(undefined as never),
      'gateFailbackOnly[0] must be a health check, a function, got undefined',
    ],
  ];

  for (const [name, make, message] of mistakes) {
    it(`are refused: ${name}`, () => {
      expect(make)
        .to.throw(message)
        .that.satisfies((error: unknown) => isGeoFailoverError(error, 'GEO_INVALID_OPTIONS'));
    });
  }
});
