import { refusalReason, specialCommand } from '../commands/special-commands.ts';
import { GeoFailoverError } from '../errors.ts';
import type { IoredisCommand, PipelineStream } from '../ioredis-internals/types.ts';
import type { EntryBook } from './entry-book.ts';
import type { SelectedDatabase } from './selected-database.ts';

export interface SpecialCommandSetup {
  readonly database: SelectedDatabase;
  readonly book: EntryBook;
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
  { database, book, onQuit }: SpecialCommandSetup,
): boolean {
  switch (specialCommand(command.name)) {
    case 'quit':
      onQuit(command);
      return true;
    case 'refused':
      refuse(command);
      return true;
    case 'refused-alone':
      if (stream === undefined) refuse(command);
      return stream === undefined;
    default:
      database.follow(command, () => book.groupOf({ command, stream })?.exec);
      return false;
  }
}

/** Rejects a command that cannot be used through this client, and says why. */
function refuse(command: IoredisCommand): void {
  const message = `${command.name.toUpperCase()} cannot be used through this client: ${refusalReason(command.name)}`;
  command.reject(new GeoFailoverError('GEO_UNSUPPORTED_COMMAND', message, { outcome: 'not-executed' }));
}
