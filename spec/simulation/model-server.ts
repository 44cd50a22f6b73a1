import type { Random } from '../support/checker/random.ts';
import { FrameCutter, decodeRequest } from '../support/fault-proxy/resp.ts';
import { BlockedConnections } from './blocked-connections.ts';
import { ModelConnection } from './model-connection.ts';
import { ModelData, type Reply } from './model-data.ts';
import { FLICKER, MAX_CLIENTS, type ServerMode, UNBLOCKED } from './refusals.ts';
import { encodeReply } from './resp-replies.ts';
import { REAL_TIMERS, type WorldTimers } from './virtual-time.ts';

/** What a server does to the connection that it accepted. */
export interface Peer {
  reply(bytes: Buffer): void;
  end(): void;
  reset(): void;
  /** The same, when the replies so far have arrived. */
  resetBehindReplies(): void;
}

/** A server's side of a connection. */
export interface ServerConnection {
  receive(chunk: Buffer): void;
  close(): void;
  /** It breaks when so many more requests were executed, of which so many were answered. */
  cutBehind(requests: number, replies: number): void;
  /** It does not break any more, unless a reply is missing already: then it breaks now. */
  mend(): void;
}

export interface ModelServerOptions {
  readonly timers?: WorldTimers;
  /** In which order it has its keys. */
  readonly shift?: number;
  /** Whether it refuses MULTI while it loads data, as servers before Redis 7 do. */
  readonly refusesMulti?: boolean;
  /** Says what it does while it flickers. */
  readonly random?: Random;
}

/** A command at which a connection breaks: before it is executed, or before it is answered. */
export interface CutAtCommand {
  readonly name: string;
  readonly isExecuted: boolean;
}

/** A Redis server of the simulation: it speaks RESP, executes a few commands, and remembers what it executed. */
export class ModelServer {
  readonly name: string;
  readonly timers: WorldTimers;
  readonly refusesMulti: boolean;
  readonly data: ModelData;
  readonly blocked: BlockedConnections;
  readonly #random: Random;
  #mode: ServerMode = 'normal';
  #cutAt: CutAtCommand | undefined;
  #isRunning = true;
  #isFrozen = false;
  readonly #connections = new Set<Connection>();
  /** The last argument of each CONFIG. */
  readonly configured: string[] = [];
  /** Which connections hear a channel. */
  readonly #subscribers = new Map<string, Set<Connection>>();
  #ids = 0;

  constructor(
    name: string,
    { timers = REAL_TIMERS, shift = 0, refusesMulti = false, random = () => 0 }: ModelServerOptions = {},
  ) {
    this.name = name;
    this.timers = timers;
    this.refusesMulti = refusesMulti;
    this.#random = random;
    this.data = new ModelData(shift);
    this.blocked = new BlockedConnections(this.data, timers);
  }

