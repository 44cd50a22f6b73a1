import { expect } from 'chai';
import { type Episode, FAULT_KINDS, type FaultKind, schedule } from '../../scripts/torture/schedule.ts';

describe('The schedule of a round', () => {
  const take = (seed: number, count: number, kinds?: readonly FaultKind[]): Episode[] => {
    const episodes = schedule(seed, kinds);
    return Array.from({ length: count }, () => episodes.next().value as Episode);
  };

  it('is the same for the same seed, and another one for another', () => {
    expect(take(1, 30)).to.deep.equal(take(1, 30));
    expect(take(1, 30)).to.not.deep.equal(take(2, 30));
  });

  it('has all kinds about equally often', () => {
    const counts = new Map<FaultKind, number>();
    for (const { kind } of take(1, 300).flatMap(({ faults }) => faults)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    expect([...counts.keys()].sort()).to.deep.equal([...FAULT_KINDS].sort());
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).to.be.at.most(2);
  });

  it('has only those that are asked for', () => {
    const kinds = take(1, 20, ['kill', 'both']).flatMap(({ faults }) => faults.map(({ kind }) => kind));
    expect([...new Set(kinds)].sort()).to.deep.equal(['both', 'kill']);
  });
});
