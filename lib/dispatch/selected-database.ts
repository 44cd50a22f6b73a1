import type { Connection } from '../endpoints/connection.ts';
import type { IoredisCommand, QueuedCommand } from '../ioredis-internals/types.ts';
import type { ResolvedRetry } from '../options/types.ts';
import type { ActiveEndpointView } from './active-endpoint-view.ts';
import { RefusalRetry } from './refusal-retry.ts';

/** A connection as it was made once. */
interface Socket {
  readonly connection: Connection;
  readonly epoch: number;
}

/** The database that a command is meant for; `own` is the one that its endpoint was configured with. */
export type Database = number | 'own';

export interface SelectedDatabaseSetup {
  readonly options: ResolvedRetry;
  /** Whether commands may go to a connection has to be asked anew. */
  readonly onChange: () => void;
  readonly view: Pick<ActiveEndpointView, 'recordFailure' | 'suspect'>;
}

/** The database that the application selected, which every connection has to select as well before commands go there. */
export class SelectedDatabase {
  readonly #setup: SelectedDatabaseSetup;
  readonly #retry: RefusalRetry;
  /** Until the application selects one, each endpoint has its own. */
  #selected: Database = 'own';
  /** The connection that has it. From then on the application's own SELECTs keep it right. */
  #applied: Socket | undefined;
  #asked: Socket | undefined;
  #refusal: Error | undefined;
  /** The application's SELECTs that were not answered yet, and where they were sent. */
  readonly #unanswered = new Map<IoredisCommand, Socket | undefined>();

  constructor(setup: SelectedDatabaseSetup) {
    this.#setup = setup;
    this.#retry = new RefusalRetry(setup.options);
  }

  /** Why commands wait: what a server answered to our SELECT. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  get current(): Database {
    return this.#selected;
  }

  /**
   * Follows a SELECT of the application. A database counts as selected when the server said so, not when it was asked.
   *
   * @param execOf The EXEC of the transaction that the command belongs to. Looked for when the command was answered.
   */
  follow(command: IoredisCommand, execOf: () => IoredisCommand | undefined): void {
    const database = Number(command.args[0]);
    this.#unanswered.set(command, undefined);
    const settled = (isSelected: boolean): void => {
      this.#unanswered.delete(command);
      if (isSelected) this.#selected = database;
      this.#setup.onChange();
    };
    const queued = (exec: IoredisCommand): void => {
      afterReply(exec, (reply) => settled(Array.isArray(reply)));
      afterError(exec, () => settled(false));
    };
    afterReply(command, () => {
      const exec = execOf();
      if (exec === undefined) settled(true);
      else queued(exec);
    });
    afterError(command, () => settled(false));
  }

  /** A command of the application goes to this connection; of interest are those that are followed. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    if (this.#unanswered.has(command)) this.#unanswered.set(command, socketOf(connection));
  }

  /**
   * Whether commands may go to this connection. When it has another database it is asked for the right one first: what is
   * sent behind a SELECT that fails would be executed in the wrong one.
   */
  isSelectedOn(connection: Connection): boolean {
    const socket = socketOf(connection);
    if (this.#asked !== undefined && !isSame(this.#asked, socket)) this.#askNoMore();
    if (isSame(this.#applied, socket)) return true;
    // ioredis believes in a SELECT as soon as it is written.
    if (isSame(this.#asked, socket) || this.#isAskedElsewhere(socket)) return false;
    if (connection.database === this.#wantedOn(connection)) {
      this.#applied = socket;
      return true;
    }
    this.#asked = socket;
    this.#retry.start(() => this.#ask(socket));
    return false;
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

  #askNoMore(): void {
    this.#asked = undefined;
    this.#refusal = undefined;
    this.#retry.cancel();
  }

  async #ask(socket: Socket): Promise<void> {
    const { connection } = socket;
    const isWanted = (): boolean =>
      this.#asked === socket && connection.isReady && isSame(socket, socketOf(connection));
    if (!isWanted()) return;
    const before = connection.database;
    try {
      await connection.selectDatabase(this.#wantedOn(connection));
    } catch (error) {
      if (!isWanted()) return;
      connection.assumeDatabase(before);
      const { view } = this.#setup;
      this.#refusal = error as Error;
      view.recordFailure(connection.endpointId, this.#refusal, { isRound: true });
      view.suspect(connection.endpointId, 'rejected');
      throw error;
    }
    if (!isWanted()) return;
    this.#asked = undefined;
    this.#refusal = undefined;
    this.#applied = socket;
    this.#setup.onChange();
  }

  /** Commands that were called behind a SELECT must not run before it is known what became of it. */
  #isAskedElsewhere(socket: Socket): boolean {
    for (const asked of this.#unanswered.values()) {
      if (asked === undefined || isSame(asked, socket)) continue;
      // On a connection that was lost or given up no answer can come any more.
      if (asked.connection.isReady && isSame(asked, socketOf(asked.connection))) return true;
    }
    return false;
  }
}

function socketOf(connection: Connection): Socket {
  return { connection, epoch: connection.epoch };
}

function isSame(a: Socket | undefined, b: Socket): boolean {
  return a?.connection === b.connection && a.epoch === b.epoch;
}

function afterReply(command: IoredisCommand, then: (reply: unknown) => void): void {
  const { resolve } = command;
  command.resolve = (reply) => {
    then(reply);
    resolve.call(command, reply);
  };
}

function afterError(command: IoredisCommand, then: () => void): void {
  const { reject } = command;
  command.reject = (error) => {
    reject.call(command, error);
    then();
  };
}
