import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';

/** The database that the application selected, which every new connection has to select as well. */
export class SelectedDatabase {
  #database: number;
  /** The connection that has it. From then on the application's own SELECTs keep it right. */
  #applied: { connection?: Connection; epoch: number } = { epoch: 0 };

  constructor(database: number) {
    this.#database = database;
  }

  /** A database counts as selected when the server said so, not when it was asked. */
  follow(command: IoredisCommand): void {
    const database = Number(command.args[0]);
    const { resolve } = command;
    command.resolve = (reply) => {
      this.#database = database;
      resolve.call(command, reply);
    };
  }

  applyTo(connection: Connection): void {
    if (this.#applied.connection === connection && this.#applied.epoch === connection.epoch) return;
    this.#applied = { connection, epoch: connection.epoch };
    if (connection.database !== this.#database) connection.selectDatabase(this.#database);
  }

  /** ioredis believes in a SELECT as soon as it is written, and would repeat a refused one after a reconnect. */
  selectFailed(connection: Connection): void {
    connection.assumeDatabase(this.#database);
  }
}
