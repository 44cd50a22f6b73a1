import type { Connection } from '../endpoints/connection.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';

/**
 * Asks a connection that only listens for a sign of life. Without it nothing would ever tell that a firewall has dropped
 * its flow: who waits for messages sends nothing whose reply could be missing.
 */
export class Heartbeat {
  #connection: Connection | undefined;
  #bytesRead = 0;

  /** To be called from time to time. @returns whether a reply is awaited from now on. */
  beat(connection: Connection): boolean {
    const hasHeard = connection !== this.#connection || connection.bytesRead !== this.#bytesRead;
    this.#connection = connection;
    this.#bytesRead = connection.bytesRead;
    if (hasHeard || !connection.isReady || !connection.isSubscribed || connection.pending > 0) return false;
    connection.sendOwn(ownCommand('ping')).catch(() => undefined);
    return true;
  }
}
