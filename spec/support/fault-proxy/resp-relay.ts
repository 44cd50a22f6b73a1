import { decodeFrame, decodeRequest, FrameCutter, type RespValue } from './resp.ts';

export interface ErrorRule {
  /** The error without its leading "-", for instance "READONLY You can't write against a read only replica." */
  readonly message: string;
  /** Chooses the commands to answer (default: all). The arguments come without the command's name. */
  readonly match?: (commandNameUpper: string, args: Buffer[]) => boolean;
}

export interface RespRelayEnds {
  toServer(bytes: Buffer): void;
  toClient(bytes: Buffer): void;
  rule(): ErrorRule | undefined;
  onErrorReply(): void;
}

/** A reply the client still waits for: made here, or to come from the server. */
type Awaited =
  { readonly from: 'proxy'; readonly reply: Buffer } | { readonly from: 'server'; readonly confirms?: Confirmations };

/** SUBSCRIBE and its kin are answered once per channel; how often without arguments depends on the channels. */
interface Confirmations {
  readonly name: string;
  left: number | undefined;
}

const messages = new Set<RespValue>(['message', 'pmessage', 'smessage']);
const confirmed = /^[PS]?(?:UN)?SUBSCRIBE$/;
const [push, array] = ['>', '*'].map((type) => type.charCodeAt(0));

/**
 * Stands right in front of the server and can answer requests in its place. It follows the requests and the
 * replies all the time, because a rule may come into force while replies are still outstanding. A stream that
 * is no RESP (TLS, inline commands, MONITOR) passes unseen from there on.
 */
export class RespRelay {
  readonly #ends: RespRelayEnds;
  readonly #requests = new FrameCutter();
  readonly #replies = new FrameCutter();
  readonly #awaited: Awaited[] = [];
  readonly #channels = new Map<string, Set<RespValue>>();
  #requestsOpaque = false;
  #repliesOpaque = false;
  #subscriptions = 0;
  #isInTransaction = false;

  constructor(ends: RespRelayEnds) {
    this.#ends = ends;
  }

  fromClient(chunk: Buffer): void {
    const forwarded = this.#cut(this.#requests, chunk, this.#requestsOpaque, (request) =>
      this.#answer(request) ? [] : [request],
    );
    this.#send(forwarded, (bytes) => this.#ends.toServer(bytes));
    this.#send(this.#takeOwnReplies(), (bytes) => this.#ends.toClient(bytes));
  }

  fromServer(chunk: Buffer): void {
    const replies = this.#cut(this.#replies, chunk, this.#repliesOpaque, (reply) => {
      this.#account(reply);
      return [reply, ...this.#takeOwnReplies()];
    });
    this.#send(replies, (bytes) => this.#ends.toClient(bytes));
  }

  /** What to pass on of a chunk: its frames as `handle` has them, or all bytes of a stream that is no RESP. */
  #cut(cutter: FrameCutter, chunk: Buffer, opaque: boolean, handle: (frame: Buffer) => Buffer[]): Buffer[] {
    if (opaque) return [cutter.takeRest(), chunk];
    const passed: Buffer[] = [];
    try {
      for (const frame of cutter.cut(chunk)) passed.push(...handle(frame));
    } catch {
      this.#requestsOpaque = true;
      this.#repliesOpaque = true;
      passed.push(cutter.takeRest());
    }
    return passed;
  }

  /** Whether the proxy itself answers the request. */
  #answer(request: Buffer): boolean {
    const [first, ...args] = decodeRequest(request);
    // Neither an empty array nor anything else but an array of bulk strings gets a reply.
    if (first === undefined) return false;
    const name = first.toString('latin1').toUpperCase();
    const rule = this.#ends.rule();
    if (rule !== undefined && applies(rule, name, args) && !this.#isLeftOpenBy(rule)) {
      this.#awaited.push({ from: 'proxy', reply: Buffer.from(`-${rule.message}\r\n`) });
      this.#ends.onErrorReply();
      return true;
    }
    if (name === 'MULTI') this.#isInTransaction = true;
    else if (name === 'EXEC' || name === 'DISCARD' || name === 'RESET') this.#isInTransaction = false;
    // What follows MONITOR's reply are no replies any more.
    if (name === 'MONITOR') this.#repliesOpaque = true;
    const confirms = confirmed.test(name) ? { name: name.toLowerCase(), left: args.length || undefined } : undefined;
    this.#awaited.push(confirms === undefined ? { from: 'server' } : { from: 'server', confirms });
    return false;
  }

  /** A server that knows of a MULTI would keep in its queue whatever follows when EXEC never comes. */
  #isLeftOpenBy(rule: ErrorRule): boolean {
    return this.#isInTransaction && applies(rule, 'EXEC', []);
  }

  /** Finds out whether the frame completes the oldest awaited reply. */
  #account(frame: Buffer): void {
    const oldest = this.#awaited[0];
    const confirms = oldest?.from === 'server' ? oldest.confirms : undefined;
    if (frame[0] === push || frame[0] === array) {
      const [name, channel, count] = confirms !== undefined || this.#subscriptions > 0 ? elements(frame) : [];
      if (confirms !== undefined && name === confirms.name) {
        if (!this.#confirm(confirms, channel, Number(count))) return;
      } else if (frame[0] === push || (this.#subscriptions > 0 && messages.has(name ?? null))) {
        return;
      }
    }
    this.#awaited.shift();
  }

  /** Whether this was the last confirmation. */
  #confirm(confirms: Confirmations, channel: RespValue | undefined, count: number): boolean {
    const kind = confirms.name.replace('un', '');
    const channels = this.#channels.get(kind) ?? new Set();
    this.#channels.set(kind, channels);
    confirms.left ??= Math.max(channels.size, 1);
    confirms.left -= 1;
    if (kind === confirms.name) channels.add(channel ?? null);
    else channels.delete(channel ?? null);
    this.#subscriptions = count;
    return confirms.left === 0;
  }

  /** Own replies must wait for the server's replies to earlier requests, but for nothing else. */
  #takeOwnReplies(): Buffer[] {
    const replies: Buffer[] = [];
    for (let oldest = this.#awaited[0]; oldest?.from === 'proxy'; oldest = this.#awaited[0]) {
      replies.push(oldest.reply);
      this.#awaited.shift();
    }
    return replies;
  }

  #send(parts: readonly Buffer[], send: (bytes: Buffer) => void): void {
    const bytes = Buffer.concat(parts);
    if (bytes.length > 0) send(bytes);
  }
}

function applies({ match }: ErrorRule, name: string, args: Buffer[]): boolean {
  return match?.(name, args) ?? true;
}

function elements(frame: Buffer): RespValue[] {
  const { value } = decodeFrame(frame);
  return Array.isArray(value) ? value : [];
}
