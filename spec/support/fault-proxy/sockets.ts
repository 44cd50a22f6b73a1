import type { Socket } from 'node:net';

/** Node reports a reset that comes together with data as an orderly end: only the latter leaves the socket writable. */
export function onEnd(socket: Socket, ended: () => void): void {
  socket.on('end', () => {
    if (!socket.writable) ended();
    else
      writeNothing(socket, (error) => {
        if (!error) ended();
      });
  });
}

/** Fails when the other side has reset the connection. */
export function writeNothing(socket: Socket, done?: (error?: Error | null) => void): void {
  socket.write(Buffer.alloc(0), done);
}

/** RST, as far as the socket's state allows it. */
export function resetSocket(socket: Socket): void {
  // A reset is impossible while a connection or an orderly end is still in progress.
  const busy = socket.connecting || (socket.writableEnded && !socket.writableFinished);
  if (busy) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
