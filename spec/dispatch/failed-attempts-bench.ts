import { EntryBook } from '../../lib/dispatch/entry-book.ts';
import { FailedAttempts, type FailedAttemptsSetup } from '../../lib/dispatch/failed-attempts.ts';
import { SelectedDatabase } from '../../lib/dispatch/selected-database.ts';
import { WaitingLine } from '../../lib/dispatch/waiting-line.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeView } from './command-way.ts';
import { parse, print, printAll, stream, transaction } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

/** What takes failed attempts back, with everything around it but the sending of what waits. */
export class FailedAttemptsBench {
  readonly clock = new FakeClock();
  readonly view = new FakeView();
  readonly book = new EntryBook();
  readonly line: WaitingLine;
  readonly connection: FakeConnection;
  readonly attempts: FailedAttempts;
  readonly refusals: string[] = [];
  changes = 0;

  constructor(setup: Partial<FailedAttemptsSetup> = {}) {
    this.line = new WaitingLine({
      clock: this.clock,
      limits: { deadlineMs: undefined, maxCommands: 100, maxBytes: 10_000 },
      onExpired: () => undefined,
    });
    this.attempts = new FailedAttempts({
      clock: this.clock,
      view: this.view,
      line: this.line,
      book: this.book,
      caps: { sameEndpoint: 'effect', otherEndpoint: 'effect-and-reply' },
      maxFurtherAttempts: 20,
      database: new SelectedDatabase(
        () => undefined,
        () => undefined,
      ),
      onOvertaken: () => undefined,
      onChange: () => this.changes++,
      onRefused: (entry, error) => this.refusals.push(`${print(entry.command)}: ${error.message}`),
      ...setup,
    });
    this.connection = new FakeConnection('a', {
      lost: (connection, items) => this.attempts.lost(connection, items),
      refused: (connection, item) => this.attempts.refused(connection, item),
      errorReply: (connection, error, item) => this.attempts.errorReply(connection, error, item),
    });
  }

  send(line: string): IoredisCommand {
    const command = parse(line);
    this.connection.send(command, undefined);
    return command;
  }

  sendTransaction(...members: readonly string[]): IoredisCommand[] {
    const pipeline = stream();
    const commands = transaction(...members);
    for (const command of commands) {
      this.book.transactions.note(command, pipeline);
      this.connection.send(command, pipeline);
    }
    return commands;
  }

  /** What waits, taken out. */
  takeAll(): string[] {
    return printAll(this.line.takeAll());
  }
}
