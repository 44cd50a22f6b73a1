import { ownCommand } from '../../ioredis-internals/own-command.ts';
import type { DataConnection } from '../data-connection.ts';

/** Which nodes watch keys, so that the transaction behind WATCH is executed where its keys are watched, or not at all. */
export class Watches {
  /** With the epoch in which they began to. */
  readonly #held = new Map<DataConnection, number>();

  get isEmpty(): boolean {
    return this.#held.size === 0;
  }

  add(connection: DataConnection): void {
    if (!this.#held.has(connection)) this.#held.set(connection, connection.epoch);
  }

  /** Whether all keys are watched still, by this node. */
  holdOn(connection: DataConnection): boolean {
    return [...this.#held].every(([holder, epoch]) => holder === connection && holder.epoch === epoch);
  }

  /** Nothing is watched any more. @param except The node that is told by a command of the application. */
  end(except?: DataConnection): void {
    for (const connection of this.#held.keys()) {
      if (connection !== except) connection.sendOwn(ownCommand('unwatch')).catch(() => undefined);
    }
    this.#held.clear();
  }
}
