import { expect } from 'chai';
import { EntryBook } from '../../lib/dispatch/entry-book.ts';
import { ScanCursors } from '../../lib/dispatch/scan-cursors.ts';
import { SelectedDatabase } from '../../lib/dispatch/selected-database.ts';
import { Sender } from '../../lib/dispatch/sender.ts';
import type { AttemptFailure, WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { command, outcomeOf, parse, print, printAll, replyError, stream, transaction } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

describe('Sending what waited', () => {
  let book: EntryBook;
  let connection: FakeConnection;
  let answered: string[];
  let sender: Sender;

  beforeEach(() => {
    book = new EntryBook();
    connection = new FakeConnection('a');
    answered = [];
    sender = new Sender({
      book,
      database: new SelectedDatabase(
        () => undefined,
        () => undefined,
      ),
      caps: { sameEndpoint: 'effect', otherEndpoint: 'effect-and-reply' },
      special: { cursors: new ScanCursors(), sentTo: () => undefined },
      epoch: () => 7,
      onAnswered: (entry) => answered.push(print(entry.command)),
    });
  });

  function entry(line: string, endpointId = 'a'): WaitingCommand {
    return book.entryOf(parse(line), endpointId);
  }

  function failed(line: string, kind: AttemptFailure['kind'] = 'rejected', endpointId = 'a'): WaitingCommand {
    const made = entry(line, endpointId);
    made.sent = true;
    made.noteFailure({ kind, endpointId, epoch: 1, error: new Error('read ECONNRESET') });
    return made;
  }

  function transactionEntries(...members: string[]): WaitingCommand[] {
    const pipeline = stream();
    const commands = transaction(...members);
    for (const member of commands) book.transactions.note(member, pipeline);
    return commands.map((member) => book.entryOfItem({ command: member, stream: pipeline }, 'a'));
  }

  it('sends in order and in one write', () => {
    const entries = ['set k 1', 'get k', 'incr l'].map((line) => entry(line));

    expect(sender.send(entries, connection)).to.deep.equal(entries);
    expect(connection.written).to.deep.equal(['set k 1', 'get k', 'incr l']);
    expect(connection.batches).to.equal(1);
  });

  describe('that was never sent', () => {
    it("sends the user's own object, and settles it as it is answered", async () => {
      const waiting = entry('get k');
      sender.send([waiting], connection);

      expect(connection.head).to.equal(waiting.command);
      expect(waiting.sent).to.equal(true);
      connection.answer('1');
      expect(await outcomeOf(waiting.command)).to.equal('1');
    });

    it('does not tell of its answer, because nobody doubted', () => {
      sender.send([entry('get k')], connection);
      connection.answer('1');

      expect(answered).to.deep.equal([]);
    });
  });

  describe('that failed before', () => {
    it('sends a carrier in its place', async () => {
      const waiting = failed('get k');
      sender.send([waiting], connection);

      expect(connection.head).not.to.equal(waiting.command);
      expect(book.find(connection.head!)).to.equal(waiting);
      expect(connection.written).to.deep.equal(['get k']);
      connection.answer('1');
      expect(await outcomeOf(waiting.command)).to.equal('1');
      expect(answered).to.deep.equal(['get k']);
    });

    it('sends the arguments as they are', () => {
      const made = command('set', 'k', Buffer.from([0xff, 0x00]));
      const waiting = book.entryOf(made, 'a');
      waiting.sent = true;
      sender.send([waiting], connection);

      expect(connection.head?.args).to.deep.equal(made.args);
      expect(connection.head?.bufferMode).to.equal(true);
    });

    it('passes errors on', async () => {
      const waiting = failed('get k');
      const error = replyError('WRONGTYPE no');
      sender.send([waiting], connection);
      connection.head!.reject(error);

      expect(await outcomeOf(waiting.command)).to.equal(error);
      expect(answered).to.deep.equal(['get k']);
    });

    it('does not settle it by a late answer to an attempt that was given up', async () => {
      const waiting = failed('get k');
      sender.send([waiting], connection);
      const other = new FakeConnection('b');
      sender.send([waiting], other);

      connection.answer('old');
      expect(await outcomeOf(waiting.command)).to.equal('pending');
      expect(answered).to.deep.equal([]);
      other.answer('new');
      expect(await outcomeOf(waiting.command)).to.equal('new');
    });

    it('does not settle it by a late error either', async () => {
      const waiting = failed('get k');
      sender.send([waiting], connection);
      waiting.attempt++;

      connection.head!.reject(new Error('too late'));

      expect(await outcomeOf(waiting.command)).to.equal('pending');
    });
  });

  describe('that must not go to this endpoint', () => {
    const rules: readonly (readonly [line: string, kind: AttemptFailure['kind'], failedOn: string, goes: boolean])[] = [
      ['get k', 'ambiguous', 'a', true],
      ['get k', 'ambiguous', 'b', true],
      ['set k 1', 'ambiguous', 'b', true],
      ['del k', 'ambiguous', 'a', true],
      ['del k', 'ambiguous', 'b', false],
      ['incr k', 'ambiguous', 'a', false],
      ['incr k', 'ambiguous', 'b', false],
      ['incr k', 'rejected', 'b', true],
      ['incr k', 'rejected', 'a', true],
      ['incr k', 'overloaded', 'b', true],
    ];

    for (const [line, kind, failedOn, goes] of rules) {
      it(`${goes ? 'sends' : 'rejects'} ${line} after "${kind}" on ${failedOn === 'a' ? 'the same' : 'another'}`, async () => {
        const waiting = failed(line, kind, failedOn);
        const sent = sender.send([waiting], connection);
        const outcome = await outcomeOf(waiting.command);

        expect(sent).to.deep.equal(goes ? [waiting] : []);
        expect(connection.written).to.deep.equal(goes ? [line] : []);
        expect(goes ? outcome === 'pending' : isGeoFailoverError(outcome, 'GEO_AMBIGUOUS')).to.equal(true);
      });
    }

    it('tells where and when it may have been executed', async () => {
      const waiting = failed('incr k', 'ambiguous', 'b');
      sender.send([waiting], connection);

      expect(await outcomeOf(waiting.command)).to.deep.include({
        code: 'GEO_AMBIGUOUS',
        endpointId: 'b',
        epoch: 1,
        outcome: 'maybe-executed',
        cause: waiting.failure?.error,
      });
    });

    it('rejects administration that was meant for another endpoint, and sends it to its own', async () => {
      const [there, here] = [entry('flushall', 'b'), entry('flushdb', 'a')];
      sender.send([there, here], connection);

      expect(connection.written).to.deep.equal(['flushdb']);
      const error = await outcomeOf(there.command);
      expect(error).to.deep.include({ code: 'GEO_NOT_MOVABLE', endpointId: 'b', epoch: 7, outcome: 'not-executed' });
    });

    it('sends the rest in order', () => {
      const entries = [entry('set k 1'), failed('incr k', 'ambiguous'), entry('flushall', 'b'), entry('get k')];

      expect(printAll(sender.send(entries, connection))).to.deep.equal(['set k 1', 'get k']);
    });
  });

  describe('whose caller has its answer already', () => {
    it('sends nothing', () => {
      const waiting = entry('get k');
      waiting.command.resolve(Buffer.from('1'));

      expect(sender.send([waiting], connection)).to.deep.equal([]);
    });
  });

  describe('that belongs to a transaction', () => {
    it('sends or rejects all of it', async () => {
      const [free, stuck] = [transactionEntries('set k 1', 'get k'), transactionEntries('incr k')];
      for (const waiting of stuck) {
        waiting.sent = true;
        waiting.noteFailure({ kind: 'ambiguous', endpointId: 'b', epoch: 1, error: undefined });
      }
      sender.send([...stuck, ...free], connection);

      expect(connection.written).to.deep.equal(['multi', 'set k 1', 'get k', 'exec']);
      for (const waiting of stuck) {
        expect(isGeoFailoverError(await outcomeOf(waiting.command), 'GEO_AMBIGUOUS')).to.equal(true);
      }
    });

    it('rejects all of it when one member administers another server', async () => {
      const pipeline = stream();
      const commands = transaction('set k 1', 'flushdb');
      for (const member of commands) book.transactions.note(member, pipeline);
      const entries = commands.map((member) => book.entryOfItem({ command: member, stream: pipeline }, 'b'));
      sender.send(entries, connection);

      expect(connection.written).to.deep.equal([]);
      expect(isGeoFailoverError(await outcomeOf(commands[0]!), 'GEO_NOT_MOVABLE')).to.equal(true);
    });

    it('sends nothing of it once EXEC is answered', () => {
      const entries = transactionEntries('set k 1');
      entries.at(-1)!.command.resolve([]);

      expect(sender.send(entries, connection)).to.deep.equal([]);
    });

    it('sends carriers that belong to a transaction as well', () => {
      const entries = transactionEntries('set k 1');
      for (const waiting of entries) waiting.sent = true;
      sender.send(entries, connection);

      expect(connection.queue.map((item) => item.command.inTransaction)).to.deep.equal([true, true, false]);
    });
  });
});
