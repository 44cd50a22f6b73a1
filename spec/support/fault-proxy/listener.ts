import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Accepts connections on one fixed port, or refuses them. */
export class Listener {
  readonly #host: string;
  readonly #port: number;
  readonly #accept: (client: Socket) => void;
  #server: Server | undefined;

  constructor(host: string, port: number, accept: (client: Socket) => void) {
    this.#host = host;
    this.#port = port;
    this.#accept = accept;
  }

  get listening(): boolean {
    return this.#server !== undefined;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, this.#accept);
    this.#server = server;
    server.listen({ port: this.#port, host: this.#host });
    await once(server, 'listening');
    // Like a server process, a proxy shall not keep a test run alive that forgot to close it.
    server.unref();
  }

  /** The listening socket is closed at once; the server's "close" event would wait for all connections to end. */
  stop(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Rejects unless a connection attempt gets ECONNREFUSED. */
  async expectRefusal(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const probe = connect({ host: this.#host, port: this.#port });
      probe.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNREFUSED' ? resolve() : reject(error),
      );
      probe.once('connect', () => {
        probe.destroy();
        reject(new Error(`Port ${this.#port} still accepts connections`));
      });
    });
  }
}
