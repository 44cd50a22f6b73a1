import { refusal, specialCommand } from '../commands/special-commands.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import type { BoundCommands } from './bound-commands.ts';
import type { ConnectionState } from './connection-state.ts';
import type { EntryBook } from './entry-book.ts';
import { type ScanCursors, cursorLost } from './scan-cursors.ts';

export interface SpecialCommandSetup {
  readonly state: ConnectionState;
  readonly book: EntryBook;
  readonly bound: BoundCommands;
  readonly cursors: ScanCursors;
  readonly epoch: () => number;
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
  setup: SpecialCommandSetup,
): boolean {
  const { state, book, bound, onBound, onQuit } = setup;
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
    case 'client':
      if (String(command.args[0]).toLowerCase() !== 'reply') {
        state.settings.follow(command);
        return false;
      }
      command.reject(refusal('client reply'));
      return true;
    case 'scan':
      return takeScan(command, setup);
    case 'subscription':
      state.subscriptions.follow(command);
      return false;
    default:
      state.database.follow(command, () => book.groupOf({ command, stream })?.exec);
      return false;
  }
}

function takeScan(command: IoredisCommand, { cursors, epoch }: SpecialCommandSetup): boolean {
  const now = epoch();
  if (cursors.isLost(command, now)) {
    command.reject(cursorLost(command, now));
    return true;
  }
  cursors.follow(command);
  cursors.sentIn(command, now);
  return false;
}
