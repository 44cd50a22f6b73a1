import { expect } from 'chai';
import { keySlot } from '../../lib/commands/key-slot.ts';

describe('The slot of a key', () => {
  const known: Readonly<Record<string, number>> = { foo: 12_182, bar: 5_061, 123456789: 12_739, '': 0 };
  for (const [key, slot] of Object.entries(known)) {
    it(`of "${key}" is ${slot}`, () => {
      expect(keySlot(key)).to.equal(slot);
      expect(keySlot(Buffer.from(key))).to.equal(slot);
    });
  }

  it('is that of its tag, if it has one', () => {
    expect(keySlot('{foo}.a')).to.equal(keySlot('foo'));
    expect(keySlot('a{foo}b}')).to.equal(keySlot('foo'));
    expect(keySlot('a{foo}{bar}')).to.equal(keySlot('foo'));
  });

  it('is that of the whole key when the tag is empty or does not end', () => {
    expect(keySlot('{}foo')).not.to.equal(keySlot('foo'));
    expect(keySlot('{foo')).not.to.equal(keySlot('foo'));
    expect(keySlot('}foo{')).to.be.within(0, 16_383);
  });

  it('counts bytes, which need not be text', () => {
    expect(keySlot(Buffer.from([0xff, 0x00]))).not.to.equal(keySlot(Buffer.from([0xfe, 0x00])));
  });
});
