import { ownCommand } from '../ioredis-internals/own-command.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import { type Socket, isAlive } from './socket.ts';

/** Something that a server keeps for one connection, from one command of the application to another. */
export interface Binding {
  /** Its last command was sent, or it was given up. */
  readonly isEnded: boolean;
  sentOver(command: IoredisCommand, socket: Socket): void;
  /** Its connection is left. What was not sent yet can begin elsewhere. */
  leave(): void;
  /** One of its commands is not going to be sent, so that it cannot be gone on with. */
  giveUp(): void;
}

/**
 * Ends it for the server: the connection may be used again, and shall not go on where it was left. Whether it succeeds is
 * of no interest: it fails when there is nothing to undo any more.
 */
export function undo(name: 'discard' | 'unwatch', socket: Socket): void {
  if (isAlive(socket)) socket.connection.sendOwn(ownCommand(name, [])).catch(() => undefined);
}
