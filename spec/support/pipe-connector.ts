import { Duplex } from 'node:stream';
import { AbstractConnector } from 'ioredis';
import { FrameCutter, decodeRequest } from './fault-proxy/resp.ts';

type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;

/** In memory instead of a socket. What ioredis asks for at first is answered, nothing else is. */
class Pipe extends Duplex {
  readonly #cutter = new FrameCutter();

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const frame of this.#cutter.cut(chunk)) {
      const name = String(decodeRequest(frame)[0]).toLowerCase();
      if (name === 'hello') this.push('%1\r\n$5\r\nproto\r\n:3\r\n');
      else if (name === 'info') this.push('$9\r\nloading:0\r\n');
      else if (name === 'client' || name === 'select') this.push('+OK\r\n');
    }
    done();
  }

  override _read(): void {
    // What there is was pushed already.
  }

  setNoDelay(): void {
    // It knows no delay.
  }

  setKeepAlive(): void {
    // It is alive.
  }
}

/** A connector as an application may have one of its own, whose streams are no sockets. */
export class PipeConnector extends AbstractConnector {
  constructor() {
    super(0);
  }

  connect(): Promise<Stream> {
    this.stream = new Pipe() as unknown as Stream;
    return Promise.resolve(this.stream);
  }
}

/** One that never delivers a stream, as when nobody answers the question where to connect to, until it is called off. */
export class HangingConnector extends AbstractConnector {
  #callOff: () => void = () => undefined;

  constructor() {
    super(0);
  }

  connect(): Promise<Stream> {
    return new Promise((_resolve, reject) => {
      this.#callOff = () => reject(new Error('Connection is closed.'));
    });
  }

  override disconnect(): void {
    super.disconnect();
    this.#callOff();
  }
}
