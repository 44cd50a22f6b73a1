import { expect } from 'chai';
import type { DrainResult } from '../lib/endpoints/connection.ts';
import type { Endpoint } from '../lib/endpoints/endpoint.ts';
import type { CoreMember, EndpointSuccessors } from '../lib/geo-core-member.ts';
import { GeoCore } from '../lib/geo-core.ts';
import { GeoFailoverControl } from '../lib/geo-control.ts';
import { GeoEvents } from '../lib/geo-events.ts';
import type { EndpointOptions, EndpointStatus, HealthCheck, SelectEndpoint } from '../lib/index.ts';
import { resolveOptions } from '../lib/options/resolve-options.ts';
import { FakeParticipant } from './failover/fake-participant.ts';
import { FakeClock } from './support/fake-clock.ts';

/** Connections to what shall replace endpoints, which are ready unless the spec says otherwise. */
export class FakeSuccessors implements EndpointSuccessors {
  readonly #log: string[];
  readonly #wanted = new Map<string, { readonly endpoint: Endpoint; readonly onChange: () => void }>();
  isConnected = true;

  constructor(log: string[]) {
    this.#log = log;
  }

  /** The ids of the endpoints to which there are such connections. */
  get ids(): string[] {
    return [...this.#wanted.keys()];
  }

  connect(endpoint: Endpoint, onChange: () => void): void {
    this.callOff(endpoint.id);
    this.#wanted.set(endpoint.id, { endpoint, onChange });
  }

  nudge(): void {
    // It is connected when the spec says so.
  }

  /** From now on they are ready, or are not. */
  become({ isConnected }: { readonly isConnected: boolean }): void {
    this.isConnected = isConnected;
    for (const { onChange } of this.#wanted.values()) onChange();
  }

  isReady(endpoint: Endpoint): boolean {
    return this.#wanted.get(endpoint.id)?.endpoint !== endpoint || this.isConnected;
  }

  take({ id }: Endpoint): void {
    this.#wanted.delete(id);
    this.#log.push(`taken ${id}`);
  }

  discard(endpoint: Endpoint): void {
    if (this.#wanted.get(endpoint.id)?.endpoint === endpoint) this.callOff(endpoint.id);
  }

  callOff(endpointId: string): void {
    const wanted = this.#wanted.get(endpointId);
    if (wanted === undefined) return;
    this.#wanted.delete(endpointId);
    this.#log.push(`called off ${endpointId}`);
    wanted.onChange();
  }
}

/** A client that is connected to what the spec says, and has nothing in flight. */
export class FakeMember extends FakeParticipant implements CoreMember {
  readonly keepsStandbys = true;
  readonly successors: FakeSuccessors;
  readonly connected = new Set<string>();
  readonly #log: string[];

  constructor(name: string, log: string[]) {
    super(name, log);
    this.#log = log;
    this.successors = new FakeSuccessors(log);
  }

  isReady(endpointId: string): boolean {
    return this.connected.has(endpointId);
  }

  endpointAdded({ id }: { readonly id: string }): void {
    this.#log.push(`added ${id}`);
  }

  endpointRemoved(endpointId: string): void {
    this.successors.callOff(endpointId);
    this.#log.push(`removed ${endpointId}`);
  }

  override drained(): Promise<DrainResult> {
    return Promise.resolve({ answered: 0, unanswered: 0 });
  }

  tick(): boolean {
    return true;
  }

  keepStandbys(): void {
    // It does already.
  }

  refresh(): void {
    // It sends nothing.
  }

  giveUpInFlight(endpointId: string): void {
    this.#log.push(`given up ${endpointId}`);
  }

  limitInFlight(endpointId: string): Promise<void> {
    this.#log.push(`in flight limited ${endpointId}`);
    return Promise.resolve();
  }

  nudge(): void {
    // It is connected when the spec says so.
  }

  replaceIfSilent(endpointId: string): void {
    this.#log.push(`replaced if silent ${endpointId}`);
  }
}

/** Everything that clients share, over endpoints without a network, in faked time. */
export class CoreBench {
  readonly clock = new FakeClock();
  readonly log: string[] = [];
  readonly member = new FakeMember('client', this.log);
  readonly core: GeoCore;
  readonly control: GeoFailoverControl;
  /** What a PING of each endpoint brings; nothing means that all is well. */
  readonly ping = new Map<string, () => Promise<unknown>>();

  /**
   * @param ids From the most preferred one.
   * @param check What the rounds judge by instead of the PING.
   * @param selectEndpoint The application's strategy.
   */
  constructor(ids: readonly string[], check?: HealthCheck, selectEndpoint?: SelectEndpoint) {
    const options = resolveOptions({
      endpoints: ids.map((id, index) => ({ ...this.endpoint(id), weight: ids.length - index })),
      healthCheck: { intervalMs: 1_000, timeoutMs: 100, ...(check && { check }) },
      circuitBreaker: { consecutiveFailures: 2, halfOpenAfterMs: 60_000 },
      failover: { verifyTimeoutMs: 200, ...(selectEndpoint && { selectEndpoint }) },
      failback: { enabled: false },
    });
    const events = new GeoEvents();
    this.core = new GeoCore(options, this.clock, () => 0.5, events);
    this.control = new GeoFailoverControl(this.core);
    events.on('endpointSwitched', ({ from, to, reason }) => this.log.push(`${from} > ${to}: ${reason}`));
    events.on('healthStatusChanged', ({ endpointId: id, from, to }) => this.log.push(`${id}: ${from} > ${to}`));
    events.on('circuitStateChanged', ({ endpointId: id, from, to }) => this.log.push(`${id}: ${from} > ${to}`));
  }

  endpoint(id: string): EndpointOptions {
    const client = { ping: () => this.ping.get(id)?.() ?? Promise.resolve('PONG') };
    // Clients without a wire protocol are not in the type, as ioredis-mock has the type of ioredis.
    return { id, redis: (() => client) as unknown as () => never };
  }

  /** Starts with connections to all endpoints, and one round of checks done. */
  async start(): Promise<void> {
    this.core.join(this.member);
    this.core.start();
    for (const { id } of this.core.registry.all) this.connect(id);
    await this.pass(0);
    this.takeLog();
  }

  connect(endpointId: string): void {
    this.member.connected.add(endpointId);
    this.core.readinessChanged(endpointId);
  }

  disconnect(endpointId: string): void {
    this.member.connected.delete(endpointId);
    this.core.readinessChanged(endpointId);
  }

  statusOf(endpointId: string): EndpointStatus | undefined {
    return this.control.endpoints().find(({ id }) => id === endpointId);
  }

  /** From now on the endpoint, which is not the active one, fails, and everybody knows. */
  async lose(endpointId: string): Promise<void> {
    this.fail(endpointId);
    await this.pass(1_000);
    expect(this.takeLog()).to.deep.equal([`given up ${endpointId}`, `${endpointId}: healthy > unhealthy`]);
  }

  async force(endpointId: string): Promise<void> {
    expect(await this.control.switchTo(endpointId, { force: true })).to.include({ to: endpointId });
    await this.pass(0);
  }

  async openCircuit(endpointId: string): Promise<void> {
    for (let i = 0; i < 2; i++) this.core.recordFailure(endpointId, new Error('refused'), { isRound: true });
    await this.pass(0);
  }

  fail(endpointId: string): void {
    this.ping.set(endpointId, () => Promise.reject(new Error(`${endpointId} is down`)));
  }

  heal(endpointId: string): void {
    this.ping.delete(endpointId);
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed <= ms; passed += 25) {
      if (passed > 0) this.clock.advance(25);
      // Promises go on, and events are delivered.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What was told and done since the last call, but for what every switch asks of a client. */
  takeLog(): string[] {
    return this.log.splice(0).filter((line) => !line.startsWith('client: '));
  }

  close(): void {
    this.core.stop();
  }
}
