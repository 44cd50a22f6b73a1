import type { Connection, Flow } from '../endpoints/connection.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';

/**
 * Asks a connection that only listens for a sign of life. Without it nothing would ever tell that a firewall has dropped
 * its flow: who waits for messages sends nothing whose reply could be missing.
 */
export class Heartbeat {
  #connection: Connection | undefined;
  /** What was received over each socket by the last beat. */
  #bytesRead = new WeakMap<Flow, number>();

  /** To be called from time to time. @returns whether a reply is awaited from now on. */
  beat(connection: Connection): boolean {
    if (connection !== this.#connection) this.#bytesRead = new WeakMap();
    this.#connection = connection;
    // All of them, whatever the first one says.
    return connection.flows.map((flow) => this.#beatOn(flow)).includes(true);
  }

  #beatOn(flow: Flow): boolean {
    const hasHeard = this.#bytesRead.get(flow) !== flow.bytesRead;
    this.#bytesRead.set(flow, flow.bytesRead);
    if (hasHeard || !flow.isReady || !flow.isSubscribed || flow.pending > 0) return false;
    // rare: heartbeat
    flow.sendOwn(ownCommand('ping')).catch(() => undefined);
    return true;
  }
}
