import type { GeoFailoverRedis, createGeoFailoverRedis } from '../../../lib/index.ts';
import type { CaseState, CaseStep, FailoverCase } from '../../failover/case-runner/case-file.ts';
import { CaseGate } from '../../failover/case-runner/case-gate.ts';
import type { CaseSignal } from '../../failover/case-runner/case-signal.ts';
import { CASE_OPTIONS, call, describeSwitch } from '../../failover/case-runner/calls.ts';
import { seededRandom } from '../../support/checker/random.ts';
import { ModelServer } from '../model-server.ts';
import { SimulatedNetwork } from '../simulated-network.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { circuitTimesOf } from './feasibility.ts';

/** How long it may take until something is noticed: a check, its timeout, a verification, and some checks in a row. */
const NOTICED_MS = 8_000;

/** A timer of the package is due; what follows takes a few round trips. */
const DUE_MS = 1_000;

const NEVER_MS = 1_000_000_000;
const PAUSE_BETWEEN_COMMANDS_MS = 200;

/** The whole package, with real clients, over servers to which happens what a case says. */
export class SimulatedCase {
  readonly #case: FailoverCase;
  readonly #time: VirtualTime;
  readonly #network: SimulatedNetwork;
  readonly #servers = new Map<string, ModelServer>();
  readonly #client: GeoFailoverRedis;
  readonly #random = seededRandom(1);
  readonly #gate = new CaseGate();
  #openCalls = 0;
  #events: string[] = [];
  #rejected: string[] = [];
  #switchedAt = 0;
  /** How much later the case happens than it says, since the last switch. */
  #delay: number;

  constructor(given: FailoverCase, create: typeof createGeoFailoverRedis, time: VirtualTime) {
    this.#case = given;
    this.#time = time;
    this.#delay = time.now;
    this.#network = new SimulatedNetwork({ random: this.#random, timers: time.world });
    const { endpoints, options, start } = given.given;
    const [halfOpenAfterMs = NEVER_MS] = circuitTimesOf(given.steps);
    if (start === 'all endpoints are up') for (const id of Object.keys(endpoints)) this.#heal(this.#server(id));
    this.#client = create({
      // What does not answer stays unknown for as long as a case wants, and commands are what notices silence.
      healthCheck: { timeoutMs: 60_000 },
      circuitBreaker: { halfOpenAfterMs },
      ...options,
      failback: { ...CASE_OPTIONS.failback, ...options['failback'], gate: () => this.#gate.ask() },
      endpoints: Object.entries(endpoints).map(([id, weight]) => this.#endpoint(id, weight)),
    });
    this.#client.on('error', () => undefined);
    this.#listen();
  }

  /** What happened in each step, of what it asks for. */
  async run(): Promise<Pick<CaseStep, 'events' | 'rejected' | 'active' | 'state'>[]> {
    this.#sendAll();
    const { steps, given } = this.#case;
    if (given.start === 'all endpoints are up') {
      for (const id of Object.keys(given.endpoints)) await this.#until(`${id} is up`, () => this.#isUp(id));
      this.#delay = this.#time.now;
      this.#events = [];
    }
    let at = 0;
    const happened = [];
    for (const step of steps) {
      at = step.at ?? at;
      happened.push(await this.#play(step, at));
    }
    return happened;
  }

  async close(): Promise<void> {
    this.#client.disconnect();
    await this.#time.run(2_000);
  }

  async #play(step: CaseStep, at: number): Promise<Pick<CaseStep, 'events' | 'rejected' | 'active' | 'state'>> {
    const signals = step.signal ?? [];
    const due = at + this.#delay;
    if (this.#time.now > due && signals.length === 0)
      throw new Error(`The step at ${at} ms comes too early for a simulation`);
    await this.#time.run(Math.max(0, due - this.#time.now));
    for (const { signal, text } of signals) await this.#bringAbout(signal, text);
    const isDone = (): boolean =>
      this.#openCalls === 0 &&
      this.#events.length >= (step.events?.length ?? 0) &&
      this.#rejected.length >= (step.rejected?.length ?? 0);
    await this.#time.runUntil(isDone, signals.length > 0 ? NOTICED_MS : DUE_MS);
    if (this.#switchedAt > due) this.#delay = this.#switchedAt - at;
    const { events, rejected } = { events: this.#events, rejected: this.#rejected };
    this.#events = [];
    this.#rejected = [];
    const { geo } = this.#client;
    return { events, rejected, active: geo.activeEndpoint, ...(step.state && { state: this.#stateLike(step.state) }) };
  }

  async #bringAbout(signal: CaseSignal, text: string): Promise<void> {
    switch (signal.type) {
      case 'verdict':
        this.#break(this.#server(signal.id), signal.reason);
        return this.#until(text, () => this.#healthOf(signal.id) === 'unhealthy');
      case 'check-failed':
        // As long as nobody has checked it, it must not be connected before it has failed.
        if (this.#healthOf(signal.id) === 'unknown') this.#kill(this.#server(signal.id));
        else this.#server(signal.id).mode = 'misconf';
        return this.#until(text, () => this.#healthOf(signal.id) === 'unhealthy');
      case 'down':
        this.#kill(this.#server(signal.id));
        return this.#until(text, () => this.#healthOf(signal.id) === 'unhealthy');
      case 'up':
      case 'checks-passed':
        this.#heal(this.#server(signal.id));
        return this.#until(text, () => this.#isUp(signal.id));
      case 'circuit':
        if (signal.circuit === 'closed') this.#server(signal.id).mode = 'normal';
        else this.#server(signal.id).mode = 'noreplicas';
        return this.#until(text, () => this.#status(signal.id)?.circuit === signal.circuit);
      case 'gate':
        this.#gate.answer = signal.answer;
        return;
      case 'gate-time':
        this.#gate.ms = signal.ms;
        return;
      case 'call':
        this.#openCalls++;
        void call(this.#client.geo, signal.call, this.#endpoint, (text) => this.#rejected.push(text)).then(
          () => this.#openCalls--,
        );
        return;
      default:
        throw new Error(`${signal.type} cannot be brought about`);
    }
  }

  #break(server: ModelServer, reason: string): void {
    if (reason === 'silence') this.#network.setPath(server, 'swallows-all');
    else if (reason === 'connection-lost') this.#kill(server);
    else server.mode = reason === 'rejected' ? 'replica' : 'misconf';
  }

  #kill(server: ModelServer): void {
    server.kill();
    // Whoever connects is refused.
    this.#network.setPath(server, 'open');
  }

  #heal(server: ModelServer): void {
    server.mode = 'normal';
    if (!server.isRunning) server.start();
    this.#network.setPath(server, 'open');
  }

  #isUp(id: string): boolean {
    return this.#healthOf(id) === 'healthy' && this.#status(id)?.isReady === true;
  }

  #healthOf(id: string): string | undefined {
    return this.#status(id)?.health;
  }

  #status(id: string): ReturnType<GeoFailoverRedis['geo']['endpoints']>[number] | undefined {
    return this.#client.geo.endpoints().find((endpoint) => endpoint.id === id);
  }

