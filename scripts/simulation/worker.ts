import { parseArguments } from '../../benchmarks/common/arguments.ts';
import { runAsWorker } from '../../benchmarks/common/workers.ts';
import { createGeoFailoverRedis } from '../../lib/index.ts';
import { type Fault, describeFault } from '../../spec/simulation/faults.ts';
import { describeSetUp } from '../../spec/simulation/set-up.ts';
import { type SimulationResult, simulate } from '../../spec/simulation/simulation.ts';
import { VIOLATIONS } from '../../spec/support/checker/report.ts';
import { formatReport } from '../../spec/support/checker/verdict.ts';
import { type RunMessage, WORKER_OPTIONS } from './options.ts';
import { type History, broken, isBad, shrink } from './shrink.ts';

const { from, step, operations, stop, ...given } = parseArguments(WORKER_OPTIONS);

/** Another process has found what was looked for, so that later seeds are of no interest. */
let { until } = given;
process.on('message', (seed: number) => {
  until = Math.min(until, seed);
});

function run(seed: number, history: Partial<History> = {}): Promise<SimulationResult> {
  return simulate({ seed, create: createGeoFailoverRedis, operations, ...history });
}

/** The shortest history found that still breaks a rule. */
async function explain(first: SimulationResult): Promise<string> {
  const { seed, faults, setUp } = first;
  const wanted = broken(first);
  const fails = async (history: History): Promise<boolean> => {
    const found = broken(await run(seed, history));
    return [...found].some((what) => wanted.has(what));
  };
  const shortest = await shrink({ operations, faults, setUp }, fails);
  const { problems, report, switches } = await run(seed, shortest);
  return [
    `seed ${seed}: ${summaryOf(first)}`,
    `the shortest history found: ${shortest.operations} operations`,
    `  set-up: ${describeSetUp(shortest.setUp)}`,
    ...shortest.faults.map((fault) => `  fault: ${describeFault(fault)}`),
    ...switches.map((text) => `  switch: ${text}`),
    ...problems.map((text) => `  problem: ${text}`),
    ...(report.ok ? [] : [formatReport(report)]),
  ].join('\n');
}

/** Looking for the shortest history takes many runs. */
const MOST_EXPLAINED = 2;

runAsWorker(async () => {
  let explained = 0;
  for (let seed = from; seed <= until; seed += step) {
    const result = await run(seed);
    const isFailure = isBad(result);
    const isShort = stop === 'first' || (isFailure && ++explained > MOST_EXPLAINED);
    const message: RunMessage = {
      seed,
      operations: Object.values(result.report.byStatus).reduce((sum, count) => sum + count, 0),
      switches: result.switches.length,
      faults: countKinds(result.faults),
      reached: [...result.reached],
      ...(isFailure && { failure: isShort ? shortly(result) : await explain(result) }),
    };
    await new Promise((resolve) => process.send?.(message, resolve));
    if (isFailure && stop === 'first') break;
  }
  return true;
});

function countKinds(faults: readonly Fault[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of faults) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function shortly(result: SimulationResult): string {
  return stop === 'first' ? summaryOf(result) : `seed ${result.seed}: ${summaryOf(result)}`;
}

/** What was broken, by name. */
function summaryOf({ report, problems }: SimulationResult): string {
  return [...VIOLATIONS.filter((rule) => report[rule].length > 0), ...problems.slice(0, 3)].join(', ');
}
