import { Socket } from 'node:net';
import { OPERATION_ID } from './checker/history.ts';

const written = new Set<string>();
let isWatching = false;

/**
 * Records which operations of a load this process ever wrote to a socket.
 *
 * What a proxy saw is no proof of the opposite: a reset throws away what lay unread in its socket, and no client can tell
 * that from a request that was executed.
 */
export function watchWrittenOperations(): void {
  if (isWatching) return;
  isWatching = true;
  const write = Reflect.get(Socket.prototype, 'write') as (this: Socket, ...args: unknown[]) => boolean;
  const watching = function (this: Socket, ...args: unknown[]): boolean {
    const [chunk] = args;
    const text = typeof chunk === 'string' ? chunk : Buffer.isBuffer(chunk) ? chunk.toString('latin1') : '';
    for (const id of text.match(OPERATION_ID) ?? []) written.add(id);
    return write.apply(this, args);
  };
  Reflect.set(Socket.prototype, 'write', watching);
}

export function wasWritten(operationId: string): boolean {
  return written.has(operationId);
}

/** So that a process which goes on for long does not collect all that it ever wrote. */
export function forgetWrittenOperations(): void {
  written.clear();
}
