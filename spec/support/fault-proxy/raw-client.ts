import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type CommandArgument } from './resp-client.ts';
import { decodeFrame, encodeRequest, FrameCutter, type RespValue } from './resp.ts';

/** A client without any logic of its own, to see exactly what happens on the wire. */
export class RawClient {
  readonly socket: Socket;
  /** How the connection came to its end. */
  readonly closed: Promise<'ended' | 'reset'>;
  readonly #replies: RespValue[] = [];
  readonly #waiting: ((reply: RespValue) => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    const cutter = new FrameCutter();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of cutter.cut(chunk)) {
        const { value } = decodeFrame(frame);
        const waiting = this.#waiting.shift();
        if (waiting === undefined) this.#replies.push(value);
        else waiting(value);
      }
    });
    this.closed = new Promise((resolve) => {
      socket.once('error', () => resolve('reset'));
      socket.once('close', () => resolve('ended'));
    });
  }

  get port(): number {
    return this.socket.localPort ?? 0;
  }

  /** Replies that arrived and that nobody asked for yet. */
  get unread(): number {
    return this.#replies.length;
  }

  send(...args: CommandArgument[]): this {
    this.socket.write(encodeRequest(args));
    return this;
  }

  /** The next reply; an error as text with its leading "-". */
  async reply(): Promise<RespValue> {
    const reply = this.#replies.shift();
    if (reply !== undefined) return reply;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async replies(count: number): Promise<RespValue[]> {
    const replies: RespValue[] = [];
    while (replies.length < count) replies.push(await this.reply());
    return replies;
  }

  /** RST: the kernel throws away what it has not been able to send. */
  async reset(): Promise<void> {
    this.socket.resetAndDestroy();
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}

export async function connectRawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return new RawClient(socket);
}

/** The error code of a connection attempt; "" when it succeeds. */
export async function connectionError(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return '';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    socket.destroy();
  }
}