  /** As much as can be seen from outside of what a case names. */
  #stateLike(named: CaseState): CaseState {
    const entries = Object.entries(named).map(([key, value]): [string, unknown] => {
      if (key === 'epoch') return [key, this.#client.geo.epoch];
      if (typeof value !== 'object') return [key, value];
      const { health, circuit, isReady, hasLostData, weight } = this.#status(key) ?? {};
      const seen = { health, circuit, connected: isReady, lostData: hasLostData, weight };
      const keys = Object.keys(value) as (keyof typeof seen)[];
      return [key, Object.fromEntries(keys.map((each) => [each, each in seen ? seen[each] : value[each]]))];
    });
    return Object.fromEntries(entries) as CaseState;
  }

  #server(id: string): ModelServer {
    const known = this.#servers.get(id);
    if (known !== undefined) return known;
    const server = new ModelServer(id, { timers: this.#time.world, random: this.#random });
    // Nothing is known of it before it comes up.
    this.#network.setPath(server, 'swallows-all');
    this.#servers.set(id, server);
    return server;
  }

  readonly #endpoint = (id: string, weight: number): Parameters<GeoFailoverRedis['geo']['add']>[0] => ({
    id,
    weight,
    redis: { Connector: this.#network.connectorTo(this.#server(id)) },
  });

  #listen(): void {
    const { geo } = this.#client;
    geo.on('endpointSwitched', (event) => {
      this.#switchedAt = this.#time.now;
      this.#events.push(describeSwitch(event));
    });
    geo.on('allEndpointsUnhealthy', () => this.#events.push('allEndpointsUnhealthy'));
    geo.on('degradedStart', ({ missing }) => this.#events.push(`degradedStart without ${missing.join(' and ')}`));
    geo.on('actionFailed', ({ action }) => this.#events.push(`actionFailed ${action}`));
  }

  /** An application is at work: it notices silence, and has commands refused. */
  #sendAll(): void {
    const texts = this.#case.steps.flatMap(({ signal }) => signal ?? []);
    // Where only checks may fail, nothing is written.
    const writes = texts.some(
      ({ signal }) => signal.type === 'circuit' || (signal.type === 'verdict' && signal.reason === 'rejected'),
    );
    setInterval(() => {
      const sent = writes ? this.#client.set('key', 'value') : this.#client.get('key');
      sent.catch(() => undefined);
    }, PAUSE_BETWEEN_COMMANDS_MS);
  }

  /** @throws Error when it does not come to that, because the case says nothing about anybody then. */
  async #until(what: string, holds: () => boolean): Promise<void> {
    if (!(await this.#time.runUntil(holds, NOTICED_MS))) throw new Error(`It does not come to it that ${what}`);
  }
}
