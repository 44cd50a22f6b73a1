import { connect, type Socket } from 'node:net';
import type { ConnectionContext } from './connection-context.ts';
import { cutPoint } from './cut-point.ts';
import { Lane, type LaneItem } from './lane.ts';
import { RespRelay } from './resp-relay.ts';
import { onEnd, resetSocket, writeNothing } from './sockets.ts';
import type { ConnectionFaults, ConnectionInfo, Pace } from './types.ts';

const openTimeoutMs = 2_000;
const CUT_MS = 10;

/** A client's connection and the one to the target that belongs to it. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #context: ConnectionContext;
  readonly #clientPort: number;
  readonly #openedAt = Date.now();
  readonly #relay: RespRelay;
  readonly #toServer = new Lane(
    (item) => this.#deliverToServer(item),
    () => this.#context.onChange(),
  );
  readonly #toClient = new Lane(
    (item) => this.#deliverToClient(item),
    () => this.#context.onChange(),
  );
  readonly #clientClosed: Promise<void>;
  #target: Socket | undefined;
  #targetOpened: Promise<void> = Promise.resolve();
  #openAt = Infinity;
  #openTimer: NodeJS.Timeout | undefined;
  #openWhenHealed = false;
  #faults: ConnectionFaults;
  #bytesFromClient = 0;
  #bytesFromServer = 0;
  #clientGone = false;
  #clientReset = false;
  // The client takes no more replies.
  #abandoned = false;
  #resetHere = false;

  constructor(client: Socket, context: ConnectionContext, faults: ConnectionFaults) {
    this.#client = client;
    this.#context = context;
    this.#clientPort = client.remotePort ?? 0;
    this.#faults = faults;
    this.#relay = new RespRelay({
      toServer: (bytes) => this.#target?.write(bytes),
      toClient: (bytes) => this.#reply({ kind: 'bytes', bytes }),
      rule: () => context.rule(),
      onErrorReply: () => (context.counters.errorReplies += 1),
    });
    this.#clientClosed = new Promise((resolve) => client.once('close', () => resolve()));
    this.#listenToClient();
    const pace = context.pace();
    this.pace = pace;
    this.#setGates();
    this.#openTargetIn(pace.delays.toServer + pace.delays.toClient);
  }

  get info(): ConnectionInfo {
    return {
      id: this.#context.id,
      clientPort: this.#clientPort,
      openedAt: this.#openedAt,
      bytesFromClient: this.#bytesFromClient,
      bytesFromServer: this.#bytesFromServer,
      clientGone: this.#clientGone,
      clientReset: this.#clientReset,
      blackholed: this.#faults.blackholed,
      heldRequestBytes: this.#faults.blackholed ? this.#toServer.heldBytes : 0,
      heldReplyBytes: this.#toClient.heldBytes,
    };
  }

  get over(): boolean {
    return this.#client.destroyed && this.#target?.destroyed !== false;
  }

  /** What is left when the connection is over concerns nobody. */
  dispose(): void {
    clearTimeout(this.#openTimer);
    this.#toServer.drop();
    this.#toClient.drop();
  }

  set pace({ delays, spikes, drip, replyBytes }: Pace) {
    if (this.#openTimer !== undefined) this.#openTargetIn(delays.toServer + delays.toClient);
    this.#toServer.setPace(delays.toServer, drip.toServer);
    this.#toClient.setPace(delays.toClient, drip.toClient);
    this.#toClient.spikes = spikes;
    this.#toClient.limit = replyBytes;
  }

  /** Resolves at once, or, when this lets a connection to the target begin, once that is open or has failed. */
  async setFaults(faults: ConnectionFaults): Promise<void> {
    this.#faults = faults;
    if (!faults.blackholed && this.#openWhenHealed) this.#openTarget();
    this.#context.counters.heldBytesForwarded += this.#setGates();
    await this.#targetOpened;
  }

  /** A reset after an end goes unnoticed, as nothing is read any more: makes it known in the next turns. */
  probeEndedClient(): void {
    if (this.#clientGone && this.#client.writable) writeNothing(this.#client);
  }

  /** RST to both sides; resolves when the client's socket is closed. */
  async reset(): Promise<void> {
    this.#resetHere = true;
    this.#abandonReplies();
    this.#dropRequests();
    resetSocket(this.#client);
    if (this.#target !== undefined) resetSocket(this.#target);
    await this.#clientClosed;
  }

  #listenToClient(): void {
    this.#client.on('data', (bytes: Buffer) => {
      this.#bytesFromClient += bytes.length;
      this.#context.onRequest(bytes);
      this.#toServer.push({ kind: 'bytes', bytes });
      this.#context.onChange();
    });
    onEnd(this.#client, () => {
      this.#clientGone = true;
      if (this.#context.dropEnded && (this.#faults.blackholed || this.#faults.repliesSwallowed)) this.#clientLeft();
      this.#toServer.push({ kind: 'end' });
      this.#context.onChange();
    });
    // "close" follows and knows all that matters.
    this.#client.on('error', () => undefined);
    this.#client.on('close', (failed: boolean) => {
      this.#clientGone = true;
      if (failed && !this.#resetHere) {
        this.#clientReset = true;
        this.#clientLeft();
        this.#toServer.push({ kind: 'reset' });
      }
      this.#context.onChange();
    });
  }

  /** What a network still held for a client that has gone will never arrive; what is under way will. */
  #clientLeft(): void {
    this.#abandonReplies();
    if (this.#faults.blackholed || this.#target === undefined) this.#dropRequests();
  }

  #abandonReplies(): void {
    this.#abandoned = true;
    const held = this.#toClient.heldBytes;
    this.#toClient.drop();
    this.#context.counters.heldReplyBytesDropped += held;
  }

  #dropRequests(): void {
    const bytes = this.#toServer.drop();
    if (this.#faults.blackholed) this.#context.counters.heldRequestBytesDropped += bytes;
  }

  /** A round trip is what a connection takes to open. That the client was told so at once cannot be helped. */
  #openTargetIn(roundTripMs: number): void {
    this.#openAt = Math.min(this.#openAt, performance.now() + roundTripMs);
    this.#toServer.notBefore = this.#openAt;
    clearTimeout(this.#openTimer);
    const open = (): void => {
      this.#openTimer = undefined;
      this.#openWhenHealed = this.#faults.blackholed;
      if (!this.#faults.blackholed) this.#openTarget();
      this.#setGates();
    };
    if (roundTripMs === 0) open();
    else this.#openTimer = setTimeout(open, this.#openAt - performance.now());
  }

  #openTarget(): void {
    if (this.#client.destroyed) return;
    this.#openWhenHealed = false;
    const target = connect({ ...this.#context.target, allowHalfOpen: true, noDelay: true });
    this.#target = target;
    let opened = false;
    this.#targetOpened = new Promise((resolve) => {
      target.once('connect', resolve).once('close', () => resolve());
      // A target that hangs is no reason to wait for ever.
      setTimeout(resolve, openTimeoutMs).unref();
    });
    target.on('connect', () => (opened = true));
    target.on('data', (bytes: Buffer) => {
      this.#bytesFromServer += bytes.length;
      this.#relay.fromServer(bytes);
      this.#context.onChange();
    });
    onEnd(target, () => this.#toClient.push({ kind: 'end' }));
    target.on('error', () => undefined);
    target.on('close', (failed: boolean) => {
      if (!opened && failed) this.#context.counters.targetFailures += 1;
      if (failed) this.#toClient.push({ kind: 'reset' });
      this.#context.onChange();
    });
  }

  /** Tells how many bytes went on because a gate was opened. */
  #setGates(): number {
    const { blackholed, repliesSwallowed } = this.#faults;
    let forwarded = 0;
    if (blackholed || this.#target === undefined) this.#toServer.closeGate();
    else forwarded += this.#toServer.openGate();
    if (blackholed || repliesSwallowed) this.#toClient.closeGate();
    else forwarded += this.#toClient.openGate();
    return forwarded;
  }

  #reply(item: LaneItem & { kind: 'bytes' }): void {
    if (!this.#abandoned) this.#toClient.push(item);
    else if (this.#faults.blackholed || this.#faults.repliesSwallowed) {
      this.#context.counters.heldReplyBytesDropped += item.bytes.length;
    }
  }

  #deliverToServer(item: LaneItem): void {
    const target = this.#target;
    if (target === undefined) return;
    if (item.kind === 'reset') resetSocket(target);
    else if (item.kind === 'end') target.end();
    else if (target.writable) this.#relay.fromClient(item.bytes);
  }

  #deliverToClient(item: LaneItem): void {
    if (item.kind === 'reset') {
      this.#resetHere = true;
      resetSocket(this.#client);
    } else if (item.kind === 'end') this.#client.end();
    else if (this.#client.writable) this.#deliverReply(item.bytes);
  }

  #deliverReply(bytes: Buffer): void {
    const part = bytes.length > 2 ? this.#context.takeCut() : undefined;
    if (part === undefined) {
      this.#client.write(bytes);
      return;
    }
    this.#client.write(bytes.subarray(0, cutPoint(bytes, part)));
    this.#context.counters.cutReplies += 1;
    this.#abandonReplies();
    this.#context.onChange();
    // A reset would overtake what is on its way.
    setTimeout(() => void this.reset(), CUT_MS);
  }
}
