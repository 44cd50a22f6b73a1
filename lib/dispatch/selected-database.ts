import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';

/** A connection as it was made once. */
interface Socket {
  readonly connection: Connection;
  readonly epoch: number;
}

/** The database that the application selected, which every connection has to select as well before commands go there. */
export class SelectedDatabase {
  /** Until the application selects one, each endpoint has its own. */
  #database: number | undefined;
  /** The connection that has it. From then on the application's own SELECTs keep it right. */
  #applied: Socket | undefined;
  #asked: Socket | undefined;

  /** A database counts as selected when the server said so, not when it was asked. */
  follow(command: IoredisCommand): void {
    const database = Number(command.args[0]);
    const { resolve } = command;
    command.resolve = (reply) => {
      this.#database = database;
      resolve.call(command, reply);
    };
  }

  /**
   * Whether commands may go to this connection. When it has another database it is asked for the right one first: what is
   * sent behind a SELECT that fails would be executed in the wrong one.
   *
   * @param onSelected Called when the answer would be another one now.
   */
  isSelectedOn(connection: Connection, onSelected: () => void): boolean {
    const socket: Socket = { connection, epoch: connection.epoch };
    if (isSame(this.#applied, socket)) return true;
    // ioredis believes in a SELECT as soon as it is written.
    if (isSame(this.#asked, socket)) return false;
    if (this.#database === undefined || connection.database === this.#database) {
      this.#applied = socket;
      return true;
    }
    this.#asked = socket;
    const before = connection.database;
    connection.selectDatabase(this.#database).then(
      () => {
        this.#applied = socket;
        onSelected();
      },
      () => isSame(socket, { connection, epoch: connection.epoch }) && connection.assumeDatabase(before),
    );
    return false;
  }

  /** ioredis would repeat a refused one after a reconnect. */
  selectFailed(connection: Connection): void {
    connection.assumeDatabase(this.#database ?? connection.ownDatabase);
  }
}

function isSame(a: Socket | undefined, b: Socket): boolean {
  return a?.connection === b.connection && a.epoch === b.epoch;
}
