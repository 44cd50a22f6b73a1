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

const WRONG_TYPE = new Failure('WRONGTYPE Operation against a key holding the wrong kind of value');

/** The keys of one server, what it does with them, and what it has executed. They outlast the server's process. */
export class ModelData {
  readonly executed: ExecutedCommand[] = [];
  readonly #values = new Map<string, Value>();
  /** How often each key was written, for WATCH. */
  readonly #versions = new Map<string, number>();
  #transactions = 0;
  #transaction: number | undefined;

  versionOf(key: string): number {
    return this.#versions.get(key) ?? 0;
  }

  isWrite(name: string): boolean {
    return name in this.#writes;
  }

  isRead(name: string): boolean {
    return name in this.#reads;
  }

  execute(name: string, args: readonly string[]): Reply {
    const read = this.#reads[name];
    if (read !== undefined) return read(args);
    const write = this.#writes[name];
    if (write === undefined) return new Failure(`ERR unknown command '${name}'`);
    const reply = write(args);
    if (!(reply instanceof Failure)) this.#log(name, args);
    return reply;
  }

  /** Takes an element from the front of a list, if there is one. */
  pop(key: string): string | undefined {
    const element = this.#list(key).shift();
    if (element !== undefined) this.#log('LPOP', [key, element]);
    return element;
  }

  /** What is executed in there is one unit. */
  inTransaction<T>(run: () => T): T {
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

  #log(name: string, args: readonly string[]): void {
    const transaction = this.#transaction;
    const keys = name === 'DEL' ? args : args.slice(0, 1);
    for (const key of keys) this.#versions.set(key, this.versionOf(key) + 1);
    const order = this.executed.length;
    this.executed.push({ name, args, order, db: 0, ...(transaction !== undefined && { transaction }) });
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
