import type { Redis } from 'ioredis';
import { afterReply } from './settling.ts';
import { internals } from './types.ts';

/**
 * Has a client that is to monitor know that it does as soon as the server says so. ioredis knows it a microtask later, and
 * takes what a busy server tells in the same packet for the reply to a command that nobody sent.
 */
export function monitorAtOnce(client: Redis): void {
  const target = internals(client);
  const { sendCommand } = target;
  target.sendCommand = (command, stream) => {
    if (command.name === 'monitor') {
      afterReply(command, () => {
        target.status = 'monitoring';
      });
    }
    return sendCommand.call(target, command, stream);
  };
}
