import { expect } from 'chai';
import { SLOTS } from '../../../lib/commands/key-slot.ts';
import { SlotMap } from '../../../lib/endpoints/cluster/slot-map.ts';

const asTold = (host: string, port: number): { host: string; port: number } => ({ host, port });

describe('The map of slots', () => {
  const reply = [
    [0, 9_999, ['a', 1, 'id'], ['replica', 9, 'id']],
    [10_000, SLOTS - 2, ['b', 2, 'id']],
  ];

  it('knows the owner of each slot, and what nobody serves', () => {
    const map = SlotMap.read(reply, asTold);

    expect([0, 9_999, 10_000, SLOTS - 1].map((slot) => map.ownerOf(slot))).to.deep.equal([
      'a:1',
      'a:1',
      'b:2',
      undefined,
    ]);
    expect(map.uncovered).to.equal(1);
    expect(map.owners).to.deep.equal([asTold('a', 1), asTold('b', 2)]);
  });

  it('has addresses as they are mapped', () => {
    const map = SlotMap.read(reply, (_host, port) => ({ host: 'nat', port: port + 100 }));

    expect(map.ownerOf(0)).to.equal('nat:101');
  });

  it('serves nothing by a node that does not know its address, nor when there is no reply', () => {
    expect(SlotMap.read([[0, 5, [null, 1]]], asTold).uncovered).to.equal(SLOTS);
    expect(SlotMap.read(null, asTold).uncovered).to.equal(SLOTS);
  });

  it('learns of single slots, and forgets who serves none any more', () => {
    const map = SlotMap.read([[0, 0, ['a', 1]]], asTold);
    const before = map.layout;
    map.assign(0, asTold('c', 3));

    expect(map.ownerOf(0)).to.equal('c:3');
    expect(map.owners).to.deep.equal([asTold('c', 3)]);
    expect(map.layout).not.to.equal(before);
  });

  it('is laid out by slots, with equal numbers for slots of one node', () => {
    const { slots, groups } = SlotMap.read(reply, asTold).layout;

    expect(slots).to.have.length(SLOTS);
    expect(slots[0]).to.deep.equal(['a:1']);
    expect(groups[0]).to.equal(groups[9_999]);
    expect(new Set([groups[0], groups[10_000], groups[SLOTS - 1]]).size).to.equal(3);
  });
});
