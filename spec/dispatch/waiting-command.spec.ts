import { expect } from 'chai';
import { EntryBook } from '../../lib/dispatch/entry-book.ts';
import { WaitingCommand, argumentBytes } from '../../lib/dispatch/waiting-command.ts';
import { command, parse, print, stream, transaction, waiting } from './commands.ts';

describe('A command that waits', () => {
  it('is bound to the endpoint that was active if it administers a server, and only then', () => {
    expect(waiting('flushall', 'a').boundTo).to.equal('a');
    expect(waiting('client kill id 3', 'b').boundTo).to.equal('b');
    expect(waiting('set k 1', 'a').boundTo).to.equal(undefined);
  });

  it('is of the class of its command', () => {
    expect(waiting('get k').safety).to.equal('read-only');
    expect(waiting('set k 1').safety).to.equal('effect-and-reply');
    expect(waiting('incr k').safety).to.equal('other-write');
  });

  it('is as large as its arguments', () => {
    expect(argumentBytes(command('set', 'key', 'value'))).to.equal(8);
    expect(argumentBytes(command('set', 'key', Buffer.alloc(1_000)))).to.equal(1_003);
    expect(argumentBytes(command('ping'))).to.equal(0);
  });
});

describe('The book of commands that wait', () => {
  let book: EntryBook;

  beforeEach(() => {
    book = new EntryBook();
  });

  it('knows no command that never failed', () => {
    expect(book.find(parse('get k'))).to.equal(undefined);
  });

  it('has one entry per command, whatever is asked for it later', () => {
    const get = parse('get k');
    const entry = book.entryOf(get, 'a');

    expect(entry).to.be.instanceOf(WaitingCommand);
    expect(book.entryOf(get, 'b')).to.equal(entry);
    expect(book.entryOfItem({ command: get }, 'b')).to.equal(entry);
    expect(book.find(get)).to.equal(entry);
  });

  it('finds the same entry by every command object that stands for it', () => {
    const [get, carrier] = [parse('get k'), parse('get k')];
    const entry = book.entryOf(get, 'a');
    book.register(carrier, entry);

    expect(book.find(carrier)).to.equal(entry);
    expect(book.entryOfItem({ command: carrier }, 'a').command).to.equal(get);
  });

  it('moves a command alone when it belongs to no transaction', () => {
    const entry = book.entryOf(parse('get k'), 'a');

    expect(book.unitOf(entry, 'a')).to.deep.equal([entry]);
  });

  describe('of transactions', () => {
    it('moves all commands together, in order, also those that were answered', () => {
      const pipeline = stream();
      const commands = transaction('set k 1', 'get k');
      for (const member of commands) book.transactions.note(member, pipeline);
      const exec = book.entryOfItem({ command: commands.at(-1)!, stream: pipeline }, 'a');
      const unit = book.unitOf(exec, 'a');

      expect(unit.map((entry) => print(entry.command))).to.deep.equal(['multi', 'set k 1', 'get k', 'exec']);
      expect(unit.at(-1)).to.equal(exec);
      expect(new Set(unit.map(({ group }) => group)).size).to.equal(1);
      expect(exec.safety).to.equal('effect-and-reply');
    });

    it('finds the transaction of a command as it was queued, and of its carrier', () => {
      const pipeline = stream();
      const commands = transaction('set k 1');
      for (const member of commands) book.transactions.note(member, pipeline);
      const queued = { command: commands[1]!, stream: pipeline };
      const group = book.groupOf(queued);
      expect(group?.commands).to.deep.equal(commands);
      const carrier = parse('set k 1');
      book.register(carrier, book.entryOfItem(queued, 'a'));

      expect(book.groupOf({ command: carrier })).to.equal(group);
    });

    it('finds none for other commands', () => {
      expect(book.groupOf({ command: parse('get k') })).to.equal(undefined);
      expect(book.groupOf({ command: parse('get k'), stream: stream() })).to.equal(undefined);
    });
  });
});
