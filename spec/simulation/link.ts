import type { Random } from '../support/checker/random.ts';
import { Lane } from './lane.ts';
import type { ModelServer, ServerConnection } from './model-server.ts';
import { SimulatedSocket } from './simulated-socket.ts';
import type { WorldTimers } from './virtual-time.ts';

/** What the way to a server does. */
export type Path = 'open' | 'refused' | 'swallows-all' | 'swallows-replies';

export interface LinkSetup {
  readonly id: number;
  readonly server: ModelServer;
  readonly timers: WorldTimers;
  readonly latencyMs: () => number;
  readonly random: Random;
  readonly path: () => Path;
  /** A stopped process hears of nothing. */
  readonly isProcessStopped: () => boolean;
  /** Tells the process something, at once or when it goes on. */
  readonly tell: (something: () => void) => void;
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
  #isSilent = false;
  /** A stopped process does not know yet. */
  #wasReset = false;

  constructor(setup: LinkSetup) {
    this.#setup = setup;
    this.socket = new SimulatedSocket({
      written: (chunk) => {
        setup.onWritten(chunk);
        this.#toServer.send(chunk);
      },
      closed: (isReset) => this.#closedHere(isReset),
      whenClosed: (tell) =>
        void setup.timers.after(setup.random() < 0.5 ? 0 : setup.latencyMs(), () => this.#tell(tell)),
    });
    const { latencyMs, random, timers } = setup;
    this.#toServer = new Lane({
      ...{ timers, latencyMs, random },
      isHeld: () => this.#holdsRequests,
      deliver: (it) => this.#arrive(it),
    });
    this.#toClient = new Lane({
      ...{ timers, latencyMs, random },
      isHeld: () => this.#holdsReplies,
      deliver: (it) => this.#receive(it),
    });
    timers.after(latencyMs(), () => this.#open());
  }

  /** Ends it as a reset that both sides hear of. */
  reset(): void {
    this.#say('reset');
    this.#wasReset = true;
    this.#toServer.clear();
    this.#toClient.clear();
    this.#remote?.close();
    this.#remote = undefined;
    this.#tell(() => this.socket.failed('ECONNRESET'));
  }

  /** It is cut behind so many more bytes of replies. */
  cutReplies(bytes: number): void {
    this.#toClient.cutAfter(bytes, () => this.reset());
  }

  /** It is cut behind so many more bytes of requests. */
  cutRequests(bytes: number): void {
    this.#toServer.cutAfter(bytes, () => this.reset());
  }

  /** It is cut between messages: behind so many requests, of which so many are answered. */
  cutMessages(requests: number, replies: number): void {
    this.#remote?.cutBehind(requests, replies);
  }

  /** Nothing arrives over it from now on, whatever the way to the server does otherwise. */
  set isSilent(isSilent: boolean) {
    this.#isSilent = isSilent;
    this.pathChanged();
  }

  /** It is not cut any more, nor silent. */
  mend(): void {
    this.#toServer.mend();
    this.#toClient.mend();
    this.#remote?.mend();
    this.isSilent = false;
  }

  pathChanged(): void {
    if (this.#setup.path() === 'refused') return this.reset();
    if (this.#remote === undefined && !this.#isClosed) this.#open();
    this.#toServer.flow();
    this.#toClient.flow();
  }

  /** The process goes on: what has arrived for it meanwhile can be read at once. */
  resume(): void {
    this.#toClient.flow(0);
  }

  get #holdsRequests(): boolean {
    return this.#isSilent || this.#setup.path() === 'swallows-all';
  }

  get #holdsReplies(): boolean {
    return this.#holdsRequests || this.#setup.path() === 'swallows-replies' || this.#setup.isProcessStopped();
  }

  #tell(something: () => void): void {
    this.#setup.tell(something);
  }

  #open(): void {
    if (this.#isClosed || this.#wasReset || this.#remote !== undefined || this.#holdsRequests) return;
    if (this.#setup.path() === 'refused' || !this.#setup.server.isRunning) {
      return this.#tell(() => this.socket.failed('ECONNREFUSED'));
    }
    this.#say('open');
    const { timers, latencyMs } = this.#setup;
    this.#remote = this.#setup.server.accept({
      reply: (bytes) => this.#toClient.send(bytes),
      end: () => this.#toClient.whenEmpty(() => timers.after(latencyMs(), () => this.#tell(() => this.socket.ended()))),
      reset: () => timers.after(latencyMs(), () => this.reset()),
      resetBehindReplies: () => this.#toClient.whenEmpty(() => this.reset()),
    });
    this.#tell(() => this.socket.connected());
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
      this.#setup.timers.after(this.#setup.latencyMs(), () => this.#tell(() => this.socket.ended()));
    });
  }

  #say(what: string): void {
    const { id, server, trace } = this.#setup;
    trace(`${server.name}#${id} ${what}`);
  }
}
