import { expect } from 'chai';
import { TransactionGroup, TransactionLedger, isExec } from '../../lib/dispatch/transaction-group.ts';
import { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import type { IoredisCommand, PipelineStream } from '../../lib/ioredis-internals/types.ts';
import { outcomeOf, parse, print, replyError, stream, transaction } from './commands.ts';

function groupOf(...members: string[]): TransactionGroup {
  const group = new TransactionGroup();
  group.commands.push(...transaction(...members));
  return group;
}

function lines(group: TransactionGroup | undefined): string[] | undefined {
  return group?.commands.map(print);
}

describe('A transaction', () => {
  describe('as a whole', () => {
    const classes: readonly (readonly [members: readonly string[], safety: string])[] = [
      [[], 'read-only'],
      [['get k', 'mget a b'], 'read-only'],
      [['get k', 'set k 1'], 'effect-and-reply'],
      [['set k 1', 'del k'], 'effect'],
      [['del k', 'set k 1', 'get k', 'incr k'], 'other-write'],
      [['set k 1 nx'], 'other-write'],
      [['unheard.of'], 'other-write'],
    ];

    for (const [members, safety] of classes) {
      it(`of [${members.join(', ')}] is "${safety}", as its least repeatable member`, () => {
        expect(groupOf(...members).safety).to.equal(safety);
      });
    }

    it('ends with EXEC, if it was sent already', () => {
      const group = groupOf('set k 1');
      const exec = group.commands.at(-1);

      expect(group.exec).to.equal(exec);
      group.commands.pop();
      expect(group.exec).to.equal(undefined);
    });

    it('has its commands and no others, also when more of them come', () => {
      const group = groupOf('set k 1');
      const late = parse('get k');
      expect(group.commands.every((member) => group.has(member))).to.equal(true);
      expect(group.has(late)).to.equal(false);
      group.commands.push(late);

      expect(group.has(late)).to.equal(true);
    });
  });

  describe('of which a member was refused', () => {
    function withHeldMember(): { group: TransactionGroup; member: IoredisCommand; exec: IoredisCommand; error: Error } {
      const group = groupOf('set k 1', 'get k');
      const member = group.commands[1]!;
      const error = replyError('READONLY no');
      group.hold(new WaitingCommand(member, 'a', group), error);
      return { group, member, exec: group.exec!, error };
    }

    it('keeps the refusal from the caller', async () => {
      const { group, member } = withHeldMember();

      expect(group.held).to.have.length(1);
      expect(await outcomeOf(member)).to.equal('pending');
    });

    it('hands it over once EXEC is answered', async () => {
      const { group, member, error } = withHeldMember();

      group.releaseHeld();

      expect(await outcomeOf(member)).to.equal(error);
      expect(group.held).to.deep.equal([]);
    });

    it('hands it over when EXEC succeeds all the same, so that nobody waits for ever', async () => {
      const { member, exec, error } = withHeldMember();

      exec.resolve([]);

      expect(await outcomeOf(member)).to.equal(error);
      expect(await outcomeOf(exec)).to.deep.equal([]);
    });

    it('forgets it for the next attempt', async () => {
      const { group, member, exec } = withHeldMember();
      group.hasAnsweredError = true;
      group.resetForNextAttempt();
      expect(group.hasAnsweredError).to.equal(false);

      exec.resolve(['OK', '1']);

      expect(await outcomeOf(member)).to.equal('pending');
      expect(await outcomeOf(exec)).to.deep.equal(['OK', '1']);
    });

    it('holds further refusals until EXEC as well', async () => {
      const { group, member, exec, error } = withHeldMember();
      const other = new WaitingCommand(group.commands[2]!, 'a', group);
      const otherError = replyError('READONLY neither');
      group.hold(other, otherError);

      exec.resolve([]);

      expect(await outcomeOf(member)).to.equal(error);
      expect(await outcomeOf(other.command)).to.equal(otherError);
    });
  });

  it('is ended by EXEC in any case', () => {
    for (const name of ['exec', 'EXEC', 'Exec']) expect(isExec(parse(name))).to.equal(true);
    for (const name of ['execute', 'multi', 'exe', 'discard']) expect(isExec(parse(name))).to.equal(false);
  });
});

describe('The ledger of transactions', () => {
  let ledger: TransactionLedger;
  let pipeline: PipelineStream;

  beforeEach(() => {
    ledger = new TransactionLedger();
    pipeline = stream();
  });

  function note(commands: readonly IoredisCommand[], on = pipeline): readonly IoredisCommand[] {
    for (const command of commands) ledger.note(command, on);
    return commands;
  }

  it('remembers a transaction from MULTI to EXEC', () => {
    const commands = note(transaction('set k 1', 'get k'));

    for (const command of commands) {
      expect(lines(ledger.groupOf(command, pipeline))).to.deep.equal(['multi', 'set k 1', 'get k', 'exec']);
    }
  });

  it('knows nothing of what was sent by itself, or by another pipeline', () => {
    const [multi] = note(transaction('set k 1'));

    expect(ledger.groupOf(parse('get k'), pipeline)).to.equal(undefined);
    expect(ledger.groupOf(multi!, undefined)).to.equal(undefined);
    expect(ledger.groupOf(multi!, stream())).to.equal(undefined);
  });

  it('keeps several transactions of one pipeline apart', () => {
    const first = note(transaction('set k 1'));
    const second = note(transaction('set l 2', 'get l'));

    expect(lines(ledger.groupOf(first[1]!, pipeline))).to.deep.equal(['multi', 'set k 1', 'exec']);
    expect(lines(ledger.groupOf(second[1]!, pipeline))).to.deep.equal(['multi', 'set l 2', 'get l', 'exec']);
    expect(ledger.groupOf(first[0]!, pipeline)).not.to.equal(ledger.groupOf(second[0]!, pipeline));
  });

  it('keeps transactions of several pipelines apart', () => {
    const other = stream();
    const first = note(transaction('set k 1'));
    const second = note(transaction('set l 2'), other);

    expect(lines(ledger.groupOf(first[0]!, pipeline))).to.deep.equal(['multi', 'set k 1', 'exec']);
    expect(lines(ledger.groupOf(second[0]!, other))).to.deep.equal(['multi', 'set l 2', 'exec']);
    expect(ledger.groupOf(second[0]!, pipeline)).to.equal(undefined);
  });

  it('begins a new transaction when a pipeline ended without EXEC', () => {
    const open = note(transaction('set k 1').slice(0, -1));
    const other = stream();
    const next = note(transaction('set l 2'), other);

    expect(lines(ledger.groupOf(open[0]!, pipeline))).to.deep.equal(['multi', 'set k 1']);
    expect(lines(ledger.groupOf(next[0]!, other))).to.deep.equal(['multi', 'set l 2', 'exec']);
  });

  it('begins a new transaction with MULTI behind a DISCARD', () => {
    const discarded = [parse('multi'), parse('set k 1'), parse('discard')];
    for (const command of discarded) command.inTransaction = true;
    note(discarded);
    const next = note(transaction('set l 2'));

    expect(lines(ledger.groupOf(discarded[2]!, pipeline))).to.deep.equal(['multi', 'set k 1', 'discard']);
    expect(lines(ledger.groupOf(next[2]!, pipeline))).to.deep.equal(['multi', 'set l 2', 'exec']);
    expect(ledger.groupOf(discarded[0]!, pipeline)?.exec).to.equal(undefined);
  });

  it('takes an EXEC without MULTI for a transaction of its own', () => {
    const exec = parse('exec');
    note([exec]);
    const next = note(transaction('set k 1'));

    expect(lines(ledger.groupOf(exec, pipeline))).to.deep.equal(['exec']);
    expect(lines(ledger.groupOf(next[0]!, pipeline))).to.deep.equal(['multi', 'set k 1', 'exec']);
  });
});