  get mode(): ServerMode {
    if (this.#mode === 'flickering') return this.#random() < FLICKER ? 'noreplicas' : 'normal';
    return this.#mode;
  }

  set mode(mode: ServerMode) {
    this.#mode = mode;
    if (mode === 'replica') this.blocked.refuse(UNBLOCKED);
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get connections(): number {
    return this.#connections.size;
  }

  accept(peer: Peer): ServerConnection {
    const connection: Connection = new Connection(this, peer, ++this.#ids, () => {
      this.#connections.delete(connection);
      for (const hearing of this.#subscribers.values()) hearing.delete(connection);
    });
    this.#connections.add(connection);
    if (this.#mode === 'maxclients') connection.turnAway();
    return connection;
  }

  /** Ends its process. What it has executed it keeps. */
  kill(): void {
    this.#isRunning = false;
    this.#isFrozen = false;
    for (const connection of [...this.#connections]) connection.abort();
  }

  start(): void {
    this.#isRunning = true;
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  /** What lies in its buffers is executed now, also what came over connections that were given up since. */
  thaw(): void {
    this.#isFrozen = false;
    for (const connection of [...this.#connections]) connection.work();
  }

  /** The next connection over which that command comes breaks. */
  cutAt(cut: CutAtCommand | undefined): void {
    this.#cutAt = cut;
  }

  takeCutAt(name: string): CutAtCommand | undefined {
    const cut = this.#cutAt;
    if (cut?.name !== name.toUpperCase()) return undefined;
    this.#cutAt = undefined;
    return cut;
  }

  connectionWith(id: number): Connection | undefined {
    return [...this.#connections].find((connection) => connection.id === id);
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  subscribe(channel: string, connection: Connection): void {
    const hearing = this.#subscribers.get(channel) ?? new Set();
    this.#subscribers.set(channel, hearing.add(connection));
  }

  unsubscribe(channel: string, connection: Connection): void {
    this.#subscribers.get(channel)?.delete(connection);
  }

  publish(channel: string, message: string): number {
    const hearing = [...(this.#subscribers.get(channel) ?? [])];
    for (const connection of hearing) connection.push(['message', channel, message]);
    return hearing.length;
  }
}

/** Bytes in, bytes out. What the requests mean is the {@link ModelConnection}'s. */
export class Connection implements ServerConnection {
  readonly id: number;
  protocol = 2;
  readonly #server: ModelServer;
  readonly #peer: Peer;
  readonly #onGone: () => void;
  readonly #cutter = new FrameCutter();
  readonly #session: ModelConnection;
  readonly #requests: string[][] = [];
  #unread: Buffer[] = [];
  #out: Buffer[] = [];
  #isClosed = false;
  #isGone = false;
  #isReplyMissing = false;
  /** Where it breaks. */
  #boundary: { requests: number; replies: number } | undefined;

  constructor(server: ModelServer, peer: Peer, id: number, onGone: () => void) {
    this.#server = server;
    this.#peer = peer;
    this.id = id;
    this.#onGone = onGone;
    this.#session = new ModelConnection(server, this);
  }

  receive(chunk: Buffer): void {
    if (this.#isGone) return;
    this.#unread.push(chunk);
    this.work();
  }

  /** A frozen server notices the end of a connection only behind what it has not read. */
  close(): void {
    this.#isClosed = true;
    this.work();
  }

  abort(): void {
    this.#leave();
    this.#peer.reset();
  }

  work(): void {
    if (this.#server.isFrozen || !this.#server.isRunning || this.#isGone) return;
    for (const chunk of this.#unread.splice(0)) {
      for (const frame of this.#cutter.cut(chunk)) this.#requests.push(decodeRequest(frame).map(String));
    }
    while (this.#requests.length > 0 && !this.isBlocked) {
      if (this.#boundary?.requests === 0) return this.#break();
      if (!this.#handle(this.#requests.shift() ?? [])) return this.abort();
    }
    this.#flush();
    if (!this.#isClosed) return;
    this.#server.blocked.forget(this);
    this.#onGone();
  }

  /** Whether the server answers nothing before what this connection waits for. */
  get isBlocked(): boolean {
    return this.#server.blocked.has(this);
  }

  /** What it has waited for, or nothing. */
  unblocked(reply: Reply): void {
    this.#reply(reply);
    this.work();
  }

  /** A message of a subscription. */
  push(message: readonly Reply[]): void {
    if (this.#boundary?.replies === 0 || this.#isGone) return;
    this.#out.push(encodeReply(message, this.protocol, { isPush: true }));
    this.#flush();
  }

  end(): void {
    this.#flush();
    this.#onGone();
    this.#peer.end();
  }

  cutBehind(requests: number, replies: number): void {
    // It is broken already, and a server that goes on behind a missing reply is none.
    if (!this.#isReplyMissing) this.#boundary = { requests, replies };
  }

  mend(): void {
    const isReplyMissing = this.#isReplyMissing;
    this.#boundary = undefined;
    if (isReplyMissing && !this.#isGone) this.#break();
  }

  /** Nobody else is let in. */
  turnAway(): void {
    this.#out.push(encodeReply(MAX_CLIENTS, this.protocol));
    this.end();
    this.#boundary = { requests: 0, replies: 0 };
  }

  /** @returns whether the connection holds. */
  #handle(request: string[]): boolean {
    const [name = ''] = request;
    const cut = this.#server.takeCutAt(name);
    if (cut?.isExecuted === false) return false;
    if (this.#boundary !== undefined) this.#boundary.requests--;
    const reply = this.#session.handle(request);
    if (reply !== undefined) this.#reply(reply);
    return cut === undefined;
  }

  #reply(reply: Reply): void {
    if (this.#boundary?.replies === 0) {
      this.#isReplyMissing = true;
      return;
    }
    if (this.#boundary !== undefined) this.#boundary.replies--;
    this.#out.push(encodeReply(reply, this.protocol));
  }

  #break(): void {
    this.#flush();
    this.#leave();
    this.#peer.resetBehindReplies();
  }

  /** Whatever still comes over it is not read any more. */
  #leave(): void {
    this.#isGone = true;
    this.#unread = [];
    this.#requests.length = 0;
    this.#server.blocked.forget(this);
    this.#onGone();
  }

  #flush(): void {
    if (this.#out.length > 0) this.#peer.reply(Buffer.concat(this.#out.splice(0)));
  }
}
