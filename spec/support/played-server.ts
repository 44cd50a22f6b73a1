import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { FrameCutter, decodeRequest } from './fault-proxy/resp.ts';
import { Waiters } from './fault-proxy/waiters.ts';

const waitTimeoutMs = 10_000;

/** What ioredis asks for by itself. Requests begin with one of these, in lower case. */
const HANDSHAKE: Readonly<Record<string, string>> = {
  hello: '%1\r\n$5\r\nproto\r\n:3\r\n',
  auth: '+OK\r\n',
  'client setinfo': '+OK\r\n',
  info: '$9\r\nloading:0\r\n',
  select: '+OK\r\n',
};

/** A Redis server that a spec plays. It answers ioredis's handshake by itself, and everything else when it is told to. */
export class PlayedServer {
  readonly host = '127.0.0.1';
  port = 0;
  /** Answers that are given at once, by how a request begins. */
  readonly answers = new Map(Object.entries(HANDSHAKE));
  /** Every connection so far, oldest first. */
  readonly connections: PlayedConnection[] = [];
  readonly #server: Server;
  readonly #waiters = new Waiters();

  constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.connections.push(new PlayedConnection(socket, this.answers, () => this.#waiters.notify()));
      this.#waiters.notify();
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, this.host);
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when the condition holds; it is looked at whenever something happens at the server. */
  waitFor(condition: () => boolean): Promise<void> {
    const what = (): string =>
      `${condition.toString()} with ${JSON.stringify(this.connections.map(({ received }) => received))}`;
    return this.#waiters.wait(condition, what, waitTimeoutMs);
  }

  /** The connection with this number, counted from 0, once it is there. */
  async connection(index = 0): Promise<PlayedConnection> {
    await this.waitFor(() => this.connections.length > index);
    return this.connections[index]!;
  }

  close(): void {
    this.#server.close();
    for (const connection of this.connections) connection.socket.destroy();
  }
}

export class PlayedConnection {
  readonly socket: Socket;
  /** Requests that the server did not answer by itself, as on a command line. */
  readonly received: string[] = [];
  /** Requests that it answered by itself. */
  readonly handshake: string[] = [];
  /** All requests. */
  readonly requests: string[] = [];
  end: 'open' | 'ended' | 'reset' = 'open';
  readonly #notify: () => void;

  constructor(socket: Socket, answers: ReadonlyMap<string, string>, notify: () => void) {
    this.socket = socket;
    this.#notify = notify;
    const cutter = new FrameCutter();
    socket.on('data', (chunk: Buffer) => {
      for (const frame of cutter.cut(chunk)) this.#receive(decodeRequest(frame).map(String), answers);
      notify();
    });
    socket.on('error', () => this.#ended('reset'));
    socket.on('end', () => this.#ended('ended'));
  }

  /** Answers in the order of the requests. */
  reply(...replies: readonly string[]): void {
    this.socket.write(replies.map((reply) => `${reply}\r\n`).join(''));
  }

  /** Ends the connection with a reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #receive(request: readonly string[], answers: ReadonlyMap<string, string>): void {
    const line = request.join(' ');
    this.requests.push(line);
    const begins = [...answers].find(([start]) => line.toLowerCase().startsWith(start));
    if (begins === undefined) this.received.push(line);
    else {
      this.handshake.push(line);
      this.socket.write(begins[1]);
    }
  }

  #ended(end: 'ended' | 'reset'): void {
    if (this.end === 'open') this.end = end;
    this.#notify();
  }
}

/** A server that is started anew for each test of the suite in which this is called. */
export function playedServerForEachTest(): { readonly current: PlayedServer } {
  let server: PlayedServer | undefined;
  beforeEach(async () => {
    server = new PlayedServer();
    await server.start();
  });
  afterEach(() => server?.close());
  return {
    get current() {
      if (server === undefined) throw new Error('The server is not started');
      return server;
    },
  };
}
