import {
  type GeoFailoverOptions,
  type GeoFailoverRedis,
  type HealthCheck,
  type SwitchReport,
  type UpdateOptions,
  type createGeoFailoverRedis,
  allOf,
  gateFailbackOnly,
  pingHealthCheck,
} from '../../lib/index.ts';
import type { ApplicationAction, Fault } from './faults.ts';
import type { ModelServer } from './model-server.ts';
import type { SetUp } from './set-up.ts';
import { duplicateOf, pause } from '../support/side-loads/side-load.ts';
import type { SimulatedNetwork } from './simulated-network.ts';
import type { VirtualTime } from './virtual-time.ts';

const DEFAULT_DRAIN_MS = 1_000;

/** Preparing takes so long that commands of the load must have come meanwhile. */
const LONG_MS = 100;

/** What it changes at run time. What the callers are promised stays: that is judged by what was given at first. */
const UPDATES: readonly UpdateOptions[] = [
  { failback: { enabled: false } },
  { failback: { enabled: true, gracePeriodMs: 200, jitterMs: 0 } },
  { failback: { gracePeriodMs: 2_000, consecutiveSuccesses: 1, jitterMs: 500 } },
  { failover: { silenceFloorMs: 100, silenceCeilingMs: 200, verifyTimeoutMs: 200 } },
  { failover: { silenceFloorMs: 350, silenceCeilingMs: 500, verifyTimeoutMs: 550 } },
  { healthCheck: { intervalMs: 150, probes: 2, probeDelayMs: 10, policy: 'any' } },
  { healthCheck: { intervalMs: 1_000, probes: 1, check: () => true } },
  { circuitBreaker: { windowMs: 2_000, consecutiveFailures: 3, halfOpenAfterMs: 300 } },
  { retry: { backoff: { initialMs: 1, maxMs: 20 } } },
];

/** For 2 s of every 10 s it is not, and not all endpoints at once. */
function isWelcomeAt(now: number, endpointId: string): boolean {
  return (Math.floor(now / 2_000) + endpointId.charCodeAt(0)) % 5 !== 0;
}

/** What the application does beside its loads. */
export class Application {
  /** The one that was made first. */
  readonly first: GeoFailoverRedis;
  /** The one that the load runs on. */
  readonly client: GeoFailoverRedis;
  readonly problems: string[] = [];
  readonly #setUp: SetUp;
  readonly #endpoints: GeoFailoverOptions['endpoints'];
  readonly #time: Pick<VirtualTime, 'stoppedMs'>;
  #isHealed = false;

