import { expect } from 'chai';
import { Command } from 'ioredis';
import { blockingMs } from '../../lib/commands/blocking-commands.ts';

const FOREVER = Number.POSITIVE_INFINITY;

const cases: readonly (readonly [line: string, ms: number])[] = [
  ['blpop l 1', 1_000],
  ['BLPOP l m 0.5', 500],
  ['brpop l 0', FOREVER],
  ['brpoplpush a b 2', 2_000],
  ['blmove a b LEFT RIGHT 3', 3_000],
  ['bzpopmin z 1', 1_000],
  ['bzpopmax z 0', FOREVER],
  ['bzmpop 4 1 z MIN', 4_000],
  ['blmpop 0 1 l LEFT', FOREVER],
  ['xread COUNT 2 STREAMS s 0', 0],
  ['xread COUNT 2 BLOCK 1500 STREAMS s $', 1_500],
  ['xread block 0 streams s $', FOREVER],
  ['xreadgroup GROUP g c BLOCK 100 STREAMS s >', 100],
  ['xreadgroup GROUP g c STREAMS block >', 0],
  ['blmovem a b LEFT RIGHT 3 COUNT 2', 3_000],
  ['wait 1 250', 250],
  ['wait 1 0', FOREVER],
  ['waitaof 1 0 300', 300],
  ['blpop', FOREVER],
  ['get k', 0],
  ['lpop l 1', 0],
  ['eval x 0', 0],
  ['constructor', 0],
];

describe('A command blocks', () => {
  for (const [line, ms] of cases) {
    const [name = '', ...args] = line.split(' ');
    it(`for ${ms} ms when it is ${line}`, () => expect(blockingMs({ name, args })).to.equal(ms));
  }

  it('reads its arguments as they go over the wire', () => {
    const command = new Command('blpop', [['k'], '2']);
    expect(blockingMs({ name: 'blpop', args: command.args })).to.equal(2_000);
    expect(blockingMs({ name: 'blpop', args: [Buffer.from('k'), Buffer.from('2')] })).to.equal(2_000);
  });

  it('if ioredis knows it as one', () => {
    const known = (Command as unknown as { FLAGS: { BLOCKING_COMMANDS: string[] } }).FLAGS.BLOCKING_COMMANDS;

    expect(known.filter((name) => blockingMs({ name, args: ['block', '0'] }) === 0)).to.deep.equal([]);
  });
});
