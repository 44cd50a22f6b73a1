import { createHash } from 'node:crypto';
import type { EndpointSwitchedEvent, createGeoFailoverRedis } from '../../lib/index.ts';
import { operationIdsIn } from '../support/checker/history.ts';
import { DEFAULT_MIX, type Load, startLoad } from '../support/checker/load.ts';
import { seededRandom } from '../support/checker/random.ts';
import { type Report, judge } from '../support/checker/verdict.ts';
import { Application } from './application.ts';
import { CONNECTION_LOADS } from './connection-loads.ts';
import { type Fault, faultsOf } from './faults.ts';
import { describeSwitch, judgeSwitch } from './judge-switch.ts';
import { ModelServer } from './model-server.ts';
import { judgeTime } from './judge-time.ts';
import { judgedNews, judgedQueue } from './judged-load.ts';
import { type SetUp, errorsAreOurs, setUpOf, sideLoadsOf } from './set-up.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { heal, stage } from './stage.ts';
import { VirtualTime } from './virtual-time.ts';
import { warmUp } from './warm-up.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly create: typeof createGeoFailoverRedis;
  readonly operations: number;
  /** Instead of those that the seed gives. */
  readonly faults?: readonly Fault[];
  readonly setUp?: SetUp;
  /** Told of everything that happens on the network. */
  readonly onTrace?: (line: string) => void;
}

export interface SimulationResult {
  readonly seed: number;
  readonly setUp: SetUp;
  readonly faults: readonly Fault[];
  readonly report: Report;
  /** What is wrong beside the report: what did not come back, or stays behind. */
  readonly problems: readonly string[];
  readonly switches: readonly string[];
  /** The rare branches that were reached, if the sources were loaded with calls for them. */
  readonly reached: ReadonlySet<string>;
  readonly events: number;
  readonly virtualMs: number;
  /** Equal for equal runs. */
  readonly traceHash: string;
}

const LEAST_FAULTS = 4;
/** Within that time everything has to be well again when nothing is wrong any more. */
const RECOVERY_MS = 25_000;

