import { expect } from 'chai';
import fc from 'fast-check';
import { HeldKeys } from '../../lib/dispatch/held-keys.ts';
import { TransactionGroup } from '../../lib/dispatch/transaction-group.ts';
import { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { command, parse, printAll, transaction, waiting } from './commands.ts';

function held(...lines: string[]): { keys: HeldKeys; entries: WaitingCommand[] } {
  const keys = new HeldKeys();
  const entries = lines.map((line) => waiting(line));
  for (const entry of entries) keys.add(entry);
  return { keys, entries };
}

function heldTransaction(...members: string[]): WaitingCommand {
  const group = new TransactionGroup();
  group.commands.push(...transaction(...members));
  return new WaitingCommand(group.commands.at(-1)!, 'a', group);
}

const cases: readonly (readonly [held: readonly string[], later: string, shares: readonly string[]])[] = [
  [[], 'get k', []],
  [['set k 1'], 'get k', ['set k 1']],
  [['set k 1'], 'get l', []],
  [['set k 1', 'set l 1', 'incr k'], 'get k', ['set k 1', 'incr k']],
  [['set k 1', 'set l 1', 'set m 1'], 'mget k m x', ['set k 1', 'set m 1']],
  [['mset k 1 l 2'], 'mget k l', ['mset k 1 l 2']],
  [['set k 1', 'set l 1'], 'flushall', ['set k 1', 'set l 1']],
  [['set k 1', 'set l 1'], 'unheard.of', ['set k 1', 'set l 1']],
  [['flushall', 'set l 1'], 'get k', ['flushall']],
  [['flushall', 'set k 1'], 'get k', ['flushall', 'set k 1']],
  [['set k 1', 'flushall'], 'ping', []],
  [['publish c m'], 'flushall', ['publish c m']],
  [['publish c m'], 'get k', []],
  [['publish c m', 'publish d m', 'set c 1'], 'publish c n', ['publish c m']],
];

describe('The keys of refused commands', () => {
  for (const [lines, later, shares] of cases) {
    it(`are shared by ${later} with [${shares.join(', ')}] of [${lines.join(', ')}]`, () => {
      expect(printAll(held(...lines).keys.sharing(parse(later)))).to.have.members(shares);
    });
  }

  it('are the same as a string and as a buffer', () => {
    const { keys } = held('set k 1');

    expect(keys.sharing(command('get', Buffer.from('k')))).to.have.length(1);
  });

  it('name a command once, however many keys are shared', () => {
    expect(held('mset a 1 b 2 c 3').keys.sharing(parse('mget a b c'))).to.have.length(1);
  });

  describe('of a transaction', () => {
    it('are those of all its members', () => {
      const entry = heldTransaction('set k 1', 'incr l');
      const keys = new HeldKeys();
      keys.add(entry);

      expect(keys.sharing(parse('get k'))).to.deep.equal([entry]);
      expect(keys.sharing(parse('get l'))).to.deep.equal([entry]);
      expect(keys.sharing(parse('get m'))).to.deep.equal([]);
    });

    it('are any when those of a member are unknown', () => {
      const entry = heldTransaction('set k 1', 'keys *');
      const keys = new HeldKeys();
      keys.add(entry);

      expect(keys.sharing(parse('get m'))).to.deep.equal([entry]);
    });

    it('are looked up by those of all its members', () => {
      const { keys } = held('set k 1', 'set l 1', 'set m 1');
      const commands = transaction('get k', 'get l');

      expect(printAll(keys.sharing(commands.at(-1)!, commands))).to.have.members(['set k 1', 'set l 1']);
      expect(keys.sharing(commands.at(-1)!, transaction('ping'))).to.deep.equal([]);
      expect(keys.sharing(commands.at(-1)!, transaction('get x', 'flushdb'))).to.have.length(3);
    });
  });

  describe('of which some are not held any more', () => {
    it('are shared with the others only', () => {
      const { keys, entries } = held('set k 1', 'set k 2', 'flushall');
      keys.delete([entries[0]!, entries[2]!]);

      expect(keys.sharing(parse('get k'))).to.deep.equal([entries[1]]);
      expect(keys.sharing(parse('get l'))).to.deep.equal([]);
      expect(keys.sharing(parse('keys *'))).to.deep.equal([entries[1]]);
    });
  });

  it('are found as by comparing every pair of commands', () => {
    const keyed = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
    const keysOfCommand = fc.oneof({ weight: 5, arbitrary: keyed }, fc.constant(undefined));
    const lineOf = (keys: readonly string[] | undefined): string =>
      keys === undefined ? 'flushdb' : `del ${keys.join(' ')}`;

    fc.assert(
      fc.property(fc.array(keysOfCommand), keysOfCommand, (all, later) => {
        const { keys, entries } = held(...all.map(lineOf));
        const expected = entries.filter((_entry, i) => {
          const its = all[i];
          return its === undefined || later === undefined || its.some((key) => later.includes(key));
        });

        expect(keys.sharing(parse(lineOf(later)))).to.have.members(expected);
      }),
    );
  });
});
