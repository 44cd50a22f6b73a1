import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import { type MembersTransaction, afterExecution } from './queued-member.ts';
import { type Socket, isAlive, isSameSocket, socketOf } from './socket.ts';

/** The database that a command is meant for; `own` is the one that its endpoint was configured with. */
export type Database = number | 'own';

/** The database that the application selected, which every connection has to select as well. */
export class SelectedDatabase {
  readonly #onChange: () => void;
  readonly #onSelected: (database: number) => void;
  /** Until the application selects one, each endpoint has its own. */
  #selected: Database = 'own';
  /** The application's SELECTs that were not answered yet, and where they were sent. */
  readonly #unanswered = new Map<IoredisCommand, Socket | undefined>();

  /**
   * @param onChange Another one is selected, or it is known that none is.
   * @param onSelected The application selected another one than before.
   */
  constructor(onChange: () => void, onSelected: (database: number) => void) {
    this.#onChange = onChange;
    this.#onSelected = onSelected;
  }

  get current(): Database {
    return this.#selected;
  }

  /** Takes over what an earlier client of the application had selected. */
  inherit(previous: SelectedDatabase): void {
    this.#selected = previous.#selected;
  }

  /**
   * Follows a SELECT of the application. A database counts as selected when the server said so, not when it was asked.
   *
   * @param transactionOf The transaction that the command belongs to. Looked for when the command was answered.
   */
  follow(command: IoredisCommand, transactionOf: () => MembersTransaction | undefined): void {
    const database = Number(command.args[0]);
    this.#unanswered.set(command, undefined);
    afterExecution(command, transactionOf, (isSelected) => {
      const socket = this.#unanswered.get(command);
      const own = socket?.connection.ownDatabase;
      const before = this.#selected === 'own' ? own : this.#selected;
      this.#unanswered.delete(command);
      if (isSelected) this.#selected = database;
      // ioredis believes in a SELECT as soon as it is written.
      else if (socket !== undefined && isAlive(socket)) this.selectFailed(socket.connection); // rare: select-failed
      if (isSelected && database !== before) this.#onSelected(database);
      this.#onChange();
    });
  }

  /** A command of the application goes to this connection; of interest are those that are followed. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    if (this.#unanswered.has(command)) this.#unanswered.set(command, socketOf(connection));
  }

  /** Commands that were called behind a SELECT must not run elsewhere before it is known what became of it. */
  isAskedElsewhere(socket: Socket): boolean {
    for (const asked of this.#unanswered.values()) {
      if (asked !== undefined && !isSameSocket(asked, socket) && isAlive(asked)) return true; // rare: select-unanswered-elsewhere
    }
    return false;
  }

  isSelectedOn(connection: Connection): boolean {
    return connection.database === this.#wantedOn(connection);
  }

  /** Resolves when the server has selected it. */
  async selectOn(connection: Connection): Promise<void> {
    const before = connection.database;
    const { epoch } = connection;
    try {
      await connection.selectDatabase(this.#wantedOn(connection));
    } catch (error) {
      // ioredis believes in a SELECT as soon as it is written.
      if (connection.epoch === epoch) connection.assumeDatabase(before); // rare: own-select-failed
      throw error;
    }
  }

  /** ioredis would repeat a refused one after a reconnect. */
  selectFailed(connection: Connection): void {
    connection.assumeDatabase(this.#wantedOn(connection));
  }

  /** The database that a command was written for. */
  databaseOf({ select }: QueuedCommand, connection: Connection): Database | undefined {
    return this.#selected === 'own' && select === connection.ownDatabase ? 'own' : select;
  }

  #wantedOn({ ownDatabase }: Connection): number {
    return this.#selected === 'own' ? ownDatabase : this.#selected;
  }
}
