import { expect } from 'chai';
import { Command } from 'ioredis';
import { commandKeys } from '../../lib/commands/command-keys.ts';

function keysOf(line: string): string[] | undefined {
  const [name = '', ...args] = line.split(' ');
  return commandKeys(new Command(name, args));
}

const cases: readonly (readonly [line: string, keys: readonly string[]])[] = [
  ['get k', ['k']],
  ['GET k', ['k']],
  ['mget a b c', ['a', 'b', 'c']],
  ['mset a 1 b 2', ['a', 'b']],
  ['set k v', ['k']],
  ['del a b', ['a', 'b']],
  ['eval return 2 a b x', ['a', 'b']],
  ['eval return 1 a x', ['a']],
  ['xread count 2 streams s t 0 0', ['s', 't']],
  ['blpop a b 0', ['a', 'b']],
  ['rename a b', ['a', 'b']],
  ['zunionstore d 2 a b', ['d', 'a', 'b']],
  ['publish c m', ['channel c']],
  ['SPUBLISH c m', ['channel c']],
];

const touchesNothing: readonly string[] = [
  ...['ping', 'echo x', 'time', 'info', 'role', 'command', 'lastsave', 'client id', 'config get a', 'auth p'],
  ...['wait 1 0', 'waitaof 1 0 0', 'script load x', 'latency doctor', 'slowlog get'],
  'memory doctor',
];

const touchesAny: readonly string[] = [
  ...['flushall', 'flushdb', 'keys *', 'scan 0', 'dbsize', 'randomkey', 'swapdb 0 1', 'eval return 0', 'fcall f 0'],
  ...['multi', 'exec', 'unheard.of k'],
];

describe('The keys that a command touches', () => {
  for (const [line, keys] of cases) {
    it(`are ${keys.join(', ')} for ${line}`, () => expect(keysOf(line)).to.deep.equal(keys));
  }

  it('are told as text when they are buffers, equal to those of the same bytes', () => {
    const binary = Buffer.from([0xff, 0x00, 0x6b]);

    expect(commandKeys(new Command('get', [Buffer.from('k')]))).to.deep.equal(['k']);
    for (const name of ['get', 'publish']) {
      expect(commandKeys(new Command(name, ['é']))).to.deep.equal(commandKeys(new Command(name, [Buffer.from('é')])));
    }
    expect(commandKeys(new Command('get', [binary]))).to.deep.equal([binary.toString('latin1')]);
    expect(commandKeys(new Command('get', [binary]))).not.to.deep.equal(
      commandKeys(new Command('get', [Buffer.from([0xfe, 0x00, 0x6b])])),
    );
  });

  it('include the prefix of the client', () => {
    expect(commandKeys(new Command('get', ['k'], { keyPrefix: 'app:' }))).to.deep.equal(['app:k']);
  });

  describe('when it touches no data', () => {
    for (const line of touchesNothing) {
      it(`are none for ${line}, in any case`, () => {
        expect(keysOf(line)).to.deep.equal([]);
        expect(keysOf(line.toUpperCase())).to.deep.equal([]);
      });
    }
  });

  describe('when it may touch any', () => {
    for (const line of touchesAny) {
      it(`are unknown for ${line}`, () => expect(keysOf(line)).to.equal(undefined));
    }
  });

  it('are unknown when the command table cannot read the arguments', () => {
    const unreadable = {
      name: 'ping',
      args: [],
      getKeys: (): string[] => {
        throw new Error('cannot be read');
      },
    };

    expect(commandKeys(unreadable)).to.equal(undefined);
  });
});

describe('SELECT', () => {
  it('may touch any key: what follows it goes to another database', () => {
    expect(commandKeys(new Command('select', ['3']))).to.equal(undefined);
  });
});
