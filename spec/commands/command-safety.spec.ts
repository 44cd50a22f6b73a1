import { hasFlag, list } from '@ioredis/commands';
import { expect } from 'chai';
import fc from 'fast-check';
import { type CommandShape, SAFETY_TABLE, commandSafety } from '../../lib/commands/command-safety.ts';
import { classifyBy } from '../../lib/commands/declared-commands.ts';
import type { Safety } from '../../lib/commands/retry-decision.ts';

function shape(line: string): CommandShape {
  const [name = '', ...args] = line.split(' ');
  return { name, args };
}

const classes: Readonly<Record<Safety, readonly string[]>> = {
  'read-only': [
    ...['get k', 'mget a b', 'exists k', 'ttl k', 'hgetall h', 'lrange l 0 -1', 'smembers s', 'zrange z 0 -1'],
    ...['scan 0', 'hscan h 0', 'xrange x - +', 'xread streams x 0', 'keys *', 'type k', 'dump k', 'strlen k'],
    ...['sort_ro l', 'eval_ro script 0', 'evalsha_ro sha 0', 'fcall_ro f 0', 'bitfield_ro k', 'georadius_ro g 1 1 1 m'],
    ...['ping', 'ping hello', 'echo x', 'time', 'info', 'info replication', 'dbsize', 'lastsave', 'command', 'role'],
    ...['watch k', 'unwatch', 'randomkey', 'srandmember s', 'sort l', 'sort l by store get store limit 0 1', 'getex k'],
    ...['hgetex h fields 1 f', 'bitfield k get u8 0', 'georadius g 1 1 1 m', 'georadiusbymember store m 1 m asc'],
    ...['object encoding k', 'memory usage k', 'xinfo stream x', 'pubsub channels', 'client id', 'client LIST'],
    ...['script exists a', 'function list', 'json.get k', 'ft.search i q', 'ft.aggregate i q', 'bf.exists k i'],
    ...['cf.count k i', 'cms.query k i', 'topk.list k', 'tdigest.min k', 'ts.range k - +'],
  ],
  'effect-and-reply': [
    ...['set k v', 'set k v EX 10', 'set k v px 10', 'set k v KEEPTTL', 'set k v EXAT 1', 'set nx xx', 'set get get'],
    ...['mset a 1 b 2', 'setex k 10 v', 'psetex k 10 v', 'hmset h f v', 'select 3'],
    ...[
      'msetex 2 a 1 b 2 ex 9',
      'json.set k $ 1',
      'json.mset k $ 1',
      'xreadgroup group g c streams x 0',
      'script load x',
    ],
    ...['client setname x', 'tdigest.reset k'],
  ],
  effect: [
    ...['del k', 'del a b', 'unlink k', 'persist k', 'expire k 10', 'pexpire k 10', 'expireat k 9', 'pexpireat k 9'],
    ...['sadd s m', 'sadd s nx', 'srem s m', 'hset h f v', 'hset h nx v', 'hdel h f', 'zrem z m', 'zadd z 1 m'],
    ...['zadd nx 1 m', 'zadd z 1 a 2 b', 'pfadd p e', 'expire nx 10', 'ltrim l 0 9', 'ltrim l 0 0'],
    ...[
      'zadd z ch 1 m',
      'zadd z 1 nx',
      'setrange k 0 v',
      'setbit k 1 1',
      'getex k ex 9',
      'getex k persist',
      'smove a b m',
    ],
    ...['bitop and d a b', 'bitfield k set u8 0 1', 'copy a b replace', 'restore k 0 x replace', 'sort l store d'],
    ...[
      'sort l by x get store store d',
      'hsetex h fields 1 f v',
      'hgetex h ex 9 fields 1 f',
      'hexpire h 9 fields 1 nx',
    ],
    ...['hpersist h fields 1 f', 'lrem l 0 v', 'sinterstore d a b', 'sunionstore a a b', 'zunionstore d 2 a b'],
    ...['zrangestore d s 0 -1', 'zremrangebyscore z 0 1', 'geoadd g 1 1 nx', 'geosearchstore d s', 'pfmerge d a'],
    ...['georadius g 1 1 1 m store d', 'georadiusbymember g m 1 m storedist d', 'delex k', 'xack x g 1', 'xdel x 1'],
    ...['xadd x 1-1 f v', 'xadd x nomkstream maxlen ~ 9 1-1 f *', 'xadd x idmp p i * f v', 'xtrim x maxlen 9'],
    ...['xgroup destroy x g', 'vadd v values 1 1 e', 'json.del k', 'bf.add k i', 'cf.addnx k i', 'ts.del k 0 9'],
    ...['ts.add k 1 2 on_duplicate last', 'ft.sugadd k s 1', 'ft.cursor del i 1'],
  ],
  message: ['publish c m', 'spublish c m'],
  'other-write': [
    ...['incr k', 'decr k', 'incrby k 2', 'incrbyfloat k 2', 'hincrby h f 1', 'zincrby z 1 m', 'append k v'],
    ...['lpush l v', 'rpush l v', 'lpop l', 'rpop l', 'lmove a b left right', 'blpop l 0', 'spop s', 'zpopmin z'],
    ...['xadd x * f v', 'xreadgroup group g c streams x >', 'getset k v', 'getdel k'],
    ...['setnx k v', 'msetnx a 1', 'hsetnx h f v', 'rename a b', 'copy a b', 'move k 1', 'lset l 0 v'],
    ...['eval script 0', 'evalsha sha 0', 'fcall f 0', 'multi', 'exec', 'wait 1 100', 'waitaof 1 0 100'],
    ...['flushall', 'flushdb', 'config set a b', 'client pause 1', 'script flush', 'swapdb 0 1', 'sort l store l'],
    ...['ltrim l 1 9', 'ltrim l 0 -1', 'ltrim l 0 -2', 'ltrim l -5 -1', 'ltrim l 0', 'ltrim l', 'ltrim l 0 x'],
    ...['bitop xor a a b', 'bitfield k set u8 0 1 incrby u8 0 1', 'restore k 0 x', 'lrem l 1 v', 'zunionstore a 2 a b'],
    ...[
      'zrangestore a a 1 2',
      'geosearchstore a a',
      'georadius g 1 1 1 m store g',
      'zremrangebyrank z 0 1',
      'xadd x 1-* f v',
    ],
    ...[
      'hsetex h fnx fields 1 f v',
      'hexpire h 9 nx fields 1 f',
      'geoadd g nx 1 1 m',
      'msetex 1 a 1 nx',
      'delex k ifeq v',
    ],
    ...['xgroup create x g 0', 'xreadgroup group g c streams x y 0 >', 'xautoclaim x g c 0 0', 'xclaim x g c 0 1'],
    ...[
      'ft.aggregate i q withcursor',
      'ft.cursor read i 1',
      'ft.create i',
      'json.set k $ 1 nx',
      'cf.add k i',
      'cms.incrby k i 1',
    ],
    ...[
      'ts.add k * 2 on_duplicate last',
      'ts.add k 1 2',
      'ts.incrby k 1',
      'topk.add k i',
      'tdigest.add k 1',
      'memory purge',
    ],
    ...['client pause 1', 'client caching yes', 'function load x', 'ft.sugadd k s 1 incr', 'json.arrappend k $ 1'],
    ...['unheard.of k', 'json.numincrby k $ 1', 'constructor', '__proto__', ''],
  ],
};

