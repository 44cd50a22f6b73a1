import { AbstractConnector, type RedisOptions } from 'ioredis';
import { integerBelow, type Random } from '../support/checker/random.ts';
import type { ModelServer, ServerConnection } from './model-server.ts';
import { SimulatedSocket } from './simulated-socket.ts';

type Connector = NonNullable<RedisOptions['Connector']>;
type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;

/** What the way to a server does. */
export type Path = 'open' | 'refused' | 'swallows-all' | 'swallows-replies';

const LATENCY_MS = { least: 0.05, most: 1 };

/** The network between one process and its servers. */
export class SimulatedNetwork {
  readonly #random: Random;
  readonly #trace: (line: string) => void;
  readonly #onWritten: (bytes: Buffer) => void;
  readonly #links = new Map<ModelServer, Set<Link>>();
  readonly #paths = new Map<ModelServer, Path>();
  #count = 0;

  /** @param onWritten Told what clients write, whether it arrives or not. */
  constructor(random: Random, trace: (line: string) => void, onWritten: (bytes: Buffer) => void) {
    this.#random = random;
    this.#trace = trace;
    this.#onWritten = onWritten;
  }

  /** For the option `Connector` of an ioredis client. */
  connectorTo(server: ModelServer): Connector {
    const connect = (): SimulatedSocket => this.#connect(server);
    return class extends AbstractConnector {
      constructor() {
        super(0);
      }

      connect(): Promise<Stream> {
        this.connecting = true;
        // As with a real socket, what happens to it comes after whoever asked for it has got it.
        return Promise.resolve().then(() => {
          if (!this.connecting) throw new Error('Connection is closed.');
          this.stream = connect() as unknown as Stream;
          return this.stream;
        });
      }
    };
  }

  setPath(server: ModelServer, path: Path): void {
    this.#paths.set(server, path);
    for (const link of this.linksTo(server)) link.pathChanged();
  }

  pathTo(server: ModelServer): Path {
    return this.#paths.get(server) ?? 'open';
  }

