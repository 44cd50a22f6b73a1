import { refusal, specialCommand } from '../commands/special-commands.ts';
import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
import type { BlockedCommands } from './blocked-commands.ts';
import { BoundCommands } from './bound-commands.ts';
import type { ConnectionState } from './connection-state.ts';
import type { EntryBook } from './entry-book.ts';
import type { Gate } from './gate.ts';
import { ScanCursors, cursorLost } from './scan-cursors.ts';

/** What takes the place of a transaction's member that is refused. */
const REFUSED_MEMBER = 'geo-refused-member';

export interface SpecialHandlingSetup {
  readonly state: ConnectionState;
  readonly book: EntryBook;
  readonly blocked: BlockedCommands;
  readonly epoch: () => number;
  readonly clock: Pick<Clock, 'now'>;
  readonly gate: Pick<Gate, 'end' | 'connection'>;
  /** No command goes past the line from this one on. */
  readonly onBound: () => void;
  /** They are not any more. */
  readonly onUnbound: () => void;
  readonly onQuit: (command: IoredisCommand) => void;
}

/** Does what special commands need beside being sent. */
export class SpecialHandling {
  readonly bound: BoundCommands;
  readonly cursors = new ScanCursors();
  readonly #setup: SpecialHandlingSetup;

  constructor(setup: SpecialHandlingSetup) {
    this.#setup = setup;
    this.bound = new BoundCommands(setup.clock, setup.onUnbound);
  }

  /**
   * To be called with every special command, when it is called.
   *
   * @returns whether that was all, so that it is not sent.
   */
  take(command: IoredisCommand, stream: PipelineStream | undefined): boolean {
    const { state, book, gate, onBound, onQuit } = this.#setup;
    switch (specialCommand(command.name)) {
      case 'quit':
        if (command.inTransaction) return this.#refuse(command, refusal('quit'));
        gate.end();
        onBound();
        onQuit(command);
        return true;
      case 'refused':
        return this.#refuse(command, refusal(command.name));
      case 'transaction':
        if (this.bound.expect(command)) onBound();
        return false;
      case 'client':
        return this.#takeClient(command, stream);
      case 'scan':
        return this.#takeScan(command);
      case 'subscription':
        state.subscriptions.follow(command);
        return false;
      case 'select':
        state.database.follow(command, () => book.transactionOf({ command, stream }));
        return false;
      default:
        return false;
    }
  }

  /** A command of the application has to wait. */
  waits(command: IoredisCommand): void {
    if (specialCommand(command.name) === 'blocking') this.#setup.blocked.waits(command);
  }

  /** A special command of the application goes to this connection. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    const { state, blocked, epoch } = this.#setup;
    switch (specialCommand(command.name)) {
      case 'select':
        return state.database.sentTo(command, connection);
      case 'subscription':
        return state.subscriptions.sentTo(command, connection);
      case 'scan':
        return this.cursors.sentTo(command, { epoch: epoch(), serverRun: connection.serverRun });
      case 'blocking':
        return blocked.sentTo(command, connection);
      default:
    }
  }

  #takeClient(command: IoredisCommand, stream: PipelineStream | undefined): boolean {
    const { state, book } = this.#setup;
    if (String(command.args[0]).toLowerCase() === 'reply') return this.#refuse(command, refusal('client reply'));
    state.settings.follow(command, () => book.transactionOf({ command, stream }));
    return false;
  }

  #takeScan(command: IoredisCommand): boolean {
    const { gate } = this.#setup;
    const epoch = this.#setup.epoch();
    const target = { epoch, serverRun: gate.connection?.serverRun };
    if (this.cursors.isLost(command, target)) return this.#refuse(command, cursorLost(command, epoch)); // rare: cursor-lost
    this.cursors.follow(command);
    return false;
  }

  /** @returns whether it is not sent. */
  #refuse(command: IoredisCommand, error: Error): boolean {
    const { reject } = command;
    const refuse = (): void => reject.call(command, error);
    if (!command.inTransaction && !this.bound.isInTransaction) {
      refuse();
      return true;
    }
    // Without it the transaction would be another one. With what no server knows, EXEC executes nothing.
    command.name = REFUSED_MEMBER;
    command.args = [];
    command.resolve = refuse;
    command.reject = refuse;
    return false;
  }
}
