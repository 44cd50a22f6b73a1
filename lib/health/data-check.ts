import { toError } from '../errors.ts';
import { isRefusedQuestion } from './refused-question.ts';

/** What is used of an ioredis client. */
export interface DataClient {
  readonly options?: { readonly db?: number | undefined };
  dbsize?(): Promise<unknown>;
  info?(section: string): Promise<unknown>;
}

/** An endpoint had keys, and came back without any. */
export interface DataLoss {
  readonly database: number;
  readonly keysBefore: number;
  /** Another server process answers than before; `undefined` where the server does not tell. */
  readonly isOtherProcess: true | undefined;
}

export interface DataCheckSetup {
  /** The database that the endpoint was configured with; without it the one that the client has selected. */
  readonly database: number | undefined;
  /** The keys were counted. @param hasLostData Whether they were lost, and none has come since. */
  readonly onCounted: (hasLostData: boolean, loss: DataLoss | undefined) => void;
  readonly onUnknown: (reason: string) => void;
}

/**
 * Notices an endpoint that comes back empty: it had keys, has none over a new connection, and the server was not only
 * flushed (its process is another one, as far as it tells).
 *
 * Keys are counted over each new connection, and with every further check for as long as there are none.
 */
export class DataCheck {
  readonly #setup: DataCheckSetup;
  #keys: number | undefined;
  #runId: string | undefined;
  #hasLostData = false;
  /** The connection over which they were counted last, and the one over which they were asked for last. */
  #counted: DataClient | undefined;
  #asked: DataClient | undefined;
  #isUnknown = false;

  constructor(setup: DataCheckSetup) {
    this.#setup = setup;
  }

  /** Goes on where the check of the endpoint ended that has been replaced: the new one may be empty. */
  inherit(previous: DataCheck): void {
    if (previous.#setup.database !== this.#setup.database) return;
    this.#keys = previous.#keys;
    this.#runId = previous.#runId;
    this.#hasLostData = previous.#hasLostData;
  }

  /** Never rejects: whatever is wrong with the server, PING says it as well. */
  async run(client: DataClient): Promise<void> {
    const isNew = client !== this.#counted;
    if (this.#isUnknown || (!isNew && this.#keys !== 0)) return;
    this.#asked = client;
    const [keys, runId] = await Promise.all([this.#count(client), isNew ? runIdOf(client) : this.#runId]);
    // What comes late, over an older connection, is out of date.
    if (keys === undefined || this.#asked !== client) return;
    const loss = keys === 0 && isNew ? this.#lossOf(client, runId) : undefined;
    this.#hasLostData = keys === 0 && (this.#hasLostData || loss !== undefined);
    this.#keys = keys;
    this.#runId = runId;
    this.#counted = client;
    this.#setup.onCounted(this.#hasLostData, loss);
  }

  #lossOf(client: DataClient, runId: string | undefined): DataLoss | undefined {
    const keysBefore = this.#keys ?? 0;
    const isToldOfBoth = runId !== undefined && this.#runId !== undefined;
    if (keysBefore === 0 || (isToldOfBoth && runId === this.#runId)) return undefined;
    return { database: this.#databaseOf(client), keysBefore, isOtherProcess: isToldOfBoth ? true : undefined };
  }

  #databaseOf(client: DataClient): number {
    return this.#setup.database ?? client.options?.db ?? 0;
  }

  async #count(client: DataClient): Promise<number | undefined> {
    try {
      const database = this.#databaseOf(client);
      if (database === (client.options?.db ?? 0)) return numberIn(await client.dbsize?.());
      // The connection has selected another database. Those without keys are not listed.
      const keyspace = await client.info?.('keyspace');
      return typeof keyspace === 'string' ? Number(keysIn(keyspace, database) ?? 0) : undefined;
    } catch (error) {
      const { message } = toError(error);
      if (isRefusedQuestion(message)) {
        this.#isUnknown = true;
        this.#setup.onUnknown(message);
      }
      return undefined;
    }
  }
}

async function runIdOf(client: DataClient): Promise<string | undefined> {
  const server: unknown = await client.info?.('server').catch(() => undefined);
  return typeof server === 'string' ? /^run_id:(\w+)/m.exec(server)?.[1] : undefined;
}

function keysIn(keyspace: string, database: number): string | undefined {
  return new RegExp(`^db${database}:keys=(\\d+)`, 'm').exec(keyspace)?.[1];
}

function numberIn(reply: unknown): number | undefined {
  return typeof reply === 'number' ? reply : undefined;
}
