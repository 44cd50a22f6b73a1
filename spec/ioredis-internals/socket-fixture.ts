import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, type Server, type ServerOpts, type Socket, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server as TlsServer, createServer as createTlsServer } from 'node:tls';
import { ResettableConnector } from '../../lib/ioredis-internals/connector.ts';
import { onEnd } from '../support/fault-proxy/sockets.ts';
import { createTestCertificates } from '../support/tls-certificates.ts';

/** More than the kernel takes for a side that does not read. */
export const BULK = Buffer.alloc(16 * 1024 * 1024);

/** Options of a connector that speaks TLS. */
export function tls(): { tls: { ca: Buffer } } {
  return { tls: { ca: readFileSync(createTestCertificates().ca) } };
}

/** Servers that answer nothing, and sockets to them; one fixture per suite, emptied after each test. */
export class SocketFixture {
  /** The server's sockets, TCP also below TLS. */
  readonly accepted: Socket[] = [];
  readonly #servers: Server[] = [];
  #directory: string | undefined;

  constructor() {
    afterEach(() => this.#dispose());
  }

  /** Where a pipe may be. */
  get path(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), 'ioredis-geo-failover-pipe-'));
    return join(this.#directory, 'pipe');
  }

  /** A server over TCP that reads everything, unless it is told to pause. */
  async listen(options: ServerOpts = {}): Promise<number> {
    const server = createServer({ allowHalfOpen: true, ...options }, (socket) => {
      if (options.pauseOnConnect !== true) socket.resume();
    });
    return this.#start(server, 0);
  }

  async listenOnPipe(): Promise<void> {
    await this.#start(
      createServer((socket) => socket.resume()),
      this.path,
    );
  }

  /** A server over TLS. It says something, so that clients know when it has nothing of the handshake to read any more. */
  async listenTls(reads = true): Promise<number> {
    const files = createTestCertificates();
    const server = createTlsServer({ cert: readFileSync(files.cert), key: readFileSync(files.key) }, (socket) => {
      socket.on('error', () => undefined);
      socket.write('hello');
      if (reads) socket.resume();
      else socket.pause();
    });
    server.on('tlsClientError', () => undefined);
    return this.#start(server, 0);
  }

  /** A port on which nobody listens any more. */
  async refusingPort(): Promise<number> {
    const port = await this.listen();
    this.#servers.at(-1)?.close();
    return port;
  }

  /** Connects, and resolves with both sides of the connection. */
  async connect(port: number): Promise<{ socket: Socket; end: Promise<End> }> {
    const socket = connect({ port, host: '127.0.0.1' });
    const accepted = this.#nextAccepted();
    await once(socket, 'connect');
    return { socket, end: endOf(await accepted) };
  }

  /** The same by a connector; `event` says how far the connection has to be. */
  async connector(options: object, event: 'connect' | 'data' = 'connect'): Promise<Connected> {
    const connector = new ResettableConnector({ host: '127.0.0.1', ...options });
    const accepted = this.#nextAccepted();
    const stream = await connector.connect();
    stream.on('error', () => undefined);
    await once(stream, event);
    return { connector, stream, end: endOf(await accepted) };
  }

  #nextAccepted(): Promise<Socket> {
    const server = this.#servers.at(-1);
    const event = server instanceof TlsServer ? 'secureConnection' : 'connection';
    return new Promise((resolve) => server?.once(event, resolve));
  }

  async #start(server: Server, place: number | string): Promise<number> {
    this.#servers.push(server);
    server.on('connection', (socket: Socket) => this.accepted.push(socket.on('error', () => undefined)));
    if (typeof place === 'string') server.listen(place);
    else server.listen(place, '127.0.0.1');
    await once(server, 'listening');
    return typeof place === 'string' ? 0 : (server.address() as AddressInfo).port;
  }

  #dispose(): void {
    for (const socket of this.accepted.splice(0)) socket.destroy();
    for (const server of this.#servers.splice(0)) server.close();
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true });
    this.#directory = undefined;
  }
}

type End = 'ended' | 'reset';

export interface Connected {
  readonly connector: ResettableConnector;
  readonly stream: Socket;
  /** What the server's side sees of the end. */
  readonly end: Promise<End>;
}

function endOf(socket: Socket): Promise<End> {
  return new Promise((resolve) => {
    socket.once('error', () => resolve('reset'));
    onEnd(socket, () => resolve('ended'));
  });
}

export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
}
