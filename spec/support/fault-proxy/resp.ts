/** A reply as plain values: maps become flat arrays, errors inside of an array stay text that starts with "-". */
export type RespValue = string | number | null | RespValue[];

type Kind = 'line' | 'blob' | 'array' | 'map' | 'attribute';

const kinds: Readonly<Partial<Record<string, Kind>>> = {
  '+': 'line',
  '-': 'line',
  ':': 'line',
  _: 'line',
  '#': 'line',
  ',': 'line',
  '(': 'line',
  $: 'blob',
  '=': 'blob',
  '!': 'blob',
  '*': 'array',
  '~': 'array',
  '>': 'array',
  '%': 'map',
  '|': 'attribute',
};

interface Header {
  readonly type: string;
  readonly kind: Kind;
  readonly text: string;
  readonly end: number;
}

/** Cuts a byte stream into complete RESP2 or RESP3 frames, wherever its chunks begin and end. */
export class FrameCutter {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #missing = 1;

  /** The frames completed by this chunk; throws when the stream is no RESP. */
  *cut(chunk: Buffer): Generator<Buffer, void> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (this.#skipFrame()) {
      const frame = this.#bytes.subarray(0, this.#at);
      this.#bytes = this.#bytes.subarray(this.#at);
      this.#at = 0;
      this.#missing = 1;
      yield frame;
    }
  }

  /** Gives away what came after the last complete frame. */
  takeRest(): Buffer {
    const rest = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return rest;
  }

  /** Goes on where the last chunk ended, so that a frame in many chunks is looked at once only. */
  #skipFrame(): boolean {
    // Aggregates only add to the number of missing frames, so no recursion is needed.
    while (this.#missing > 0) {
      const header = readHeader(this.#bytes, this.#at);
      if (header === undefined) return false;
      this.#missing -= 1;
      this.#at = header.end;
      const size = Number(header.text);
      // A size of -1 stands for null in RESP2: nothing follows.
      if (header.kind === 'blob' && size >= 0) this.#at += size + 2;
      if (header.kind === 'array' && size > 0) this.#missing += size;
      if (header.kind === 'map') this.#missing += size * 2;
      // What an attribute describes still follows it.
      if (header.kind === 'attribute') this.#missing += size * 2 + 1;
    }
    return this.#at <= this.#bytes.length;
  }
}

/** Decodes the complete frame at `start`. */
export function decodeFrame(bytes: Buffer, start = 0): { value: RespValue; end: number } {
  const header = readHeader(bytes, start);
  if (header === undefined) throw new Error('Incomplete RESP frame');
  const { type, kind, text, end } = header;
  if (kind === 'line') {
    if (type === '_') return { value: null, end };
    return { value: type === ':' || type === ',' ? Number(text) : type === '-' ? `-${text}` : text, end };
  }
  const size = Number(text);
  if (size < 0) return { value: null, end };
  if (kind === 'blob') return { value: bytes.toString('utf8', end, end + size), end: end + size + 2 };
  const items: RespValue[] = [];
  let at = end;
  for (let left = kind === 'array' ? size : size * 2; left > 0; left -= 1) {
    const item = decodeFrame(bytes, at);
    items.push(item.value);
    at = item.end;
  }
  return kind === 'attribute' ? decodeFrame(bytes, at) : { value: items, end: at };
}

/** The arguments (command name first) of a complete request; none when it is no array of bulk strings. */
export function decodeRequest(bytes: Buffer): Buffer[] {
  const header = readHeader(bytes, 0);
  if (header?.type !== '*') return [];
  const args: Buffer[] = [];
  let at = header.end;
  for (let left = Number(header.text); left > 0; left -= 1) {
    const bulk = readHeader(bytes, at);
    if (bulk?.type !== '$') return [];
    const end = bulk.end + Number(bulk.text);
    args.push(bytes.subarray(bulk.end, end));
    at = end + 2;
  }
  return args;
}

export function encodeRequest(args: readonly (string | number | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)];
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg));
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

function readHeader(bytes: Buffer, at: number): Header | undefined {
  if (at >= bytes.length) return undefined;
  const type = String.fromCharCode(bytes[at] ?? 0);
  const kind = kinds[type];
  if (kind === undefined) throw new Error(`Not RESP: a frame starts with byte ${bytes[at] ?? 'none'}`);
  const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
  if (lineEnd === -1) return undefined;
  const text = bytes.toString('utf8', at + 1, lineEnd);
  if (kind !== 'line' && !/^(?:-1|\d+)$/.test(text)) throw new Error(`Not RESP: "${text}" is no size`);
  return { type, kind, text, end: lineEnd + 2 };
}
