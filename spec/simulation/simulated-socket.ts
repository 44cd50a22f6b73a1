import { Duplex } from 'node:stream';

/** What a socket of the simulation tells the network. */
export interface SocketOwner {
  written(chunk: Buffer): void;
  /** @param isReset Nothing that is on its way need arrive. */
  closed(isReset: boolean): void;
  /** A socket that is destroyed takes no more writes; that it is closed is told a little later. */
  whenClosed(tell: () => void): void;
}

/** In memory instead of a TCP socket, with what ioredis and the package use of one. */
export class SimulatedSocket extends Duplex {
  connecting = true;
  bytesRead = 0;
  bytesWritten = 0;
  /** Only a TCP socket has one, and only those can be reset. */
  readonly remotePort = 1;
  /** Node's own flag, by which `destroy()` becomes a reset. */
  resetAndClosing = false;
  readonly #owner: SocketOwner;
  #timeout: NodeJS.Timeout | undefined;

  constructor(owner: SocketOwner) {
    super({ allowHalfOpen: false });
    this.#owner = owner;
  }

  connected(): void {
    if (this.destroyed) return;
    this.connecting = false;
    this.emit('connect');
  }

  receive(chunk: Buffer): void {
    if (this.destroyed) return;
    this.bytesRead += chunk.length;
    this.push(chunk);
  }

  /** The other side closed the connection. */
  ended(): void {
    if (!this.destroyed) this.push(null);
  }

  failed(code: string): void {
    this.destroy(Object.assign(new Error(`${this.connecting ? 'connect' : 'read'} ${code}`), { code }));
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _read(): void {
    // What arrives is pushed.
  }

  override _final(done: () => void): void {
    this.#owner.closed(false);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timeout);
    this.#owner.closed(this.resetAndClosing || error !== null);
    this.#owner.whenClosed(() => done(error));
  }

  setTimeout(ms: number, onTimeout?: () => void): this {
    clearTimeout(this.#timeout);
    if (onTimeout !== undefined && ms > 0) this.#timeout = setTimeout(onTimeout, ms);
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  #send(chunk: Buffer): void {
    this.bytesWritten += chunk.length;
    this.#owner.written(chunk);
  }
}
