import { refusal, specialCommand } from '../commands/special-commands.ts';
import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import type { BlockedCommands } from './blocked-commands.ts';
import { BoundCommands } from './bound-commands.ts';
import type { ConnectionState } from './connection-state.ts';
import type { EntryBook } from './entry-book.ts';
import { ScanCursors, cursorLost } from './scan-cursors.ts';

export interface SpecialHandlingSetup {
  readonly state: ConnectionState;
  readonly book: EntryBook;
  readonly blocked: BlockedCommands;
  readonly epoch: () => number;
  /** Commands are bound from this one on. */
  readonly onBound: () => void;
  readonly onQuit: (command: IoredisCommand) => void;
}

/** Does what special commands need beside being sent. */
export class SpecialHandling {
  readonly bound = new BoundCommands();
  readonly cursors = new ScanCursors();
  readonly #setup: SpecialHandlingSetup;

  constructor(setup: SpecialHandlingSetup) {
    this.#setup = setup;
  }

  /**
   * To be called with every special command, when it is called.
   *
   * @returns whether that was all, so that it is not sent.
   */
  take(command: IoredisCommand, stream: PipelineStream | undefined): boolean {
    const { state, book, onBound, onQuit } = this.#setup;
    switch (specialCommand(command.name)) {
      case 'quit':
        onQuit(command);
        return true;
      case 'refused':
        command.reject(refusal(command.name));
        return true;
      case 'transaction':
        if (this.bound.expect(command)) onBound();
        return false;
      case 'client':
        return this.#takeClient(command);
      case 'scan':
        return this.#takeScan(command);
      case 'subscription':
        state.subscriptions.follow(command);
        return false;
      case 'select':
        state.database.follow(command, () => book.groupOf({ command, stream })?.exec);
        return false;
      default:
        return false;
    }
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
        return this.cursors.sentIn(command, epoch());
      case 'blocking':
        return blocked.sentTo(command, connection);
      default:
    }
  }

  #takeClient(command: IoredisCommand): boolean {
    if (String(command.args[0]).toLowerCase() !== 'reply') {
      this.#setup.state.settings.follow(command);
      return false;
    }
    command.reject(refusal('client reply'));
    return true;
  }

  #takeScan(command: IoredisCommand): boolean {
    const epoch = this.#setup.epoch();
    if (this.cursors.isLost(command, epoch)) {
      command.reject(cursorLost(command, epoch));
      return true;
    }
    this.cursors.follow(command);
    return false;
  }
}
