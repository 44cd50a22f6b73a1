import { expect } from 'chai';
import { TransactionGroup } from '../../lib/dispatch/transaction-group.ts';
import { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { WaitingLine, type LineLimits } from '../../lib/dispatch/waiting-line.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { printAll, transaction, waiting } from './commands.ts';

function entriesOf(lines: string): WaitingCommand[] {
  return lines.split(' ').map((name) => waiting(name));
}

function transactionOf(...members: string[]): WaitingCommand[] {
  const group = new TransactionGroup();
  group.commands.push(...transaction(...members));
  return group.commands.map((command) => new WaitingCommand(command, 'a', group));
}

describe('The line of commands that wait', () => {
  let clock: FakeClock;
  let line: WaitingLine;

  beforeEach(() => {
    clock = new FakeClock();
    line = lineWith();
  });

  function lineWith(limits: Partial<LineLimits> = {}): WaitingLine {
    const onExpired = (): void => expect.fail('nothing expires');
    return new WaitingLine({
      clock,
      limits: { deadlineMs: undefined, maxCommands: 3, maxBytes: 100, ...limits },
      onExpired,
    });
  }

  function push(lines: string, bytes = 1): WaitingCommand[] {
    const entries = entriesOf(lines);
    for (const entry of entries) line.push(entry, bytes);
    return entries;
  }

  function giveBack(lines: string): WaitingCommand[] {
    const entries = entriesOf(lines);
    for (const entry of entries) line.giveBack(entry);
    return entries;
  }

  function takeAll(): string {
    return printAll(line.takeAll()).join(' ');
  }

  it('is empty at first', () => {
    expect(line.length).to.equal(0);
    expect(line.head).to.equal(undefined);
    expect(line.takeHead()).to.deep.equal([]);
    expect(line.takeAll()).to.deep.equal([]);
  });

  describe('in order', () => {
    it('keeps new commands as they came', () => {
      push('f1 f2 f3');

      expect(line.length).to.equal(3);
      expect(takeAll()).to.equal('f1 f2 f3');
      expect(line.length).to.equal(0);
    });

    it('puts commands that come back before new ones, as they were sent', () => {
      push('f1 f2');
      giveBack('r1 r2 r3');
      push('f3');

      expect(printAll([line.head!])).to.deep.equal(['r1']);
      expect(takeAll()).to.equal('r1 r2 r3 f1 f2 f3');
    });

    it('puts the head that comes back after a trial before the rest', () => {
      giveBack('r1 r2 r3');
      const [head] = line.takeHead();

      line.giveBack(head!);

      expect(takeAll()).to.equal('r1 r2 r3');
    });

    it('puts a new head that comes back after a trial before the rest', () => {
      push('f1 f2');
      const [head] = line.takeHead();

      line.giveBack(head!);

      expect(takeAll()).to.equal('f1 f2');
    });

    it('puts the head that could not be written in a trial before the rest, with its transaction', () => {
      giveBack('r1 r2 r3');
      for (const head of [...line.takeHead(), ...line.takeHead()]) line.putBack(head);

      expect(takeAll()).to.equal('r1 r2 r3');
    });

    it('puts what comes back later, and was sent before, in front of what could not be written', () => {
      giveBack('r1 r2 r3');
      push('f1');
      const inFlight = line.takeHead();
      for (const entry of line.takeHead()) line.putBack(entry);
      for (const entry of inFlight) line.giveBack(entry);

      expect(takeAll()).to.equal('r1 r2 r3 f1');
    });

    it('puts what could not be written behind what came back from the same sending', () => {
      push('f1 f2 f3');
      const [first, second, third] = line.takeAll() as [WaitingCommand, WaitingCommand, WaitingCommand];
      line.putBack(second);
      line.giveBack(first);
      line.putBack(third);

      expect(takeAll()).to.equal('f1 f2 f3');
    });

    it('puts everything that comes back after it was taken before what came meanwhile', () => {
      giveBack('r1 r2');
      push('f1');
      const taken = line.takeAll();
      push('f2');

      for (const entry of taken) line.giveBack(entry);

      expect(takeAll()).to.equal('r1 r2 f1 f2');
    });

    it('puts what comes back late, from the same sending, behind what came back before', () => {
      giveBack('r1');
      push('f1');
      giveBack('r2');
      push('f2');

      expect(takeAll()).to.equal('r1 r2 f1 f2');
    });

    it('takes the head alone when it belongs to no transaction', () => {
      giveBack('r1 r2');
      push('f1');

      expect(printAll(line.takeHead())).to.deep.equal(['r1']);
      expect(printAll(line.takeHead())).to.deep.equal(['r2']);
      expect(printAll(line.takeHead())).to.deep.equal(['f1']);
    });

    it('takes the head with the rest of its transaction', () => {
      for (const entry of transactionOf('set k 1', 'get k')) line.giveBack(entry);
      for (const entry of transactionOf('set l 2')) line.giveBack(entry);
      giveBack('r1');

      expect(printAll(line.takeHead())).to.deep.equal(['multi', 'set k 1', 'get k', 'exec']);
      expect(printAll(line.takeHead())).to.deep.equal(['multi', 'set l 2', 'exec']);
      expect(printAll(line.takeHead())).to.deep.equal(['r1']);
    });
  });

  describe('in pieces', () => {
    it('takes so many at most: those that came back first, then new ones', () => {
      giveBack('r1 r2 r3');
      push('f1 f2');

      expect(printAll(line.first(2))).to.deep.equal(['r1', 'r2']);
      expect([2, 2, 2, 2].map((most) => printAll(line.take(most)).join(' '))).to.deep.equal([
        'r1 r2',
        'r3',
        'f1 f2',
        '',
      ]);
    });

    it('splits no transaction', () => {
      giveBack('r1');
      for (const entry of transactionOf('set k 1', 'get k')) line.giveBack(entry);
      giveBack('r2');

      expect(printAll(line.take(3))).to.deep.equal(['r1', 'multi', 'set k 1', 'get k', 'exec']);
      expect(takeAll()).to.equal('r2');
    });

    it('puts those of a piece that come back before the rest', () => {
      giveBack('r1 r2 r3 r4');
      for (const entry of line.take(2)) line.giveBack(entry);
      expect(takeAll()).to.equal('r1 r2 r3 r4');

      push('f1 f2 f3');
      for (const entry of line.take(2)) line.putBack(entry);
      expect(takeAll()).to.equal('f1 f2 f3');
    });
  });

  describe('with limits', () => {
    it('has room for so many commands', () => {
      push('f1 f2');
      expect(line.hasRoomFor(1)).to.equal(true);
      push('f3');
      expect(line.hasRoomFor(0)).to.equal(false);
    });

    it('has room for so many bytes', () => {
      push('f1', 60);

      expect(line.hasRoomFor(40)).to.equal(true);
      expect(line.hasRoomFor(41)).to.equal(false);
    });

    it('does not count commands that come back, so that they always have room', () => {
      giveBack('r1 r2 r3 r4 r5');

      expect(line.hasRoomFor(100)).to.equal(true);
    });

    it('does not count them down either', () => {
      giveBack('r1 r2');
      line.takeAll();
      push('f1 f2 f3');

      expect(line.hasRoomFor(1)).to.equal(false);
    });

    it('counts a command once, and no more after it left', () => {
      push('f1 f2 f3', 30);
      const taken = line.takeAll();
      expect(line.hasRoomFor(100)).to.equal(true);
      for (const entry of taken) line.giveBack(entry);
      expect(line.hasRoomFor(100)).to.equal(true);
      line.takeAll();

      expect(line.hasRoomFor(100)).to.equal(true);
      expect(line.hasRoomFor(101)).to.equal(false);
    });

    it('counts down for every way out', () => {
      const [f1] = push('f1 f2 f3', 30);

      line.remove(new Set([f1!]));
      expect([line.hasRoomFor(40), line.hasRoomFor(41)]).to.deep.equal([true, false]);
      line.takeHead();
      expect([line.hasRoomFor(70), line.hasRoomFor(71)]).to.deep.equal([true, false]);
    });
  });

  describe('from which commands are removed', () => {
    it('keeps the order of the others', () => {
      const [r1, , r3] = giveBack('r1 r2 r3');
      const [, f2] = push('f1 f2 f3');

      line.remove(new Set([r1!, r3!, f2!]));

      expect(line.length).to.equal(3);
      expect(takeAll()).to.equal('r2 f1 f3');
    });

    it('still knows where the next command that comes back belongs', () => {
      giveBack('r1 r2 r3');
      const [head] = line.takeHead();
      line.giveBack(head!);
      line.remove(new Set([head!]));

      giveBack('r4');

      expect(takeAll()).to.equal('r4 r2 r3');
    });

    it('does not mind commands that are not in it', () => {
      push('f1');

      line.remove(new Set(entriesOf('x y')));

      expect(takeAll()).to.equal('f1');
    });
  });
});