const conditional: Readonly<Record<string, readonly string[]>> = {
  'set k v': ['nx', 'xx', 'get', 'ifeq x', 'ifne x', 'ifdeq x', 'ifdne x', 'EX 10 nx', 'px 10 get', 'keepttl xx'],
  'expire k 10': ['nx', 'xx', 'gt', 'lt'],
  'pexpire k 10': ['nx', 'xx', 'gt', 'lt'],
  'expireat k 10': ['nx', 'xx', 'gt', 'lt'],
  'pexpireat k 10': ['nx', 'xx', 'gt', 'lt'],
};

function randomCase(text: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => Array.from(text, (char, i) => (upper[i] === true ? char.toUpperCase() : char)).join(''));
}

describe('The safety class of a command', () => {
  for (const [safety, lines] of Object.entries(classes)) {
    describe(safety, () => {
      for (const line of lines) {
        it(`is that of ${JSON.stringify(line)}`, () => expect(commandSafety(shape(line))).to.equal(safety));
      }
    });
  }

  describe('when an option makes the repetition meet its own first execution', () => {
    for (const [line, options] of Object.entries(conditional)) {
      for (const option of options) {
        it(`is "other-write" for ${line} ${option}, in any case`, () => {
          fc.assert(
            fc.property(randomCase(option), (written) => {
              expect(commandSafety(shape(`${line} ${written}`))).to.equal('other-write');
            }),
            { numRuns: 10 },
          );
        });
      }
    }

    for (const line of ['zadd z nx 1 m', 'zadd z XX 1 m', 'zadd z gt 1 m', 'zadd z Lt 1 m']) {
      it(`is "other-write" for ${line}`, () => expect(commandSafety(shape(line))).to.equal('other-write'));
    }

    it('is "other-write" for ZADD INCR, wherever the option stands', () => {
      expect(commandSafety(shape('zadd z incr 1 m'))).to.equal('other-write');
      expect(commandSafety(shape('ZADD z CH INCR 1 m'))).to.equal('other-write');
    });

    it('sees options that are buffers', () => {
      const args = ['k', 'v', Buffer.from('Nx')];

      expect(commandSafety({ name: 'set', args })).to.equal('other-write');
    });

    it('does not take the key or the value for an option', () => {
      expect(commandSafety({ name: 'set', args: [Buffer.from('get'), Buffer.from('nx')] })).to.equal(
        'effect-and-reply',
      );
    });
  });

  describe('of LTRIM', () => {
    it('reads numbers, strings and buffers alike', () => {
      expect(commandSafety({ name: 'ltrim', args: ['l', 0, 9] })).to.equal('effect');
      expect(commandSafety({ name: 'ltrim', args: ['l', Buffer.from('0'), Buffer.from('9')] })).to.equal('effect');
      expect(commandSafety({ name: 'ltrim', args: ['l', 1, 9] })).to.equal('other-write');
    });
  });

  describe('of a script that the user declared read-only', () => {
    it('is "read-only", whatever its command is flagged as', () => {
      for (const name of ['eval', 'evalsha', 'fcall']) {
        expect(commandSafety({ name, args: ['x', 0], isReadOnly: true })).to.equal('read-only');
      }
    });

    it('is not "read-only" when the declaration is missing or false', () => {
      expect(commandSafety({ name: 'evalsha', args: ['x', 0], isReadOnly: false })).to.equal('other-write');
      expect(commandSafety({ name: 'evalsha', args: ['x', 0], isReadOnly: undefined })).to.equal('other-write');
    });
  });

  it('is that which the application declares, by name or by name and first argument', () => {
    const classify = classifyBy({
      'my.add': 'effect',
      'FCALL my_Read': 'read-only',
      fcall: 'effect-and-reply',
      set: 'other-write',
    });
    const classOf = (line: string): Safety => classify(shape(line));

    expect(['MY.ADD k', 'fcall my_read 0', 'FCALL other 0', 'set k v', 'get k'].map(classOf)).to.deep.equal([
      ...['effect', 'read-only', 'effect-and-reply', 'other-write', 'read-only'],
    ]);
    expect(classOf('constructor')).to.equal('other-write');
  });

  it('is "read-only" for every command that the command table flags so', () => {
    const flagged = list.filter((name) => hasFlag(name, 'readonly'));

    expect(flagged).to.have.length.above(80);
    expect(flagged.filter((name) => commandSafety({ name, args: ['k'] }) !== 'read-only')).to.deep.equal([]);
  });

  it('does not depend on how the name is written', () => {
    const lines = Object.values(classes).flat();
    const written = fc.constantFrom(...lines).chain((line) => {
      const { name, args } = shape(line);
      return randomCase(name).map((cased) => ({ line, command: { name: cased, args } }));
    });

    fc.assert(
      fc.property(written, ({ line, command }) => {
        expect(commandSafety(command)).to.equal(commandSafety(shape(line)));
      }),
    );
  });

  it('is "other-write" for whatever the command table does not know', () => {
    const known = new Set([...list, ...SAFETY_TABLE.flatMap(([names]) => names.split(' '))]);
    const unknown = fc.string().filter((name) => !known.has(name.toLowerCase()));

    fc.assert(
      fc.property(unknown, fc.array(fc.string()), (name, args) => {
        expect(commandSafety({ name, args })).to.equal('other-write');
      }),
    );
  });
});
