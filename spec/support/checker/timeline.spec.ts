import { expect } from 'chai';
import type { Operation } from './history.ts';
import { gapAround, latencies, longestGap, quantile, successes } from './timeline.ts';

function replied(issuedAt: number, settledAt: number, status: Operation['status'] = 'ok', endpoint = 'a'): Operation {
  const id = `op-${String(issuedAt).padStart(6, '0')}-t`;
  return { id, kind: 'get', key: 'k', command: 'GET', safety: 'read-only', issuedAt, settledAt, status, endpoint };
}

describe('timeline', () => {
  const history = [
    replied(0, 2),
    replied(10, 12),
    replied(20, 26),
    replied(21, 24),
    replied(30, 90, 'error'),
    replied(31, 100, 'ok', 'b'),
    replied(110, 111, 'ok', 'b'),
  ];

  it('lists successes in the order of their replies', () => {
    expect(successes(history).map(({ at }) => at)).to.deep.equal([2, 12, 24, 26, 100, 111]);
    expect(successes(history, ({ endpoint }) => endpoint === 'b').map(({ at }) => at)).to.deep.equal([100, 111]);
  });

  it('measures from the last success before a fault to the first one after it', () => {
    for (const faultAt of [26, 30, 99]) {
      expect(gapAround(history, faultAt)).to.deep.equal({ lastBefore: 26, firstAfter: 100, durationMs: 74 });
    }
  });

  it('can ignore replies that were on their way when the fault happened', () => {
    const fromB = gapAround(history, 22, ({ endpoint }) => endpoint === 'b');
    expect(fromB).to.deep.equal({ lastBefore: 12, firstAfter: 100, durationMs: 88 });
  });

  it('has no gap when one of its ends is missing', () => {
    expect(gapAround(history, 1)).to.equal(undefined);
    expect(gapAround(history, 200)).to.equal(undefined);
  });

  it('finds the longest gap of a period', () => {
    expect(longestGap(history)).to.deep.equal({ lastBefore: 26, firstAfter: 100, durationMs: 74 });
    expect(longestGap(history, 0, 20)).to.deep.equal({ lastBefore: 12, firstAfter: 24, durationMs: 12 });
    expect(longestGap(history, 0, 26)).to.deep.equal({ lastBefore: 12, firstAfter: 24, durationMs: 12 });
    expect(longestGap(history, 100)).to.deep.equal({ lastBefore: 100, firstAfter: 111, durationMs: 11 });
    expect(longestGap([])).to.equal(undefined);
  });

  it('gives latencies and quantiles of acknowledged operations', () => {
    expect(latencies(history)).to.deep.equal([2, 2, 6, 3, 69, 1]);
    expect(quantile([5, 1, 3, 2, 4], 0.5)).to.equal(3);
    expect(quantile([5, 1, 3, 2, 4], 0.99)).to.equal(5);
    expect(quantile([], 0.5)).to.be.NaN;
  });
});
