import { expect } from 'chai';
import fc from 'fast-check';
import { judgeProbes } from '../../lib/health/probing-policy.ts';
import type { ProbingPolicy } from '../../lib/options/policy-options.ts';

/** Good (+) and bad (-) probes of a round, and what is known after each of them. */
const cases: readonly (readonly [policy: ProbingPolicy, total: number, probes: string, known: string])[] = [
  ['all', 1, '+', 'g'],
  ['all', 1, '-', 'b'],
  ['all', 3, '+++', '??g'],
  ['all', 3, '-', 'b'],
  ['all', 3, '++-', '??b'],
  ['any', 1, '+', 'g'],
  ['any', 1, '-', 'b'],
  ['any', 3, '+', 'g'],
  ['any', 3, '--+', '??g'],
  ['any', 3, '---', '??b'],
  ['majority', 1, '+', 'g'],
  ['majority', 1, '-', 'b'],
  ['majority', 2, '++', '?g'],
  ['majority', 2, '-', 'b'],
  ['majority', 2, '+-', '?b'],
  ['majority', 3, '++', '?g'],
  ['majority', 3, '--', '?b'],
  ['majority', 3, '+-+', '??g'],
  ['majority', 3, '+--', '??b'],
  ['majority', 4, '+++', '??g'],
  ['majority', 4, '--', '?b'],
  ['majority', 4, '++--', '???b'],
  ['majority', 5, '+++', '??g'],
];

function knownAfter(policy: ProbingPolicy, total: number, probes: string): string {
  let [succeeded, failed] = [0, 0];
  let known = '';
  for (const probe of probes) {
    if (probe === '+') succeeded++;
    else failed++;
    const verdict = judgeProbes(policy, { total, succeeded, failed });
    known += verdict === undefined ? '?' : verdict ? 'g' : 'b';
  }
  return known;
}

describe('The outcome of a round of probes', () => {
  for (const [policy, total, probes, known] of cases) {
    it(`by "${policy}" of ${total} is ${known} in the course of ${probes}`, () => {
      expect(knownAfter(policy, total, probes)).to.equal(known);
    });
  }

  it('is open before the first probe', () => {
    for (const policy of ['all', 'any', 'majority'] as const) {
      expect(judgeProbes(policy, { total: 3, succeeded: 0, failed: 0 })).to.equal(undefined);
    }
  });

  describe('for every round', () => {
    const round = fc.tuple(
      fc.constantFrom<ProbingPolicy>('all', 'any', 'majority'),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
    );

    it('is known after the last probe, as the policy says', () => {
      fc.assert(
        fc.property(round, ([policy, probes]) => {
          const succeeded = probes.filter(Boolean).length;
          const failed = probes.length - succeeded;
          const isGood = { all: failed === 0, any: succeeded > 0, majority: succeeded > failed }[policy];

          expect(judgeProbes(policy, { total: probes.length, succeeded, failed })).to.equal(isGood);
        }),
      );
    });

    it('does not change any more once it is known', () => {
      fc.assert(
        fc.property(round, ([policy, probes]) => {
          const text = probes.map((isGood) => (isGood ? '+' : '-')).join('');

          expect(knownAfter(policy, probes.length, text)).to.match(/^\?*(g+|b+)$/);
        }),
      );
    });

    it('is known as soon as the rest cannot change it', () => {
      fc.assert(
        fc.property(round, ([policy, probes]) => {
          const total = probes.length;
          const outcome = (rest: string, done: string): string =>
            knownAfter(policy, total, done + rest.repeat(total - done.length)).slice(-1);
          let done = '';
          for (const isGood of probes) {
            done += isGood ? '+' : '-';
            const isDecided = outcome('+', done) === outcome('-', done);
            expect(knownAfter(policy, total, done).endsWith('?')).to.equal(!isDecided);
          }
        }),
      );
    });
  });
});
