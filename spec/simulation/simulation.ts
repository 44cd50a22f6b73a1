import { createHash } from 'node:crypto';
import type { EndpointSwitchedEvent, createGeoFailoverRedis } from '../../lib/index.ts';
import { operationIdsIn } from '../support/checker/history.ts';
import { DEFAULT_MIX, startLoad } from '../support/checker/load.ts';
import { seededRandom } from '../support/checker/random.ts';
import { type Report, judge } from '../support/checker/verdict.ts';
import { judgeNews, startNews } from '../support/side-loads/news.ts';
import { judgeQueue, startQueue } from '../support/side-loads/queue.ts';
import { type Fault, faultsOf, heal, stage } from './faults.ts';
import { describeSwitch, judgeSwitch } from './judge-switch.ts';
import { ModelServer } from './model-server.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { VirtualTime } from './virtual-time.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly create: typeof createGeoFailoverRedis;
  readonly operations: number;
  /** Instead of those that the seed gives. */
  readonly faults?: readonly Fault[];
  /** Told of everything that happens on the network. */
  readonly onTrace?: (line: string) => void;
}

export interface SimulationResult {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly report: Report;
  /** What is wrong beside the report: what did not come back, or stays behind. */
  readonly problems: readonly string[];
  readonly switches: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  /** Equal for equal runs. */
  readonly traceHash: string;
}

const OPERATIONS_PER_SECOND = 1_000;
const FAULTS = 8;
/** Within that time everything has to be well again when nothing is wrong any more. */
const RECOVERY_MS = 20_000;

/** Runs unmodified ioredis and the package against servers of the simulation, through faults, and judges what was told. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const random = seededRandom(options.seed);
  const time = new VirtualTime();
  const realRandom = Math.random;
  Math.random = seededRandom(options.seed + 1);
  try {
    return await run(options, time, random);
  } finally {
    Math.random = realRandom;
    time.end();
  }
}

async function run(options: SimulationOptions, time: VirtualTime, random: () => number): Promise<SimulationResult> {
  const { seed, create, operations } = options;
  const hash = createHash('sha1');
  const trace = (line: string): void => {
    const text = `${time.now} ${line}`;
    hash.update(text);
    options.onTrace?.(text);
  };
  const servers = ['a', 'b'].map((name) => new ModelServer(name));
  const written = new Set<string>();
  const network = new SimulatedNetwork(random, trace, (bytes) => {
    for (const id of operationIdsIn(bytes.toString('latin1'))) written.add(id);
  });
  const client = create({
    endpoints: servers.map((server, i) => ({
      id: server.name,
      weight: 2 - i,
      redis: { Connector: network.connectorTo(server) },
    })),
    failback: { gracePeriodMs: 1_000, jitterMs: 200 },
  });
  client.on('error', () => undefined);
  const switches: { readonly at: number; readonly event: EndpointSwitchedEvent }[] = [];
  client.geo.on('endpointSwitched', (event) => {
    switches.push({ at: performance.now(), event });
    trace(`switched to ${event.to}: ${event.reason}`);
  });

  const durationMs = (operations / OPERATIONS_PER_SECOND) * 1_000;
  const faults = options.faults ?? faultsOf(random, FAULTS, 100, durationMs);
  stage(faults, {
    servers,
    network,
    random,
    switchTo: (name) =>
      void client.geo.switchTo(name).then(
        () => client.geo.release(),
        () => undefined,
      ),
  });
  const startedAt = performance.now();
  const load = startLoad(client, {
    seed,
    tag: `s${seed}`,
    opsPerSecond: OPERATIONS_PER_SECOND,
    durationMs,
    settleTimeoutMs: RECOVERY_MS,
    mix: { ...DEFAULT_MIX, 'set-stream': 20 },
    identify: () => client.geo.activeEndpoint,
  });
  const queue = startQueue(client, { consumers: 2 });
  const news = startNews(client);
  await time.run(durationMs);
  heal(servers, network);
  const problems: string[] = [];
  const finished = watch(load.stop());
  if (!(await time.runUntil(finished.isDone, 2 * RECOVERY_MS))) problems.push('the load did not end');
  const isBack = (): boolean => client.geo.activeEndpoint === 'a' && client.status === 'ready';
  if (!(await time.runUntil(isBack, RECOVERY_MS))) problems.push('the best endpoint is not active again');
  const alreadyHeard = news.leastHeard;
  if (!(await time.runUntil(() => news.leastHeard > alreadyHeard, 2_000))) problems.push('nothing is heard any more');
  const sidesStopped = watch(Promise.all([queue.stop(), news.stop()]));
  if (!(await time.runUntil(sidesStopped.isDone, RECOVERY_MS))) problems.push('consumers or subscribers do not end');
  const set = watch(client.set('afterwards', 'x'));
  if (!(await time.runUntil(set.isDone, 1_000))) problems.push('a command waits although everything is well');
  const quit = watch(client.quit());
  if (!(await time.runUntil(quit.isDone, RECOVERY_MS))) problems.push('quit() does not end');
  await time.run(5_000);
  if (network.openSockets > 0) problems.push(`${network.openSockets} sockets stay open`);
  if (time.timers > 0) problems.push(`${time.timers} timers stay`);

  const logs = servers.map(({ name, data }) => ({ name, executed: data.executed }));
  problems.push(...judgeQueue(queue.result, logs), ...judgeNews(news.result));
  for (const { at, event } of switches) {
    const problem = judgeSwitch(event, at - startedAt, faults);
    if (problem !== undefined) problems.push(problem);
  }
  const { history, unhandled } = await load.finished;
  const report = judge({
    history,
    unhandled,
    servers: logs,
    wasWritten: (id) => written.has(id),
    requireOutcome: true,
    switchedBetween: (write, follower) =>
      switches.some(({ at }) => at >= write.issuedAt && at <= (follower.settledAt ?? Number.POSITIVE_INFINITY)),
  });
  return {
    seed,
    faults,
    report,
    problems,
    switches: switches.map(({ at, event }) => describeSwitch(event, at - startedAt)),
    events: time.events,
    virtualMs: time.now,
    traceHash: hash.digest('hex'),
  };
}

function watch(promise: Promise<unknown>): { readonly isDone: () => boolean } {
  let isDone = false;
  const done = (): void => {
    isDone = true;
  };
  promise.then(done, done);
  return { isDone: () => isDone };
}