  constructor(
    create: typeof createGeoFailoverRedis,
    setUp: SetUp,
    servers: readonly ModelServer[],
    network: SimulatedNetwork,
    time: Pick<VirtualTime, 'stoppedMs'>,
  ) {
    this.#setUp = setUp;
    this.#time = time;
    this.#endpoints = servers.map((server, i) => ({
      id: server.name,
      weight: servers.length - i,
      redis: { Connector: network.connectorTo(server) },
    }));
    const { options, redis, gate } = setUp;
    this.first = create({
      ...options,
      healthCheck: { ...options.healthCheck, ...this.#check() },
      endpoints: this.#endpoints,
      redis,
      failback: { ...options.failback, ...(gate !== 'none' && { gate: () => this.#mayFailBack() }) },
    });
    this.first.on('error', () => undefined);
    this.client = setUp.loadsDuplicate ? duplicateOf(this.first) : this.first;
  }

  #check(): { readonly check?: HealthCheck } {
    const isWelcome: HealthCheck = ({ endpointId }) => this.#isHealed || isWelcomeAt(performance.now(), endpointId);
    switch (this.#setUp.check) {
      case 'none':
        return {};
      case 'ping':
        return { check: pingHealthCheck() };
      case 'fails':
        return { check: allOf(pingHealthCheck(), isWelcome) };
      case 'gates':
        return { check: allOf(pingHealthCheck(), gateFailbackOnly(isWelcome)) };
    }
  }

  act(action: ApplicationAction, { target, bytes, replies }: Fault): void {
    const { geo } = this.first;
    const id = 'abc'[target] ?? '';
    const isThere = geo.endpoints().some((endpoint) => endpoint.id === id);
    switch (action) {
      case 'switch':
      case 'force-switch':
        return void this.#switchTo(id, action === 'force-switch');
      case 'weights':
        if (isThere) geo.setWeight(id, 0.5 + (bytes % 10));
        return;
      case 'add-or-remove':
        if (isThere) void this.#remove(id);
        else this.#add(id);
        return;
      case 'replace':
        void this.#replace(id, bytes % 4 === 0 ? 0.5 + (bytes % 10) : undefined);
        // It is superseded now and then.
        if (bytes % 5 === 0) void this.#replace(id, undefined);
        return;
      case 'update':
        geo.update(UPDATES[bytes % UPDATES.length] ?? {});
        return;
      case 'reconnect':
        (replies % 2 === 0 ? this.first : this.client).disconnect(true);
    }
  }

  /** Everything is as it was in the beginning. */
  heal(): void {
    const { geo } = this.first;
    this.#isHealed = true;
    for (const { id, weight } of this.#endpoints) {
      this.#add(id);
      geo.setWeight(id, weight ?? 1);
    }
    const { failback } = this.#setUp.options;
    geo.update({ failback: { enabled: true, consecutiveSuccesses: 3, ...failback } });
    geo.release();
  }

  /** Resolves when nothing is left. */
  async quit(): Promise<void> {
    await Promise.all([this.first.quit(), ...(this.client === this.first ? [] : [this.client.quit()])]);
  }

  #add(id: string): void {
    const endpoint = this.#endpoints.find((each) => each.id === id);
    if (endpoint === undefined || this.first.geo.endpoints().some((each) => each.id === id)) return;
    this.first.geo.add(endpoint);
  }

  /** What was under way when everything healed is undone. */
  async #remove(id: string): Promise<void> {
    try {
      await this.first.geo.remove(id);
      if (this.#isHealed) this.#add(id);
    } catch {
      // It is the last one that could serve, or the client was closed.
    }
  }

  /** By one that reaches the same server. What was under way when everything healed is undone. */
  async #replace(id: string, weight: number | undefined): Promise<void> {
    const { geo } = this.first;
    const endpoint = this.#endpoints.find((each) => each.id === id);
    if (endpoint === undefined) return;
    const judge = this.#judgeReport(undefined);
    try {
      const report = await geo.replace(id, { redis: endpoint.redis, weight });
      if (report !== undefined) judge(report);
      if (this.#isHealed) geo.setWeight(id, endpoint.weight ?? 1);
    } catch {
      // It may not be there, or fail, or another one is wanted.
    }
  }

  async #switchTo(id: string, isForced: boolean): Promise<void> {
    const { geo } = this.first;
    const { drainMs } = this.#setUp;
    const judge = this.#judgeReport(drainMs);
    try {
      judge(await geo.switchTo(id, { force: isForced, ...(drainMs !== undefined && { drainMs }) }));
    } catch {
      // It may not be there, or fail.
    }
    geo.release();
  }

  /** @param drainMs Of a switch that begins now, if it has its own. */
  #judgeReport(drainMs: number | undefined): (report: SwitchReport) => void {
    const { stoppedMs } = this.#time;
    const limitMs = drainMs ?? this.#setUp.options.failover?.drainMs ?? DEFAULT_DRAIN_MS;
    return (report) => {
      // Replies that came while the process was stopped lie in its sockets, and are waited for when it goes on.
      const patienceMs = limitMs + this.#time.stoppedMs - stoppedMs;
      if (!this.#isHealed) this.problems.push(...problemsOf(report, limitMs > 0 ? patienceMs : 0));
    };
  }

  async #mayFailBack(): Promise<boolean> {
    if (this.#setUp.gate === 'is-slow') await pause(300);
    if (this.#isHealed || this.#setUp.gate === 'is-slow') return true;
    if (this.#setUp.gate === 'throws') throw new Error('The application does not know.');
    return false;
  }
}

function problemsOf(report: SwitchReport, limitMs: number): string[] {
  const { from, to, moved, interrupted, isDrained, heldMs, phases } = report;
  const isUsedUp = limitMs > 0 && phases.drainMs >= limitMs;
  const problems = [
    ...(isDrained === interrupted > 0 ? ['does not agree with itself about what was interrupted'] : []),
    ...(heldMs !== phases.drainMs + phases.switchMs ? ['does not agree with itself about how long it took'] : []),
    ...(isUsedUp && interrupted === 0 ? [`says that nothing was interrupted in ${limitMs} ms`] : []),
    ...(phases.drainMs >= LONG_MS && moved === 0 ? [`has moved nothing in ${phases.drainMs} ms`] : []),
  ];
  return problems.map((problem) => `the report of the switch from ${from} to ${to} ${problem}`);
}
