import { expect } from 'chai';
import { heapSlope, judgeHeap } from '../../scripts/torture/heap-rule.ts';

const MB = 1_048_576;

describe('The rule about the heap', () => {
  const rounds = (count: number, heap: (round: number) => number): number[] =>
    Array.from({ length: count }, (_, round) => heap(round) * MB);

  it('lets pass a heap that only swings, or is large at the beginning', () => {
    expect(judgeHeap(rounds(20, (round) => 18 + (round % 3)))).to.deep.equal([]);
    expect(judgeHeap(rounds(20, (round) => (round < 3 ? 40 : 18)))).to.deep.equal([]);
    expect(judgeHeap(rounds(20, (round) => (round === 12 ? 90 : 18)))).to.deep.equal([]);
  });

  it('finds one that grows, however it swings', () => {
    expect(judgeHeap(rounds(10, (round) => 18 + round / 2 + (round % 3)))).to.match(/grows by \d+ kB a round/);
  });

  it('says nothing of too few rounds', () => {
    expect(heapSlope(rounds(7, (round) => 18 + round))).to.equal(undefined);
    expect(heapSlope(rounds(8, (round) => 18 + round))).to.equal(MB);
  });
});
