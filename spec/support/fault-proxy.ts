import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ProxiedConnection } from './fault-proxy/connection.ts';
import { zeroCounters } from './fault-proxy/counters.ts';
import { FaultSettings, LASTING_FAULTS, type LastingFault } from './fault-proxy/fault-settings.ts';
import { Listener } from './fault-proxy/listener.ts';
import { type ReservedPort, reservePort } from './fault-proxy/reserve-port.ts';
import type { ErrorRule } from './fault-proxy/resp-relay.ts';
import { TokenRecord } from './fault-proxy/token-record.ts';
import type { ConnectionInfo, Direction, FaultCounters, FaultProxyOptions, FaultState } from './fault-proxy/types.ts';
import { Waiters } from './fault-proxy/waiters.ts';

export type { ErrorRule } from './fault-proxy/resp-relay.ts';
export type { LastingFault } from './fault-proxy/fault-settings.ts';
export type * from './fault-proxy/types.ts';

const host = '127.0.0.1';
const waitTimeoutMs = 10_000;

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new FaultProxy(await reservePort(), options);
  await proxy.heal();
  return proxy;
}

/** A TCP proxy in this process. Every fault is in place when its method resolves, and stays until heal(). */
export class FaultProxy {
  readonly host = host;
  readonly port: number;
  readonly #reservation: ReservedPort;
  readonly #listener: Listener;
  readonly #options: FaultProxyOptions;
  readonly #settings: FaultSettings;
  readonly #tokens: TokenRecord | undefined;
  readonly #waiters = new Waiters();
  readonly #connections = new Map<number, ProxiedConnection>();
  readonly #counters = zeroCounters();
  /** Whether the next reply is to be cut, see cutReply(). */
  #cut: number | undefined;
  #closed = false;

  constructor(reservation: ReservedPort, options: FaultProxyOptions) {
    this.port = reservation.port;
    this.#reservation = reservation;
    this.#listener = new Listener(host, this.port, (client) => this.#accept(client));
    this.#options = options;
    this.#settings = new FaultSettings(options.latencyMs ?? 0);
    this.#tokens = options.tokens === undefined ? undefined : new TokenRecord(options.tokens);
  }

  /** New connections get ECONNREFUSED, existing ones are reset unless they shall be kept. */
  async refuse({ existing = 'reset' }: { existing?: 'reset' | 'keep' } = {}): Promise<void> {
    this.#listener.stop();
    if (existing === 'reset') await this.reset();
    await this.#listener.expectRefusal();
    this.#waiters.notify();
  }

