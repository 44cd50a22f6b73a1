import type { ExecutedCommand } from '../support/checker/aof.ts';

/** A reply as the model thinks of it. Text is a bulk string, a status is one line, an error begins with its word. */
export type Reply = string | number | null | readonly Reply[] | Status | Failure;

export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class Failure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const OK = new Status('OK');

type Value = string | string[] | Set<string> | Map<string, string>;
type Command = (args: readonly string[]) => Reply;

const KINDS: Readonly<Record<string, (value: Value) => boolean>> = {
  INCR: (value) => typeof value === 'string',
  RPUSH: (value) => Array.isArray(value),
  SADD: (value) => value instanceof Set,
  HSET: (value) => value instanceof Map,
};

const ADDS_OR_REMOVES: ReadonlySet<string> = new Set(['DEL', 'SADD']);

const WRONG_TYPE = new Failure('WRONGTYPE Operation against a key holding the wrong kind of value');

/** What SCAN goes through. Each server has them in an order of its own, where its cursors are places. */
export const SCANNED_KEYS: readonly string[] = Array.from({ length: 50 }, (_, i) => `scanned:${i}`);

/** A key that every server has from the beginning, as text. */
export const TEXT_KEY = 'text';

/** The keys of one server, what it does with them, and what it has executed. They outlast the server's process. */
export class ModelData {
  readonly #scanned: readonly string[];
  readonly executed: ExecutedCommand[] = [];
  readonly #values = new Map<string, Value>([[TEXT_KEY, 'text']]);
  /** By key, also for WATCH. */
  readonly #runs = new Map<string, (number | undefined)[]>();
  #transactions = 0;
  #transaction: number | undefined;

  /** @param shift How the order of keys differs from that of other servers. */
  constructor(shift = 0) {
    this.#scanned = [...SCANNED_KEYS.slice(shift), ...SCANNED_KEYS.slice(0, shift)];
  }

  versionOf(key: string): number {
    return this.#runs.get(key)?.length ?? 0;
  }

  /** For each write of a key the transaction that it was part of, `undefined` for none. */
  runsOf(key: string): readonly (number | undefined)[] {
    return this.#runs.get(key) ?? [];
  }

  isWrite(name: string): boolean {
    return name in this.#writes;
  }

  isRead(name: string): boolean {
    return name in this.#reads;
  }

  /** What a server that has none left refuses. */
  needsMemory(name: string): boolean {
    return this.isWrite(name) && name !== 'DEL';
  }

  execute(name: string, args: readonly string[], database = 0): Reply {
    const read = this.#reads[name];
    if (read !== undefined) return read(args);
    const write = this.#writes[name];
    if (write === undefined) return new Failure(`ERR unknown command '${name}'`);
    const kind = KINDS[name];
    const value = this.#values.get(args[0] ?? '');
    if (kind !== undefined && value !== undefined && !kind(value)) return WRONG_TYPE;
    const reply = write(args);
    // As Redis does, it remembers only what changes something.
    const changesNothing = reply === 0 && ADDS_OR_REMOVES.has(name);
    if (!(reply instanceof Failure) && !changesNothing) this.#log(name, args, database);
    return reply;
  }

  /** Takes an element from the front of a list, if there is one. */
  pop(key: string, database: number): string | undefined {
    const element = this.#list(key).shift();
    if (element !== undefined) this.#log('LPOP', [key, element], database);
    return element;
  }

  /** What is executed in there is one unit. */
  inTransaction<T>(run: () => T): T {
    // A script in there is part of it.
    if (this.#transaction !== undefined) return run();
    this.#transaction = this.#transactions++;
    try {
      return run();
    } finally {
      this.#transaction = undefined;
    }
  }

  readonly #reads: Readonly<Record<string, Command>> = {
    GET: ([key = '']) => {
      const value = this.#values.get(key);
      return value === undefined || typeof value === 'string' ? (value ?? null) : WRONG_TYPE;
    },
    LRANGE: ([key = '']) => [...this.#list(key)],
    SMEMBERS: ([key = '']) => [...this.#set(key)],
    SCAN: ([cursor = '0', , count = '10']) => this.#scan(Number(cursor), Number(count)),
  };

  readonly #writes: Readonly<Record<string, Command>> = {
    SET: ([key = '', value = '']) => {
      this.#values.set(key, value);
      return OK;
    },
    INCR: ([key = '']) => {
      const count = Number(this.#values.get(key) ?? 0) + 1;
      this.#values.set(key, String(count));
      return count;
    },
    RPUSH: ([key = '', ...members]) => this.#list(key).push(...members),
    SADD: ([key = '', ...members]) => {
      const set = this.#set(key);
      const before = set.size;
      for (const member of members) set.add(member);
      return set.size - before;
    },
    HSET: ([key = '', field = '', value = '']) => {
      const hash = this.#hash(key);
      const isNew = !hash.has(field);
      hash.set(field, value);
      return isNew ? 1 : 0;
    },
    DEL: (keys) => keys.filter((key) => this.#values.delete(key)).length,
  };

  #log(name: string, args: readonly string[], db: number): void {
    const transaction = this.#transaction;
    const keys = name === 'DEL' ? args : args.slice(0, 1);
    for (const key of keys) {
      const runs = this.#runs.get(key);
      if (runs === undefined) this.#runs.set(key, [transaction]);
      else runs.push(transaction);
    }
    const order = this.executed.length;
    this.executed.push({ name, args, order, db, ...(transaction !== undefined && { transaction }) });
  }

  #scan(from: number, count: number): Reply {
    const next = from + count;
    return [next < this.#scanned.length ? String(next) : '0', this.#scanned.slice(from, next)];
  }

  #list(key: string): string[] {
    return this.#collection(key, () => [], Array.isArray) as string[];
  }

  #set(key: string): Set<string> {
    return this.#collection(
      key,
      () => new Set(),
      (value) => value instanceof Set,
    ) as Set<string>;
  }

  #hash(key: string): Map<string, string> {
    return this.#collection(
      key,
      () => new Map(),
      (value) => value instanceof Map,
    ) as Map<string, string>;
  }

  #collection(key: string, make: () => Value, isRight: (value: Value) => boolean): Value {
    const known = this.#values.get(key);
    if (known !== undefined && isRight(known)) return known;
    const made = make();
    this.#values.set(key, made);
    return made;
  }
}
