import { median, shuffled } from '../common/statistics.ts';
import { CLIENT_NAMES, type ClientName, type Clients, perClient, type PerClient } from './clients.ts';
import type { Workload } from './workloads.ts';

export interface Throughput {
  readonly workload: string;
  readonly rounds: number;
  /** Whether two equal clients came out equal; if not, nothing can be said about the others either. */
  readonly isControlClose: boolean;
  /** Commands per second of the bare client, by its median slice. */
  readonly barePerSecond: number;
  /** Throughput of each client by that of the bare one: above 1 is faster. */
  readonly ratio: PerClient<number>;
  /** Ratio of ours in the slowest and in the fastest process. */
  readonly oursSpread: { readonly min: number; readonly max: number };
}

const WARM_UP_ROUNDS = 30;
const CONTROL_TOLERANCE = 0.02;
/** Rounds are added until the control is close, but no more than so many times those that were asked for. */
const MAX_EXTENSION = 4;

/** Slices of all clients in turn, in an order that is drawn anew for every round. */
export async function measureThroughput(clients: Clients, workload: Workload, rounds: number): Promise<Throughput> {
  const slices: PerClient<number[]> = perClient(() => []);
  const slice = async (name: ClientName): Promise<number> => {
    const startedAt = performance.now();
    await workload.slice(clients.byName[name]);
    return performance.now() - startedAt;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    for (const name of shuffled(CLIENT_NAMES)) await slice(name);
  }

  let done = 0;
  for (let target = rounds; ; target += Math.ceil(rounds / 2)) {
    for (; done < target; done += 1) {
      for (const name of shuffled(CLIENT_NAMES)) slices[name].push(await slice(name));
    }
    const ratio = perClient((name) => median(slices.bare) / median(slices[name]));
    const isControlClose = isClose(ratio.control);
    if (!isControlClose && done < rounds * MAX_EXTENSION) continue;
    const barePerSecond = (workload.commands / median(slices.bare)) * 1_000;
    const oursSpread = { min: ratio.ours, max: ratio.ours };
    return { workload: workload.name, rounds: done, isControlClose, barePerSecond, ratio, oursSpread };
  }
}

/** One figure from those of several processes. */
export function combineRuns(runs: readonly Throughput[]): Throughput {
  const [first] = runs;
  if (first === undefined) throw new Error('nothing was measured');
  const ratio = perClient((name) => median(runs.map((run) => run.ratio[name])));
  const ours = runs.map((run) => run.ratio.ours);
  return {
    workload: first.workload,
    rounds: runs.reduce((sum, run) => sum + run.rounds, 0),
    isControlClose: isClose(ratio.control),
    barePerSecond: median(runs.map(({ barePerSecond }) => barePerSecond)),
    ratio,
    oursSpread: { min: Math.min(...ours), max: Math.max(...ours) },
  };
}

function isClose(controlRatio: number): boolean {
  return Math.abs(controlRatio - 1) <= CONTROL_TOLERANCE;
}
