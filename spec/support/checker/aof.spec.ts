import { expect } from 'chai';
import { parseAof } from './aof.ts';

const resp = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

const parse = (...texts: string[]) =>
  parseAof(texts.map((text, index) => ({ name: `part-${index + 1}`, bytes: Buffer.from(text) })));

const SELECT_0 = resp('SELECT', '0');

describe('parseAof', () => {
  const cases: [title: string, parts: string[], expected: unknown[]][] = [
    ['an empty file', [''], []],
    [
      'commands in their order, names in upper case',
      [SELECT_0 + resp('set', 'a', '1') + resp('INCR', 'b')],
      [
        { name: 'SET', args: ['a', '1'], order: 0, db: 0 },
        { name: 'INCR', args: ['b'], order: 1, db: 0 },
      ],
    ],
    [
      'the database of each command',
      [resp('SELECT', '3') + resp('INCR', 'a') + SELECT_0 + resp('INCR', 'a')],
      [
        { name: 'INCR', args: ['a'], order: 0, db: 3 },
        { name: 'INCR', args: ['a'], order: 1, db: 0 },
      ],
    ],
    [
      'several parts, each beginning with db 0',
      [resp('SELECT', '3') + resp('INCR', 'a'), resp('INCR', 'b')],
      [
        { name: 'INCR', args: ['a'], order: 0, db: 3 },
        { name: 'INCR', args: ['b'], order: 1, db: 0 },
      ],
    ],
    [
      'transactions, marked and without their wrappers',
      [
        resp('MULTI') + resp('INCR', 'a') + resp('INCR', 'b') + resp('EXEC') + resp('INCR', 'c'),
        resp('MULTI') + resp('INCR', 'd') + resp('EXEC'),
      ],
      [
        { name: 'INCR', args: ['a'], order: 0, db: 0, transaction: 0 },
        { name: 'INCR', args: ['b'], order: 1, db: 0, transaction: 0 },
        { name: 'INCR', args: ['c'], order: 2, db: 0 },
        { name: 'INCR', args: ['d'], order: 3, db: 0, transaction: 1 },
      ],
    ],
    [
      'annotation lines as nothing',
      ['#TS:1700000000\r\n' + resp('INCR', 'a') + '#TS:1700000001\r\n'],
      [{ name: 'INCR', args: ['a'], order: 0, db: 0 }],
    ],
    [
      'strings with line ends, with several bytes per character, and empty ones',
      [resp('SET', 'a\r\n*1\r\n', 'ä€') + resp('SET', 'b', '')],
      [
        { name: 'SET', args: ['a\r\n*1\r\n', 'ä€'], order: 0, db: 0 },
        { name: 'SET', args: ['b', ''], order: 1, db: 0 },
      ],
    ],
    [
      'a transaction without EXEC as not executed, as Redis does',
      [resp('INCR', 'a') + resp('MULTI') + resp('INCR', 'b')],
      [{ name: 'INCR', args: ['a'], order: 0, db: 0 }],
    ],
  ];
  for (const [title, parts, expected] of cases) {
    it(`reads ${title}`, () => {
      expect(parse(...parts)).to.deep.equal(expected);
    });
  }

  it('leaves out a last command that is truncated at any byte', () => {
    const whole = resp('INCR', 'a');
    const last = resp('SET', 'b', 'some\r\nvalue');
    for (let length = 0; length < last.length; length++) {
      expect(parse(whole + last.slice(0, length)), `after ${length} bytes`).to.have.lengthOf(1);
    }
    expect(parse(whole + last)).to.have.lengthOf(2);
  });

  it('leaves out a transaction whose last command is truncated', () => {
    const truncated = resp('MULTI') + resp('INCR', 'b') + resp('EXEC').slice(0, -3);
    expect(parse(resp('INCR', 'a') + truncated)).to.have.lengthOf(1);
  });

  it('refuses a truncated part that is not the last one', () => {
    expect(() => parse(resp('INCR', 'a').slice(0, -2), resp('INCR', 'b'))).to.throw('part-1 ends inside a command');
  });

  it('refuses an RDB preamble', () => {
    expect(() => parse('REDIS0011…')).to.throw('aof-use-rdb-preamble');
  });

  it('refuses what is not RESP and says where', () => {
    expect(() => parse(resp('INCR', 'a') + 'nonsense\r\n')).to.throw('part-1: expected *<length> at byte 21');
    for (const length of ['*\r\n', '*x\r\n', '*-1\r\n', '*1.5\r\n', '$1\r\n']) {
      expect(() => parse(length), length).to.throw('part-1: expected *<length> at byte 0');
    }
    expect(() => parse('*1\r\n$2\r\nab--')).to.throw('expected the end of a string');
    expect(() => parse('*1\r\n$2\r\nab\r-')).to.throw('expected the end of a string');
    expect(() => parse('*1\r\n$2\r\nab-\n')).to.throw('expected the end of a string');
  });
});
