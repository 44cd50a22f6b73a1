import { createHash } from 'node:crypto';
import { Failure, OK, type Reply, Status } from './model-data.ts';
import type { Connection, ModelServer } from './model-server.ts';
import { refusalInScript, refusalOf } from './refusals.ts';

const QUEUED = new Status('QUEUED');
const ABORTED = new Failure('EXECABORT Transaction discarded because of previous errors.');

const NEVER_QUEUED: ReadonlySet<string> = new Set(['EXEC', 'DISCARD', 'MULTI', 'WATCH', 'QUIT']);

const SCRIPT_COMMANDS: ReadonlySet<string> = new Set(['EVAL', 'EVALSHA']);

/** The one script that there is, whatever its text: `INCR` of its key. */
const SCRIPT_SHA = /^[0-9a-f]{40}$/;

/** What a server keeps for one connection, and how it answers. */
export class ModelConnection {
  readonly #server: ModelServer;
  readonly #connection: Connection;
  #queued: string[][] | undefined;
  #isAborted = false;
  #database = 0;
  readonly #watched = new Map<string, number>();

  constructor(server: ModelServer, connection: Connection) {
    this.#server = server;
    this.#connection = connection;
  }

  /** @returns the reply, unless the command has several or none. */
  handle([first = '', ...args]: readonly string[]): Reply | undefined {
    const name = first.toUpperCase();
    const refused = this.#refusal(name);
    if (refused !== undefined) {
      if (this.#queued !== undefined && name !== 'EXEC') this.#isAborted = true;
      return refused;
    }
    if (this.#queued !== undefined && !NEVER_QUEUED.has(name)) {
      if (!this.#isKnown(name)) {
        this.#isAborted = true;
        return this.#server.data.execute(name, args);
      }
      this.#queued.push([name, ...args]);
      return QUEUED;
    }
    const reply = (this.#own[name] ?? ((all) => this.#execute(name, all)))(args);
    this.#server.blocked.serve();
    return reply;
  }

  #isKnown(name: string): boolean {
    const { data } = this.#server;
    return name in this.#own || data.isRead(name) || data.isWrite(name) || SCRIPT_COMMANDS.has(name);
  }

  #refusal(name: string): Failure | undefined {
    const { mode, data, refusesMulti } = this.#server;
    // What was queued decides.
    if (name === 'EXEC') return undefined;
    const isWrite = data.isWrite(name) || name === 'BLPOP';
    const isData = isWrite || data.isRead(name) || SCRIPT_COMMANDS.has(name);
    // MULTI is let in while data is loaded, unless the server is an old one.
    const isRefused = name === 'MULTI' && mode === 'loading' && refusesMulti;
    return refusalOf(isRefused ? 'PING' : name, { isData, isWrite, needsMemory: data.needsMemory(name) }, mode);
  }

  #execute(name: string, args: readonly string[]): Reply {
    const { data, mode } = this.#server;
    if (name === 'CLIENT') return OK;
    if (!SCRIPT_COMMANDS.has(name)) return data.execute(name, args, this.#database);
    const [script = '', , key = ''] = args;
    if (name === 'EVALSHA' && !SCRIPT_SHA.test(script)) return new Failure('NOSCRIPT No matching script.');
    const sha = name === 'EVALSHA' ? script : createHash('sha1').update(script).digest('hex');
    const refused = refusalInScript(sha, mode);
    return refused ?? data.inTransaction(() => data.execute('INCR', [key], this.#database));
  }

  readonly #own: Readonly<Record<string, (args: readonly string[]) => Reply | undefined>> = {
    PING: () => new Status('PONG'),
    ECHO: ([text = '']) => text,
    INFO: () => `loading:${this.#server.mode === 'loading' ? 1 : 0}\r\n`,
    ROLE: () => (this.#server.mode === 'replica' ? ['slave', 'host', 1, 'connected', 0] : ['master', 0, []]),
    SELECT: ([database = '']) => {
      this.#database = Number(database);
      return OK;
    },
    HELLO: ([version = '2']) => {
      this.#connection.protocol = Number(version);
      return ['proto', Number(version)];
    },
    CLIENT: ([sub = '', id = '']) => this.#client(sub.toUpperCase(), Number(id)),
    BLPOP: ([key = '', seconds = '']) => this.#blockingPop(key, Number(seconds)),
    SUBSCRIBE: (channels) => this.#subscribe(channels),
    UNSUBSCRIBE: (channels) => this.#unsubscribe(channels),
    CONFIG: (args) => {
      this.#server.configured.push(String(args.at(-1)));
      return OK;
    },
    PUBLISH: ([channel = '', message = '']) => this.#server.publish(channel, message),
    WATCH: (keys) => {
      if (this.#queued !== undefined) return new Failure('ERR WATCH inside MULTI is not allowed');
      for (const key of keys) this.#watched.set(key, this.#server.data.versionOf(key));
      return OK;
    },
    UNWATCH: () => {
      this.#watched.clear();
      return OK;
    },
    MULTI: () => {
      if (this.#queued !== undefined) return new Failure('ERR MULTI calls can not be nested');
      this.#queued = [];
      return OK;
    },
    DISCARD: () => {
      if (this.#queued === undefined) return new Failure('ERR DISCARD without MULTI');
      this.#endTransaction();
      return OK;
    },
    EXEC: () => this.#exec(),
    QUIT: () => {
      this.#server.timers.after(0, () => this.#connection.end());
      return OK;
    },
  };

  #client(sub: string, id: number): Reply {
    if (sub === 'ID') return this.#connection.id;
    if (sub !== 'UNBLOCK') return OK;
    const connection = this.#server.connectionWith(id);
    return connection !== undefined && this.#server.blocked.callOff(connection) ? 1 : 0;
  }

  #blockingPop(key: string, seconds: number): Reply | undefined {
    const element = this.#server.data.pop(key, this.#database);
    if (element !== undefined) return [key, element];
    this.#server.blocked.add(this.#connection, key, this.#database, seconds);
    return undefined;
  }

  #exec(): Reply {
    const queued = this.#queued;
    if (queued === undefined) return new Failure('ERR EXEC without MULTI');
    const { data } = this.#server;
    const isAborted = this.#isAborted;
    const isConflict = [...this.#watched].some(([key, version]) => data.versionOf(key) !== version);
    this.#endTransaction();
    if (isAborted) return ABORTED;
    const refused = queued.flatMap(([name = '']) => this.#refusal(name) ?? [])[0];
    if (refused !== undefined) return new Failure(`EXECABORT Transaction discarded because of: ${refused.message}`);
    if (isConflict) return null;
    return data.inTransaction(() => queued.map(([name = '', ...args]) => this.#execute(name, args)));
  }

  #endTransaction(): void {
    this.#queued = undefined;
    this.#isAborted = false;
    this.#watched.clear();
  }

  #subscribe(channels: readonly string[]): undefined {
    for (const [i, channel] of channels.entries()) {
      this.#server.subscribe(channel, this.#connection);
      this.#connection.push(['subscribe', channel, i + 1]);
    }
  }

  #unsubscribe(channels: readonly string[]): undefined {
    for (const channel of channels) {
      this.#server.unsubscribe(channel, this.#connection);
      this.#connection.push(['unsubscribe', channel, 0]);
    }
  }
}
