import { refusal, specialCommand } from '../commands/special-commands.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import type { BoundCommands } from './bound-commands.ts';
import type { ConnectionState } from './connection-state.ts';
import type { EntryBook } from './entry-book.ts';

export interface SpecialCommandSetup {
  readonly state: ConnectionState;
  readonly book: EntryBook;
  readonly bound: BoundCommands;
  /** Commands are bound from this one on. */
  readonly onBound: () => void;
  readonly onQuit: (command: IoredisCommand) => void;
}

/**
 * Does what a special command needs.
 *
 * @returns whether that was all, so that it is not sent.
 */
export function takeSpecial(
  command: IoredisCommand,
  stream: PipelineStream | undefined,
  { state, book, bound, onBound, onQuit }: SpecialCommandSetup,
): boolean {
  switch (specialCommand(command.name)) {
    case 'quit':
      onQuit(command);
      return true;
    case 'refused':
      command.reject(refusal(command.name));
      return true;
    case 'transaction':
      if (bound.expect(command)) onBound();
      return false;
    case 'subscription':
      state.subscriptions.follow(command);
      return false;
    default:
      state.database.follow(command, () => book.groupOf({ command, stream })?.exec);
      return false;
  }
}
