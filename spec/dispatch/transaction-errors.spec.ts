import { expect } from 'chai';
import { transactionError } from '../../lib/dispatch/transaction-errors.ts';
import { TransactionGroup } from '../../lib/dispatch/transaction-group.ts';
import { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { outcomeOf, replyError, transaction } from './commands.ts';

const READONLY = "READONLY You can't write against a read only replica.";
const LOADING = 'LOADING Redis is loading the dataset in memory';
const ABORTED = 'EXECABORT Transaction discarded because of previous errors.';
const BECAUSE = 'EXECABORT Transaction discarded because of: ';

describe('What an error reply means for a transaction', () => {
  let group: TransactionGroup;
  let multi: WaitingCommand;
  let member: WaitingCommand;
  let other: WaitingCommand;
  let exec: WaitingCommand;

  beforeEach(() => {
    group = new TransactionGroup();
    group.commands.push(...transaction('set k 1', 'incr k'));
    const entries = group.commands.map((command) => new WaitingCommand(command, 'a', group));
    [multi, member, other, exec] = entries as [WaitingCommand, WaitingCommand, WaitingCommand, WaitingCommand];
  });

  function tell(entry: WaitingCommand, message: string): { kind: string; cause?: Error } {
    return transactionError(group, entry, replyError(message));
  }

  describe('that refuses a member', () => {
    it('is "held" for a reason of the server', async () => {
      for (const message of [READONLY, LOADING, 'MISCONF no', 'NOREPLICAS no']) {
        expect(tell(member, message)).to.deep.equal({ kind: 'held' });
      }
      expect(await outcomeOf(member.command)).to.equal('pending');
    });

    it('is "answered" for a reason of the application', () => {
      expect(tell(member, "ERR wrong number of arguments for 'set' command")).to.deep.equal({ kind: 'answered' });
      expect(group.hasAnsweredError).to.equal(true);
    });

    it('is "answered" for lack of memory', () => {
      expect(tell(member, 'OOM command not allowed')).to.deep.equal({ kind: 'answered' });
    });
  });

  describe('that refuses EXEC', () => {
    it('is "rejected" when only the server had reasons, with the first of them', () => {
      tell(member, READONLY);
      tell(other, 'MISCONF no');
      const verdict = tell(exec, ABORTED);

      expect(verdict.kind).to.equal('rejected');
      expect(verdict.cause).to.have.property('message', READONLY);
    });

    it('is "rejected" for a reason of the server that EXEC itself met', () => {
      const verdict = tell(exec, BECAUSE + LOADING);

      expect(verdict.kind).to.equal('rejected');
      expect(verdict.cause).to.have.property('message', BECAUSE + LOADING);
    });

    it('is "rejected" when both members and EXEC met one', () => {
      tell(member, READONLY);

      expect(tell(exec, BECAUSE + READONLY)).to.have.nested.property('cause.message', READONLY);
    });

    it('is "answered" when a member was refused for a reason of the application', async () => {
      tell(member, READONLY);
      tell(other, 'ERR unknown command');

      expect(tell(exec, ABORTED)).to.deep.equal({ kind: 'answered' });
      expect(await outcomeOf(member.command)).to.have.property('message', READONLY);
    });

    it('is "answered" when nobody knows of a refused member', () => {
      expect(tell(exec, ABORTED)).to.deep.equal({ kind: 'answered' });
    });

    it('is "answered" for a reason of the application that EXEC itself met', () => {
      for (const reason of ['OOM no', 'NOPERM no', 'ERR no']) {
        expect(tell(exec, BECAUSE + reason)).to.deep.equal({ kind: 'answered' });
      }
    });

    it('is "answered" when MULTI was refused, because its members then ran one by one', async () => {
      tell(multi, LOADING);
      const verdict = tell(exec, 'ERR EXEC without MULTI');

      expect(verdict).to.deep.equal({ kind: 'answered' });
      expect(await outcomeOf(multi.command)).to.have.property('message', LOADING);
    });

    it('is "answered" when MULTI was refused although EXEC was aborted', () => {
      tell(multi, LOADING);

      expect(tell(exec, ABORTED)).to.deep.equal({ kind: 'answered' });
      expect(group.held).to.deep.equal([]);
    });

    it('is "answered" for anything else, and then a held member gets its own refusal', async () => {
      tell(member, READONLY);

      expect(tell(exec, 'ERR something new')).to.deep.equal({ kind: 'answered' });
      expect(await outcomeOf(member.command)).to.have.property('message', READONLY);
    });
  });

  describe('in the next attempt', () => {
    it('does not remember the refusals of the one before', () => {
      tell(member, READONLY);
      tell(exec, ABORTED);

      expect(tell(exec, ABORTED)).to.deep.equal({ kind: 'answered' });
    });

    it('is "rejected" once more for new refusals', () => {
      tell(member, READONLY);
      tell(exec, ABORTED);
      tell(other, LOADING);

      expect(tell(exec, ABORTED)).to.have.nested.property('cause.message', LOADING);
    });
  });
});
