import { expect } from 'chai';
import { TransactionGroup } from '../../lib/dispatch/transaction-group.ts';
import { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { WaitingLine } from '../../lib/dispatch/waiting-line.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { printAll, transaction, waiting } from './commands.ts';

describe('The deadline of commands that wait', () => {
  let clock: FakeClock;
  let expired: string[];
  let line: WaitingLine;

  beforeEach(() => {
    clock = new FakeClock();
    expired = [];
    line = lineWith(100);
  });

  function lineWith(deadlineMs: number | undefined): WaitingLine {
    const onExpired = (entries: WaitingCommand[]): void => {
      expired.push(`${printAll(entries).join(' ')} at ${clock.now() - 1_000}`);
    };
    return new WaitingLine({ clock, limits: { deadlineMs, maxCommands: 10, maxBytes: 1_000 }, onExpired });
  }

  function push(name: string): WaitingCommand {
    const entry = waiting(name);
    line.push(entry, 1);
    return entry;
  }

  it('ends the wait of each command at its own time', () => {
    push('f1');
    clock.advance(40);
    push('f2');
    push('f3');
    clock.advance(1_000);

    expect(expired).to.deep.equal(['f1 at 100', 'f2 f3 at 140']);
    expect(line.length).to.equal(0);
  });

  it('leaves those in the line that have time left', () => {
    push('f1');
    clock.advance(40);
    push('f2');
    clock.advance(60);

    expect(expired).to.deep.equal(['f1 at 100']);
    expect(printAll(line.takeAll())).to.deep.equal(['f2']);
  });

  it('does not exist when no limit is set', () => {
    line = lineWith(undefined);
    push('f1');

    expect(clock.timers).to.deep.equal([]);
    clock.advance(86_400_000);
    expect(line.length).to.equal(1);
  });

  it('keeps the process alive while somebody waits, and no longer', () => {
    push('f1');
    push('f2');
    expect(clock.timers).to.deep.equal([{ dueInMs: 100, keepAlive: true }]);
    line.takeHead();
    expect(clock.timers).to.have.length(1);
    line.takeHead();

    expect(clock.timers).to.deep.equal([]);
  });

  it('needs no timer any more when all are removed', () => {
    const f1 = push('f1');
    line.remove(new Set([f1]));

    expect(clock.timers).to.deep.equal([]);
  });

  describe('of a command that waits several times', () => {
    it('counts what it waited in all, and not what it spent in flight', () => {
      const f1 = push('f1');
      clock.advance(30);
      line.takeAll();
      expect(f1.waitedMs).to.equal(30);

      clock.advance(5_000);
      line.giveBack(f1);
      clock.advance(50);
      line.takeHead();
      expect(f1.waitedMs).to.equal(80);

      clock.advance(5_000);
      line.giveBack(f1);
      clock.advance(19);
      expect(expired).to.deep.equal([]);
      clock.advance(1);
      expect(expired).to.deep.equal(['f1 at 10100']);
    });

    it('ends its wait before that of a younger one that has more time left', () => {
      const f1 = push('f1');
      clock.advance(90);
      line.takeAll();
      push('f2');
      line.giveBack(f1);
      clock.advance(1_000);

      expect(expired).to.deep.equal(['f1 at 100', 'f2 at 190']);
    });

    it('ends at once when no time is left', () => {
      const f1 = push('f1');
      f1.waitedMs = 500;
      line.takeAll();
      line.giveBack(f1);

      clock.advance(0);

      expect(expired).to.deep.equal(['f1 at 0']);
    });
  });

  describe('of a transaction', () => {
    function giveBackTransaction(waitedMs = 0): TransactionGroup {
      const group = new TransactionGroup();
      group.commands.push(...transaction('set k 1'));
      const entries = group.commands.map((command) => new WaitingCommand(command, 'a', group));
      entries[0]!.waitedMs = waitedMs;
      for (const entry of entries) line.giveBack(entry);
      return group;
    }

    it('ends the wait of all its commands together', () => {
      giveBackTransaction();
      clock.advance(1_000);

      expect(expired).to.deep.equal(['multi set k 1 exec at 100']);
    });

    it('is that of its first command, even if the rest has more time left', () => {
      giveBackTransaction(60);
      push('f1');
      clock.advance(99);

      expect(expired).to.deep.equal(['multi set k 1 exec at 40']);
    });

    it('goes on while some of its members have been answered', () => {
      push('f1');
      clock.advance(50);
      const group = giveBackTransaction();
      for (const member of group.commands.slice(0, -1)) member.resolve(Buffer.from('QUEUED'));
      clock.advance(50);

      expect(expired).to.deep.equal(['f1 at 100']);
      expect(line.length).to.equal(3);
    });

    it('does not end the wait of another transaction', () => {
      giveBackTransaction();
      clock.advance(50);
      giveBackTransaction();
      clock.advance(50);

      expect(expired).to.deep.equal(['multi set k 1 exec at 100']);
      expect(line.length).to.equal(3);
    });
  });

  describe('that passes while the process stands still', () => {
    it('lets the sockets be read first', () => {
      push('f1');
      clock.freeze(60_000);
      expect(expired).to.deep.equal([]);

      clock.poll();

      expect(expired).to.deep.equal(['f1 at 60000']);
    });

    it('does not matter when a connection was there after all', () => {
      const f1 = push('f1');
      clock.freeze(60_000);

      line.takeAll();
      clock.poll();
      clock.advance(60_000);

      expect(expired).to.deep.equal([]);
      expect(f1.waitedMs).to.equal(60_000);
    });

    it('holds for those that come between', () => {
      push('f1');
      clock.freeze(60_000);
      line.takeAll();
      push('f2');
      clock.poll();
      clock.advance(99);
      expect(expired).to.deep.equal([]);
      clock.advance(1);

      expect(expired).to.deep.equal(['f2 at 60100']);
    });
  });

  describe('of a command whose caller has its answer already', () => {
    it('drops it when another one expires', () => {
      push('f1');
      clock.advance(50);
      push('f2').command.resolve(Buffer.from('OK'));
      push('f3');
      clock.advance(50);

      expect(expired).to.deep.equal(['f1 f2 at 100']);
      expect(printAll(line.takeAll())).to.deep.equal(['f3']);
    });
  });
});
