import type { EndpointSwitchedEvent, Preset } from '../../lib/index.ts';
import { seededRandom } from '../../spec/support/checker/random.ts';
import { VirtualTime } from '../../spec/simulation/virtual-time.ts';
import { quantile } from '../common/statistics.ts';
import { FleetClient } from './fleet-client.ts';
import { between, peakPerSecond, perSecond } from './figures.ts';
import { Region } from './region.ts';
import type { Scenario } from './scenarios.ts';

export interface FleetOptions {
  readonly clients: number;
  readonly seed: number;
  readonly duplicates: number;
}

/** Moments are in seconds: those of `moved` from the beginning of the outage, those of `back` from its end. */
export interface FleetFigures {
  readonly moved: Movement;
  readonly back: Movement;
  /** Switches beyond one away and one back for each client. */
  readonly surplus: number;
  /** Connection attempts that the region did not let in during its outage. */
  readonly turnedAway: number;
  /** By second, from the beginning of the outage. */
  readonly series: {
    readonly failovers: readonly number[];
    readonly failbacks: readonly number[];
    readonly survivingConnections: readonly number[];
    readonly returningConnections: readonly number[];
  };
}

export interface Movement {
  readonly clients: number;
  readonly firstSeconds: number;
  readonly medianSeconds: number;
  readonly lastSeconds: number;
  /** In the busiest second. */
  readonly peakSwitches: number;
  /** New connections that the region which is gone to had in its busiest second. */
  readonly peakConnections: number;
}

/** Clients are started one after the other, as a deployment does. */
const START_MS = 5_000;
const SETTLED_MS = 10_000;
/** A client whose region is silent calls so many commands a second, and notices it by the first one that is not answered. */
const COMMANDS_PER_SECOND = 10;
/** How far away the other region is, at least: `fast` is for near ones. */
const REFUGE_ROUND_TRIP_MS: Readonly<Record<Preset, number>> = { fast: 10, balanced: 70, conservative: 70 };
/** How long failbacks may take beyond what the options say. */
const PATIENCE_MS = 60_000;

/** The fleet goes through an outage of the region that it prefers, and back. The same figures for the same seed. */
export async function runFleet(scenario: Scenario, options: FleetOptions): Promise<FleetFigures> {
  const realRandom = Math.random;
  const time = new VirtualTime();
  Math.random = seededRandom(options.seed);
  try {
    return await new FleetRun(scenario, options, time).run();
  } finally {
    Math.random = realRandom;
    time.end();
  }
}

class FleetRun {
  readonly #scenario: Scenario;
  readonly #options: FleetOptions;
  readonly #time: VirtualTime;
  readonly #home = new Region();
  readonly #refuge = new Region();
  readonly #clients: FleetClient[] = [];
  readonly #moments: Readonly<Record<EndpointSwitchedEvent['kind'], number[]>> = {
    failover: [],
    failback: [],
    manual: [],
  };

  constructor(scenario: Scenario, options: FleetOptions, time: VirtualTime) {
    this.#scenario = scenario;
    this.#options = options;
    this.#time = time;
  }

  async run(): Promise<FleetFigures> {
    const { clients, seed } = this.#options;
    const { outage, outageSeconds } = this.#scenario;
    const random = seededRandom(seed + 1);
    for (let i = 0; i < clients; i++) {
      const client = this.#createClient(seed * clients + i, random);
      this.#clients.push(client);
      setTimeout(() => client.start(), random() * START_MS);
    }
    await this.#time.run(SETTLED_MS);
    const failedAt = this.#time.now;
    this.#home.fail(outage);
    if (outage === 'silent') this.#noticeSilence();
    await this.#time.run(outageSeconds * 1_000);
    const returnedAt = this.#time.now;
    this.#home.comeBack();
    const { failback } = this.#clients[0]?.core.options ?? {};
    const limitMs = (failback?.gracePeriodMs ?? 0) + (failback?.jitterMs ?? 0) + PATIENCE_MS;
    await this.#time.runUntil(() => this.#moments.failback.length >= clients, limitMs);
    await this.#time.run(1_000);
    for (const client of this.#clients) client.stop();
    return this.#figures(failedAt, returnedAt);
  }

  #createClient(seed: number, places: () => number): FleetClient {
    const random = seededRandom(seed);
    const { areChecksJittered } = this.#scenario;
    return new FleetClient({
      scenario: this.#scenario,
      random: areChecksJittered ? random : () => 0.5,
      routes: new Map([
        ['home', { region: this.#home, roundTripMs: 1 + 4 * places() }],
        ['refuge', { region: this.#refuge, roundTripMs: REFUGE_ROUND_TRIP_MS[this.#scenario.preset] + 10 * places() }],
      ]),
      duplicates: this.#options.duplicates,
      onSwitch: ({ kind }) => this.#moments[kind].push(this.#time.now),
    });
  }

  #noticeSilence(): void {
    for (const { core, member } of this.#clients) {
      const untilNextCommand = (-Math.log(1 - Math.random()) / COMMANDS_PER_SECOND) * 1_000;
      setTimeout(() => member.suspectSilence('home'), untilNextCommand + core.options.failover.silenceFloorMs);
    }
  }

  #figures(failedAt: number, returnedAt: number): FleetFigures {
    const { clients } = this.#options;
    const { failover: failovers, failback: failbacks, manual } = this.#moments;
    const seconds = Math.ceil((this.#time.now - failedAt) / 1_000);
    const series = (moments: readonly number[]): number[] => perSecond(moments, failedAt, seconds);
    return {
      moved: movementOf(failovers, this.#refuge.arrivals, failedAt, returnedAt),
      back: movementOf(failbacks, this.#home.arrivals, returnedAt, this.#time.now),
      surplus: failovers.length + failbacks.length + manual.length - 2 * clients,
      turnedAway: this.#home.turnedAway,
      series: {
        failovers: series(failovers),
        failbacks: series(failbacks),
        survivingConnections: series(this.#refuge.arrivals),
        returningConnections: series(this.#home.arrivals),
      },
    };
  }
}

function movementOf(switches: readonly number[], arrivals: readonly number[], from: number, until: number): Movement {
  const seconds = switches.map((at) => (at - from) / 1_000);
  return {
    clients: switches.length,
    firstSeconds: quantile(seconds, 0),
    medianSeconds: quantile(seconds, 0.5),
    lastSeconds: quantile(seconds, 1),
    peakSwitches: peakPerSecond(switches),
    peakConnections: peakPerSecond(between(arrivals, from, until)),
  };
}
