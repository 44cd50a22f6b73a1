import { list } from '@ioredis/commands';
import { expect } from 'chai';
import { isAdministration } from '../../lib/commands/administration.ts';

function administers(line: string): boolean {
  const [name = '', ...args] = line.split(' ');
  return isAdministration({ name, args });
}

const administration: readonly string[] = [
  ...['flushall', 'flushdb', 'swapdb 0 1', 'shutdown', 'config set a b', 'config get a', 'debug sleep 1'],
  ...['replicaof no one', 'slaveof no one', 'failover', 'acl list', 'cluster info', 'bgsave', 'bgrewriteaof', 'save'],
  ...['module list', 'latency doctor', 'slowlog get', 'sync', 'psync ? -1', 'migrate h 1 k 0 1', 'auth x'],
  ...['client kill id 3', 'client pause 100', 'client unpause', 'client unblock 3', 'script flush', 'script kill'],
  ...['function flush', 'function delete x', 'function kill', 'function restore x', 'function load x'],
];

const others: readonly string[] = [
  ...['get k', 'set k v', 'del k', 'ping', 'info', 'eval x 0', 'client id', 'client getname', 'client setname x'],
  ...['client list', 'client', 'script load x', 'script exists x', 'function list', 'function dump', 'fcall f 0'],
  ...['keys *', 'dbsize', 'publish c m', 'wait 1 0', 'unheard.of', 'set config x', ''],
];

describe('A command of administration', () => {
  for (const line of administration) {
    it(`is ${line}, in any case`, () => {
      expect(administers(line)).to.equal(true);
      expect(administers(line.toUpperCase())).to.equal(true);
    });
  }

  for (const line of others) {
    it(`is not ${JSON.stringify(line)}`, () => {
      expect(administers(line)).to.equal(false);
      expect(administers(line.toUpperCase())).to.equal(false);
    });
  }

  it('is recognized by a subcommand in a buffer', () => {
    expect(isAdministration({ name: 'client', args: [Buffer.from('KILL'), 'id', 3] })).to.equal(true);
  });

  it('is named only if the command table knows it', () => {
    const names = administration.map((line) => line.split(' ')[0]);

    expect(names.filter((name) => !list.includes(name ?? ''))).to.deep.equal([]);
  });
});

describe('A command with the name of a property that every object has', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    it(`is no administration: ${name}`, () => {
      expect(isAdministration({ name, args: [] })).to.equal(false);
    });
  }
});
