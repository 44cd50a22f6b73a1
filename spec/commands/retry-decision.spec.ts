import { expect } from 'chai';
import {
  type FailureKind,
  type RetryCap,
  type RetryTarget,
  type Safety,
  type Topology,
  mayRetry,
} from '../../lib/commands/retry-decision.ts';

const SAFETIES: readonly Safety[] = ['read-only', 'effect-and-reply', 'effect', 'other-write'];
const CAPS: readonly RetryCap[] = ['none', 'read-only', 'effect-and-reply', 'effect', 'any'];
const TARGETS: readonly RetryTarget[] = ['same-endpoint', 'other-endpoint'];

/** One letter per class in the order of {@link SAFETIES}: y for "is sent again". */
const AMBIGUOUS: Readonly<Record<RetryCap, string>> = {
  none: 'nnnn',
  'read-only': 'ynnn',
  'effect-and-reply': 'yynn',
  effect: 'yyyn',
  any: 'yyyy',
};

function capsFor(target: RetryTarget, cap: RetryCap, other: RetryCap): Parameters<typeof mayRetry>[3] {
  return target === 'same-endpoint'
    ? { sameEndpoint: cap, otherEndpoint: other }
    : { sameEndpoint: other, otherEndpoint: cap };
}

function row(kind: FailureKind, target: RetryTarget, cap: RetryCap, other: RetryCap): string {
  const caps = capsFor(target, cap, other);
  return SAFETIES.map((safety) => (mayRetry(kind, safety, target, caps) ? 'y' : 'n')).join('');
}

describe('Whether a failed command may be sent', () => {
  for (const kind of ['not-sent', 'rejected', 'overloaded'] as const) {
    it(`is yes for every class, target and cap after "${kind}", because nothing was executed`, () => {
      for (const target of TARGETS) for (const cap of CAPS) expect(row(kind, target, cap, cap)).to.equal('yyyy');
    });
  }

  it('is yes for a message to another endpoint that nobody of the first one listens to', () => {
    const caps = { sameEndpoint: 'none', otherEndpoint: 'none' } as const;
    const may = (target: RetryTarget, topology: Topology): boolean =>
      mayRetry('ambiguous', 'message', target, { ...caps, topology });

    expect(may('other-endpoint', 'independent')).to.equal(true);
    expect(may('same-endpoint', 'independent')).to.equal(false);
    expect(may('other-endpoint', 'active-active')).to.equal(false);
    expect(mayRetry('ambiguous', 'message', 'other-endpoint', { ...caps, otherEndpoint: 'any' })).to.equal(true);
    expect(mayRetry('ambiguous', 'message', 'other-endpoint', { ...caps, otherEndpoint: 'effect' })).to.equal(false);
  });

  it('is no for every class, target and cap after "answered"', () => {
    for (const target of TARGETS) for (const cap of CAPS) expect(row('answered', target, cap, cap)).to.equal('nnnn');
  });

  describe('after "ambiguous"', () => {
    for (const target of TARGETS) {
      for (const cap of CAPS) {
        it(`to the ${target} with cap "${cap}" is ${AMBIGUOUS[cap]} for ${SAFETIES.join(', ')}`, () => {
          expect(row('ambiguous', target, cap, 'none')).to.equal(AMBIGUOUS[cap]);
          expect(row('ambiguous', target, cap, 'any')).to.equal(AMBIGUOUS[cap]);
        });
      }
    }
  });
});