/** Runs unmodified ioredis and the package against servers of the simulation, through faults, and judges what was told. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  await warmUp();
  const realRandom = Math.random;
  const time = new VirtualTime();
  const reached = new Set<string>();
  Math.random = seededRandom(options.seed + 1);
  Object.assign(globalThis, { noteRareBranch: (name: string) => reached.add(name) });
  try {
    return await new Simulation(options, time, reached).run();
  } finally {
    Object.assign(globalThis, { noteRareBranch: undefined });
    Math.random = realRandom;
    time.end();
  }
}

class Simulation {
  readonly #options: SimulationOptions;
  readonly #time: VirtualTime;
  readonly #reached: ReadonlySet<string>;
  readonly #setUp: SetUp;
  readonly #durationMs: number;
  readonly #faults: readonly Fault[];
  readonly #servers: readonly ModelServer[];
  readonly #network: SimulatedNetwork;
  readonly #hash = createHash('sha1');
  /** When each operation was written for the first time. */
  readonly #writtenAt = new Map<string, number>();
  readonly #switches: { readonly at: number; readonly event: EndpointSwitchedEvent }[] = [];
  readonly #problems: string[] = [];
  /** What the times of faults are counted from. */
  #startedAt = 0;

  constructor(options: SimulationOptions, time: VirtualTime, reached: ReadonlySet<string>) {
    this.#options = options;
    this.#time = time;
    this.#reached = reached;
    // One stream of numbers each, so that what is left away of one does not change the others.
    const { seed, operations } = options;
    const major = Number(process.env['IOREDIS_MAJOR'] ?? 5);
    this.#setUp = options.setUp ?? setUpOf(seededRandom(seed * 10), major);
    const { endpoints, operationsPerSecond, faultsPerSecond, latency, refusesMulti, startsAmidFaults } = this.#setUp;
    this.#durationMs = (operations / operationsPerSecond) * 1_000;
    const count = Math.max(LEAST_FAULTS, Math.round((this.#durationMs / 1_000) * faultsPerSecond));
    const drawn = (): Fault[] =>
      faultsOf(seededRandom(seed * 10 + 1), count, startsAmidFaults ? 0 : 100, this.#durationMs, endpoints);
    this.#faults = (options.faults ?? drawn()).filter(({ atMs }) => atMs < this.#durationMs);
    const timers = time.world;
    this.#servers = ['a', 'b', 'c']
      .slice(0, endpoints)
      .map(
        (name, i) =>
          new ModelServer(name, { timers, shift: 17 * i, refusesMulti, random: seededRandom(seed * 10 + 4 + i) }),
      );
    this.#network = new SimulatedNetwork({
      random: seededRandom(seed * 10 + 2),
      trace: (line) => this.#trace(line),
      onWritten: (bytes) => {
        for (const id of operationIdsIn(bytes.toString('latin1'))) {
          if (!this.#writtenAt.has(id)) this.#writtenAt.set(id, performance.now());
        }
      },
      latency,
      timers,
      isProcessStopped: () => time.isStopped,
    });
    time.onResumed = () => this.#network.resume();
  }

  async run(): Promise<SimulationResult> {
    const { seed, create } = this.#options;
    this.#startedAt = performance.now();
    const network = this.#network;
    const application = new Application(create, this.#setUp, this.#servers, network, this.#time);
    const { client } = application;
    this.#noteSwitches(client.geo);
    const world = { servers: this.#servers, network, time: this.#time, random: seededRandom(seed * 10 + 3) };
    stage(this.#faults, { ...world, act: (action, fault) => application.act(action, fault) });
    const load = this.#startLoad(client);
    const queue = judgedQueue(client);
    const news = judgedNews(client);
    const sides = [queue, news, ...sideLoadsOf(this.#setUp).map((kind) => CONNECTION_LOADS[kind](application.first))];

    await this.#time.run(this.#durationMs);
    heal(world);
    application.heal();
    await this.#expect(load.stop(), 2 * RECOVERY_MS, 'the load did not end');
    const isBack = (): boolean => client.geo.activeEndpoint === 'a' && client.status === 'ready';
    await this.#demand(isBack, RECOVERY_MS, 'the best endpoint is not active again');
    const alreadyHeard = news.heard;
    await this.#demand(() => news.heard > alreadyHeard, 2_000, 'nothing is heard any more');
    await this.#expect(
      Promise.all(sides.map((side) => side.stop())),
      RECOVERY_MS,
      'a load of connections does not end',
    );
    await this.#expect(client.set('afterwards', 'x'), 1_000, 'a command waits although everything is well');
    await this.#expect(application.quit(), RECOVERY_MS, 'quit() does not end');
    await this.#time.run(5_000);
    if (network.openSockets > 0) this.#problems.push(`${network.openSockets} sockets stay open`);
    if (this.#time.timers > 0) this.#problems.push(`${this.#time.timers} timers stay`);

    const { retry, topology } = this.#setUp.options;
    const repeats = retry?.sameEndpoint === 'any';
    const rules = { repeats, repeatsMessages: repeats || topology === 'independent' };
    this.#problems.push(...application.problems, ...sides.flatMap((side) => side.judge(this.#servers, rules)));
    for (const { at, event } of this.#switches) {
      const problem = judgeSwitch(event, at - this.#startedAt, this.#faults, this.#setUp.check);
      if (problem !== undefined) this.#problems.push(problem);
    }
    return {
      seed,
      setUp: this.#setUp,
      faults: this.#faults,
      report: await this.#judge(load),
      problems: this.#problems,
      switches: this.#switches.map(({ at, event }) => describeSwitch(event, at - this.#startedAt)),
      reached: this.#reached,
      events: this.#time.events,
      virtualMs: this.#time.now,
      traceHash: this.#hash.digest('hex'),
    };
  }

  #startLoad(client: Application['client']): Load {
    const { seed } = this.#options;
    return startLoad(client, {
      seed,
      tag: `s${seed}`,
      opsPerSecond: this.#setUp.operationsPerSecond,
      durationMs: this.#durationMs,
      settleTimeoutMs: RECOVERY_MS,
      mix: { ...DEFAULT_MIX, 'set-stream': 20, 'set-burst': this.#setUp.bursts },
      identify: () => client.geo.activeEndpoint,
    });
  }

  async #judge(load: Load): Promise<Report> {
    const { history, unhandled } = await load.finished;
    const faults = this.#faults.map((fault) => ({ ...fault, atMs: this.#startedAt + fault.atMs }));
    this.#problems.push(...judgeTime(history, this.#setUp, faults, (id) => this.#writtenAt.get(id)));
    const report = judge({
      history,
      unhandled,
      servers: this.#servers.map(({ name, data }) => ({ name, executed: data.executed })),
      caps: this.#setUp.options.retry ?? {},
      wasWritten: (id) => this.#writtenAt.has(id),
      requireOutcome: errorsAreOurs(this.#setUp),
      switchedBetween: (write, follower) =>
        this.#switches.some(({ at }) => at >= write.issuedAt && at <= (follower.settledAt ?? Number.POSITIVE_INFINITY)),
    });
    const [inversion] = report.inversions;
    if (inversion !== undefined) this.#problems.push(`an older SET behind a newer one: ${inversion.detail}`);
    return report;
  }

  #noteSwitches(geo: Application['client']['geo']): void {
    geo.on('endpointSwitched', (event) => {
      this.#switches.push({ at: performance.now(), event });
      this.#trace(`switched to ${event.to}: ${event.reason}`);
    });
  }

  /** Whatever becomes of it, it has to end in time. */
  async #expect(promise: Promise<unknown>, limitMs: number, otherwise: string): Promise<void> {
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    promise.then(done, done);
    await this.#demand(() => isDone, limitMs, otherwise);
  }

  async #demand(holds: () => boolean, limitMs: number, otherwise: string): Promise<void> {
    if (!(await this.#time.runUntil(holds, limitMs))) this.#problems.push(otherwise);
  }

  #trace(line: string): void {
    const text = `${this.#time.now.toFixed(3)} ${line}`;
    this.#hash.update(text);
    this.#options.onTrace?.(text);
  }
}
