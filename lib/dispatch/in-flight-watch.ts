import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';

/**
 * Watches what is in flight on a connection until all of it is answered. Installed only when something is wrong or a
 * switch is planned: a healthy command is watched by nobody.
 */
export class InFlightWatch {
  readonly connection: Connection;
  readonly #waiting = new Set<IoredisCommand>();
  #onEmpty: (() => void) | undefined;

  /**
   * @param onReply Decides about each successful reply; it must call `deliver` for the caller to get it.
   * @param onEmpty Called once, when nothing is left in flight. Not called for an empty start or after `stop()`.
   */
  constructor(
    connection: Connection,
    onReply: (item: QueuedCommand, deliver: () => void) => void,
    onEmpty: () => void,
  ) {
    this.connection = connection;
    this.#onEmpty = onEmpty;
    for (const item of connection.inFlight()) {
      const { command } = item;
      this.#waiting.add(command);
      const { resolve } = command;
      command.resolve = (reply) => {
        // It was refused meanwhile, and this is the reply to another attempt.
        if (!this.#waiting.has(command)) return resolve.call(command, reply); // rare: watched-command-answered-elsewhere
        onReply(item, () => resolve.call(command, reply));
        this.settled(command);
      };
    }
  }

  /** How many are still in flight. */
  get size(): number {
    return this.#waiting.size;
  }

  has(command: IoredisCommand): boolean {
    return this.#waiting.has(command);
  }

  /** A watched command was answered with an error, or taken out of flight. */
  settled(command: IoredisCommand): void {
    if (!this.#waiting.delete(command) || this.#waiting.size > 0) return;
    const onEmpty = this.#onEmpty;
    this.#onEmpty = undefined;
    onEmpty?.();
  }

  stop(): void {
    this.#onEmpty = undefined;
    this.#waiting.clear();
  }
}