  linksTo(server: ModelServer): Link[] {
    return [...(this.#links.get(server) ?? [])];
  }

  get openSockets(): number {
    return [...this.#links.values()].reduce((sum, links) => sum + links.size, 0);
  }

  #connect(server: ModelServer): SimulatedSocket {
    const links = this.#links.get(server) ?? new Set();
    this.#links.set(server, links);
    const link: Link = new Link({
      id: ++this.#count,
      server,
      latencyMs: () => LATENCY_MS.least + this.#random() * (LATENCY_MS.most - LATENCY_MS.least),
      random: this.#random,
      path: () => this.pathTo(server),
      trace: this.#trace,
      onWritten: this.#onWritten,
      onClosed: () => links.delete(link),
    });
    links.add(link);
    return link.socket;
  }
}

interface LinkSetup {
  readonly id: number;
  readonly server: ModelServer;
  readonly latencyMs: () => number;
  readonly random: Random;
  readonly path: () => Path;
  readonly trace: (line: string) => void;
  readonly onWritten: (bytes: Buffer) => void;
  readonly onClosed: () => void;
}

/** One connection: a socket on this side, a server's connection on the other, and what is on its way between them. */
export class Link {
  readonly socket: SimulatedSocket;
  readonly #setup: LinkSetup;
  #remote: ServerConnection | undefined;
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  #isClosed = false;

  constructor(setup: LinkSetup) {
    this.#setup = setup;
    this.socket = new SimulatedSocket({
      written: (chunk) => {
        setup.onWritten(chunk);
        this.#toServer.send(chunk);
      },
      closed: (isReset) => this.#closedHere(isReset),
    });
    const { latencyMs, random } = setup;
    this.#toServer = new Lane({
      latencyMs,
      random,
      isHeld: () => this.#holdsRequests,
      deliver: (it) => this.#arrive(it),
    });
    this.#toClient = new Lane({
      latencyMs,
      random,
      isHeld: () => this.#holdsReplies,
      deliver: (it) => this.#receive(it),
    });
    setTimeout(() => this.#open(), latencyMs());
  }

  /** Ends it as a reset that both sides hear of. */
  reset(): void {
    this.#say('reset');
    this.#toServer.clear();
    this.#toClient.clear();
    this.#remote?.close();
    this.#remote = undefined;
    this.socket.failed('ECONNRESET');
  }

  /** It is cut behind so many more bytes of replies. */
  cutReplies(bytes: number): void {
    this.#toClient.cutAfter(bytes, () => this.reset());
  }

  /** It is cut behind so many more bytes of requests. */
  cutRequests(bytes: number): void {
    this.#toServer.cutAfter(bytes, () => this.reset());
  }

  pathChanged(): void {
    if (this.#setup.path() === 'refused') return this.reset();
    if (this.#remote === undefined && !this.#isClosed) this.#open();
    this.#toServer.flow();
    this.#toClient.flow();
  }

  get #holdsRequests(): boolean {
    return this.#setup.path() === 'swallows-all';
  }

  get #holdsReplies(): boolean {
    return this.#holdsRequests || this.#setup.path() === 'swallows-replies';
  }

  #open(): void {
    if (this.#isClosed || this.#remote !== undefined || this.#holdsRequests) return;
    if (this.#setup.path() === 'refused' || !this.#setup.server.isRunning) return this.socket.failed('ECONNREFUSED');
    this.#say('open');
    this.#remote = this.#setup.server.accept({
      reply: (bytes) => this.#toClient.send(bytes),
      end: () => setTimeout(() => this.socket.ended(), this.#setup.latencyMs()),
      reset: () => setTimeout(() => this.reset(), this.#setup.latencyMs()),
    });
    this.socket.connected();
  }

  #arrive(chunk: Buffer): void {
    this.#say(`> ${chunk.length}`);
    this.#remote?.receive(chunk);
  }

  #receive(chunk: Buffer): void {
    this.#say(`< ${chunk.length}`);
    this.socket.receive(chunk);
  }

  #closedHere(isReset: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#say(isReset ? 'given up' : 'closed');
    this.#toClient.clear();
    this.#setup.onClosed();
    // What the network holds was never sent, and is dropped. What is on its way may get there first.
    const isDropped = this.#holdsRequests || (isReset && this.#setup.random() < 0.5);
    if (isDropped) this.#toServer.clear();
    const remote = this.#remote;
    this.#toServer.whenEmpty(() => {
      remote?.close();
      // The other side answers the end of a connection with its own.
      setTimeout(() => this.socket.ended(), this.#setup.latencyMs());
    });
  }

  #say(what: string): void {
    const { id, server, trace } = this.#setup;
    trace(`${server.name}#${id} ${what}`);
  }
}

interface LaneSetup {
  readonly latencyMs: () => number;
  readonly random: Random;
  readonly isHeld: () => boolean;
  readonly deliver: (chunk: Buffer) => void;
}

/** One direction of a connection. Bytes arrive in order, in pieces that begin and end anywhere. */
class Lane {
  readonly #setup: LaneSetup;
  #chunks: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #cut: { bytes: number; readonly then: () => void } | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(setup: LaneSetup) {
    this.#setup = setup;
  }

  send(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.flow();
  }

  flow(): void {
    if (this.#timer !== undefined || this.#chunks.length === 0 || this.#setup.isHeld()) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#deliver();
    }, this.#setup.latencyMs());
  }

  clear(): void {
    this.#chunks = [];
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  cutAfter(bytes: number, then: () => void): void {
    this.#cut = { bytes, then };
  }

  whenEmpty(then: () => void): void {
    if (this.#chunks.length === 0) then();
    else this.#onEmpty = then;
  }

  #deliver(): void {
    if (this.#setup.isHeld()) return;
    let bytes = Buffer.concat(this.#chunks.splice(0));
    // Now and then a piece ends in the midst of a message.
    if (bytes.length > 1 && this.#setup.random() < 0.2) {
      const end = 1 + integerBelow(this.#setup.random, bytes.length - 1);
      this.#chunks.push(bytes.subarray(end));
      bytes = bytes.subarray(0, end);
    }
    const cut = this.#cut;
    if (cut !== undefined && cut.bytes < bytes.length) {
      this.#cut = undefined;
      if (cut.bytes > 0) this.#setup.deliver(bytes.subarray(0, cut.bytes));
      return cut.then();
    }
    if (cut !== undefined) cut.bytes -= bytes.length;
    this.#setup.deliver(bytes);
    if (this.#chunks.length > 0) return this.flow();
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }
}
