import { expect } from 'chai';
import { Command } from 'ioredis';
import { isBlocking } from '../../lib/commands/blocking-commands.ts';

const blocking = [
  ...['blpop', 'brpop', 'brpoplpush', 'blmove', 'blmovem', 'bzpopmin', 'bzpopmax', 'bzmpop', 'blmpop'],
  ...['xread', 'xreadgroup', 'wait', 'waitaof'],
];

describe('A blocking command', () => {
  for (const name of blocking) {
    it(`is ${name.toUpperCase()}, in any case`, () => {
      expect(isBlocking(name)).to.equal(true);
      expect(isBlocking(name.toUpperCase())).to.equal(true);
    });
  }

  it('is every command that ioredis knows as one', () => {
    const known = (Command as unknown as { FLAGS: { BLOCKING_COMMANDS: string[] } }).FLAGS.BLOCKING_COMMANDS;

    expect(known.filter((name) => !isBlocking(name))).to.deep.equal([]);
  });

  for (const name of ['get', 'set', 'lpop', 'lmove', 'zmpop', 'xrange', 'eval', 'subscribe', 'constructor', '']) {
    it(`is not ${JSON.stringify(name)}`, () => expect(isBlocking(name)).to.equal(false));
  }
});
