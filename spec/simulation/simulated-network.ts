import { AbstractConnector, type RedisOptions } from 'ioredis';
import type { Random } from '../support/checker/random.ts';
import { Link, type Path } from './link.ts';
import type { ModelServer } from './model-server.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import { REAL_TIMERS, type WorldTimers } from './virtual-time.ts';

type Connector = NonNullable<RedisOptions['Connector']>;
type Stream = Awaited<ReturnType<AbstractConnector['connect']>>;

/** One way, in milliseconds. */
export interface Latency {
  readonly leastMs: number;
  readonly mostMs: number;
}

export interface NetworkSetup {
  readonly random: Random;
  readonly trace?: (line: string) => void;
  /** Told what clients write, whether it arrives or not. */
  readonly onWritten?: (bytes: Buffer) => void;
  readonly latency?: Latency;
  readonly timers?: WorldTimers;
  readonly isProcessStopped?: () => boolean;
}

/** The network between one process and its servers. */
export class SimulatedNetwork {
  readonly #setup: Required<NetworkSetup>;
  readonly #links = new Map<ModelServer, Set<Link>>();
  readonly #paths = new Map<ModelServer, Path>();
  readonly #delays = new Map<ModelServer, number>();
  /** What the process is told when it goes on. */
  #untold: (() => void)[] = [];
  #count = 0;

  constructor(setup: NetworkSetup) {
    this.#setup = {
      trace: ignore,
      onWritten: ignore,
      latency: { leastMs: 0.05, mostMs: 1 },
      timers: REAL_TIMERS,
      isProcessStopped: () => false,
      ...setup,
    };
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

  /** Every way to that server, and back, takes so much longer. */
  setDelay(server: ModelServer, ms: number): void {
    this.#delays.set(server, ms);
  }

  linksTo(server: ModelServer): Link[] {
    return [...(this.#links.get(server) ?? [])];
  }

  get openSockets(): number {
    return [...this.#links.values()].reduce((sum, links) => sum + links.size, 0);
  }

  /** The process was stopped, and goes on. */
  resume(): void {
    const untold = this.#untold.splice(0);
    if (untold.length > 0) this.#setup.timers.after(0, () => untold.forEach((something) => something()));
    for (const links of this.#links.values()) for (const link of links) link.resume();
  }

  #connect(server: ModelServer): SimulatedSocket {
    const links = this.#links.get(server) ?? new Set();
    this.#links.set(server, links);
    const { random, timers, trace, onWritten, latency, isProcessStopped } = this.#setup;
    const { leastMs, mostMs } = latency;
    const link: Link = new Link({
      id: ++this.#count,
      ...{ server, random, timers, trace, onWritten, isProcessStopped },
      latencyMs: () => leastMs + random() * (mostMs - leastMs) + (this.#delays.get(server) ?? 0),
      tell: (something) => {
        if (isProcessStopped()) this.#untold.push(something);
        else something();
      },
      path: () => this.#paths.get(server) ?? 'open',
      onClosed: () => links.delete(link),
    });
    links.add(link);
    return link.socket;
  }
}

function ignore(): void {
  // Nobody listens.
}