  /** RST to all current connections (and to the server's ends of them); new ones are accepted as before. */
  async reset(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.reset()));
  }

  async resetConnection(id: number): Promise<void> {
    await this.#connection(id).reset();
  }

  /**
   * Swallows the bytes of both directions: of all connections, also of those to come, or of the current ones
   * that are chosen. Ends and resets are swallowed as well.
   */
  async blackhole({
    connections = 'all',
  }: { connections?: 'all' | ((info: ConnectionInfo) => boolean) } = {}): Promise<void> {
    if (connections === 'all') this.#settings.isBlackhole = true;
    else for (const info of this.connections()) if (connections(info)) this.#settings.blackholed.add(info.id);
    await this.#applyFaults();
  }

  async blackholeOne(id: number): Promise<void> {
    this.#connection(id);
    await this.blackhole({ connections: (info) => info.id === id });
  }

  /** Requests arrive and are executed, but no reply comes back, on current and future connections. */
  async swallowReplies(): Promise<void> {
    this.#settings.areRepliesSwallowed = true;
    await this.#applyFaults();
  }

  /** Every chunk takes `ms` longer; "both" means half of it each way, so that a round trip takes `ms` longer. */
  async delay(ms: number, direction: Direction = 'both'): Promise<void> {
    this.#settings.delay(ms, direction);
    await this.#applyFaults();
  }

  /** Now and then a reply takes `ms` longer, and so do those behind it. @param share How many of them, from 0 to 1. */
  async spike(spikes: { readonly share: number; readonly ms: number }): Promise<void> {
    this.#settings.spike(spikes);
    await this.#applyFaults();
  }

  /** From now on one byte comes at a time, and so long after the other; "both" means half of the time each way. */
  async drip(msPerByte: number, direction: Direction = 'both'): Promise<void> {
    this.#settings.drip(msPerByte, direction);
    await this.#applyFaults();
  }

  /** Of what the server sends, each connection passes on so many bytes from its beginning, and no more. */
  async stallReplies(afterBytes: number): Promise<void> {
    this.#settings.stallReplies(afterBytes);
    await this.#applyFaults();
  }

  /** Answers the chosen commands with an error instead of passing them to the server. */
  async replyWithErrors(rule: ErrorRule): Promise<void> {
    this.#settings.rule = rule;
    await this.#applyFaults();
  }

  /**
   * Passes on the first part of the next reply of any connection and resets that connection then. The part is chosen by a
   * number in [0, 1), and never ends where a line does.
   */
  cutReply(part: number): void {
    this.#cut = part;
  }

  /** Lifts all faults; what was held for clients that are still there has gone on when this resolves. */
  heal(): Promise<void> {
    this.#cut = undefined;
    return this.lift(LASTING_FAULTS);
  }

  /** The same for some of them. */
  async lift(faults: readonly LastingFault[]): Promise<void> {
    if (this.#closed) throw new Error('The fault proxy is closed');
    // A client's reset may wait in the kernel unread: let all of them be seen before anything is passed on.
    for (const connection of this.#connections.values()) connection.probeEndedClient();
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    this.#settings.lift(faults);
    await this.#applyFaults();
    if (faults.includes('refusal')) await this.#listener.start();
    this.#waiters.notify();
  }

  /** Whether a client ever sent this token (a match of the option `tokens`), delivered to the server or not. */
  sawRequestBytes(token: string): boolean {
    if (this.#tokens === undefined) throw new Error('Tokens are recorded with the option "tokens" only');
    return this.#tokens.has(token);
  }

  /** Open connections, and those whose end the server has not been told yet because of a fault. */
  connections(): ConnectionInfo[] {
    return [...this.#connections.values()].map((connection) => connection.info);
  }

  /** Number of connections whose client is still there. */
  get connectionCount(): number {
    return this.connections().filter(({ clientGone }) => !clientGone).length;
  }

  get counters(): Readonly<FaultCounters> {
    return { ...this.#counters };
  }

  get heldBytesDropped(): number {
    return this.#counters.heldRequestBytesDropped + this.#counters.heldReplyBytesDropped;
  }

  get state(): FaultState {
    return {
      listening: this.#listener.listening,
      ...this.#settings.state,
      heldRequestBytes: this.connections().reduce((sum, info) => sum + info.heldRequestBytes, 0),
      heldReplyBytes: this.connections().reduce((sum, info) => sum + info.heldReplyBytes, 0),
    };
  }

  /** Resolves once the condition holds; it is looked at whenever something happens at the proxy. */
  async waitFor(condition: (proxy: this) => boolean, timeoutMs = waitTimeoutMs): Promise<void> {
    const what = (): string => `${condition.toString()} with ${JSON.stringify([this.connections(), this.#counters])}`;
    await this.#waiters.wait(() => condition(this), what, timeoutMs);
  }

  /** Resolves when at least (for 0: exactly) so many clients are connected. */
  async waitForConnections(count: number, timeoutMs = waitTimeoutMs): Promise<void> {
    const what = (): string => `${count} connections to port ${this.port}, there are ${this.connectionCount}`;
    const isEnough = (): boolean => (count === 0 ? this.connectionCount === 0 : this.connectionCount >= count);
    await this.#waiters.wait(isEnough, what, timeoutMs);
  }

  /** Stops listening and kills all connections; idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener.stop();
    await this.reset();
    this.#reservation.release();
  }

  async #applyFaults(): Promise<void> {
    await Promise.all(
      [...this.#connections].map(async ([id, connection]) => {
        connection.pace = this.#settings.pace;
        await connection.setFaults(this.#settings.of(id));
      }),
    );
    this.#waiters.notify();
  }

  #accept(client: Socket): void {
    const id = (this.#counters.accepted += 1);
    const { targetHost = host, targetPort, endedClients = 'drop', onRequest } = this.#options;
    const context = {
      id,
      target: { host: targetHost, port: targetPort },
      counters: this.#counters,
      dropEnded: endedClients === 'drop',
      pace: () => this.#settings.pace,
      rule: () => this.#settings.rule,
      takeCut: () => {
        const part = this.#cut;
        this.#cut = undefined;
        return part;
      },
      onRequest: (bytes: Buffer) => {
        this.#tokens?.add(id, bytes);
        onRequest?.(bytes, connection.info);
      },
      onChange: () => {
        if (connection.over) {
          this.#connections.delete(id);
          connection.dispose();
        }
        this.#waiters.notify();
      },
    };
    const connection = new ProxiedConnection(client, context, this.#settings.of(id));
    this.#connections.set(id, connection);
    this.#waiters.notify();
  }

  #connection(id: number): ProxiedConnection {
    const connection = this.#connections.get(id);
    if (connection === undefined) throw new Error(`There is no connection ${id}`);
    return connection;
  }
}
