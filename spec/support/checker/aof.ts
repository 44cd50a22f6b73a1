import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** A write as the server logged it: Redis logs effects, so EVAL shows up as the commands that it ran. */
export interface ExecutedCommand {
  /** Upper case. */
  readonly name: string;
  readonly args: readonly string[];
  /** Place in the server's own order of execution, from 0. */
  readonly order: number;
  readonly db: number;
  /** Commands that were executed as one unit (MULTI/EXEC, script) share it. Units of one command have none. */
  readonly transaction?: number;
}

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const HASH = 0x23;

/** The file ends inside a command: what a killed server may leave behind. */
class Truncated extends Error {}

/** Positions of one AOF part, RESP arrays of bulk strings with annotation lines (`#TS:…`) between them. */
class AofReader {
  readonly #bytes: Buffer;
  readonly #name: string;
  #at = 0;

  constructor(bytes: Buffer, name: string) {
    if (bytes.subarray(0, 5).toString('latin1') === 'REDIS') {
      throw new Error(`${name} has an RDB preamble: run the server with aof-use-rdb-preamble no`);
    }
    this.#bytes = bytes;
    this.#name = name;
  }

  next(): string[] | undefined {
    while (this.#bytes[this.#at] === HASH) this.#line();
    if (this.#at >= this.#bytes.length) return undefined;
    const words: string[] = [];
    for (let left = this.#length('*'); left > 0; left--) words.push(this.#bulk());
    return words;
  }

  #line(): string {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end === -1) throw new Truncated();
    const line = this.#bytes.toString('utf8', this.#at, end).trimEnd();
    this.#at = end + 1;
    return line;
  }

  #length(type: '*' | '$'): number {
    const start = this.#at;
    const line = this.#line();
    const length = Number(line.slice(1));
    if (!line.startsWith(type) || line.length < 2 || !Number.isInteger(length) || length < 0) {
      throw new Error(`${this.#name}: expected ${type}<length> at byte ${start}, got ${JSON.stringify(line)}`);
    }
    return length;
  }

  #bulk(): string {
    const length = this.#length('$');
    const end = this.#at + length;
    if (end + 2 > this.#bytes.length) throw new Truncated();
    const text = this.#bytes.toString('utf8', this.#at, end);
    if (this.#bytes[end] !== CARRIAGE_RETURN || this.#bytes[end + 1] !== LINE_FEED) {
      throw new Error(`${this.#name}: expected the end of a string at byte ${end}`);
    }
    this.#at = end + 2;
    return text;
  }
}

/** Parses the parts of one server's AOF in their order. Only the last part may end inside a command. */
export function parseAof(parts: readonly { readonly name: string; readonly bytes: Buffer }[]): ExecutedCommand[] {
  const executed: ExecutedCommand[] = [];
  let transactions = 0;
  parts.forEach(({ name: part, bytes }, index) => {
    const reader = new AofReader(bytes, part);
    // Redis loads every part through a fresh client, which begins with db 0.
    let db = 0;
    let open: { readonly mark: number; readonly from: number } | undefined;
    try {
      for (let words = reader.next(); words; words = reader.next()) {
        const [first = '', ...args] = words;
        const name = first.toUpperCase();
        if (name === 'SELECT') db = Number(args[0]);
        else if (name === 'MULTI') open = { mark: transactions++, from: executed.length };
        else if (name === 'EXEC') open = undefined;
        else executed.push({ name, args, order: executed.length, db, ...(open && { transaction: open.mark }) });
      }
    } catch (error) {
      if (!(error instanceof Truncated)) throw error;
      if (index < parts.length - 1) throw new Error(`${part} ends inside a command`, { cause: error });
    }
    // Redis discards a transaction without EXEC when it loads the file: it was not executed.
    if (open) executed.length = open.from;
  });
  return executed;
}

export async function readAof(paths: readonly string[]): Promise<ExecutedCommand[]> {
  return parseAof(
    await Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await readFile(path) }))),
  );
}
