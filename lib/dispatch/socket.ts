import type { Connection } from '../endpoints/connection.ts';

/** A connection as it was made once: what was done on it is undone when it is made anew. */
export interface Socket {
  readonly connection: Connection;
  readonly epoch: number;
}

export function socketOf(connection: Connection): Socket {
  return { connection, epoch: connection.epoch };
}

export function isSameSocket(a: Socket | undefined, b: Socket): boolean {
  return a?.connection === b.connection && a.epoch === b.epoch;
}

/** Whether something that was sent to it can still be answered. */
export function isAlive(socket: Socket): boolean {
  return socket.connection.isReady && isSameSocket(socket, socketOf(socket.connection));
}
