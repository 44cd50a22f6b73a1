import { formatReport } from '../../spec/support/checker/verdict.ts';
import { parseArguments } from '../common/arguments.ts';
import { printHeader, writeResults } from '../common/results.ts';
import { print } from '../common/table.ts';
import { runAsWorker } from '../common/workers.ts';
import { FAILBACK_GRACE_MS, runFault } from './fault-run.ts';
import { OPTIONS } from './options.ts';
import { type FaultFigures, printFigures, runLine, summary } from './report.ts';
import type { Expectation, Run, RunFigures } from './run-figures.ts';
import { FAULT_SCENARIOS } from './scenarios.ts';
import { runSets, SETS_SCENARIOS } from './sets-run.ts';

const { runs, fault: chosen, preset, ops } = parseArguments(OPTIONS);

const SHOWN_INVERSIONS = 3;

/** Sets have a load of their own, and are the same with each of them. */
const isDefault = preset === OPTIONS.preset.fallback && ops === OPTIONS.ops.fallback;

interface Runnable {
  readonly name: string;
  readonly expected: Expectation;
  readonly roundTripMs?: number | undefined;
  run(seed: number): Promise<Run>;
}

const RUNNABLES: readonly Runnable[] = [
  ...FAULT_SCENARIOS.filter(({ showsWhenIdle }) => ops > 0 || showsWhenIdle === true).map((scenario) => ({
    ...scenario,
    run: (seed: number) => runFault(scenario, { seed, preset, opsPerSecond: ops }),
  })),
  ...SETS_SCENARIOS.filter(() => isDefault).map((scenario) => ({ ...scenario, run: () => runSets(scenario) })),
];

async function runOften(runnable: Runnable): Promise<FaultFigures> {
  const { name, expected, roundTripMs } = runnable;
  const done: RunFigures[] = [];
  for (let seed = 1; seed <= runs; seed += 1) {
    const { figures, report } = await runnable.run(seed);
    print(runLine(name, figures));
    if (!figures.isClean) print(formatReport(report));
    for (const { id, key, detail } of report.inversions.slice(0, SHOWN_INVERSIONS)) print(`  - ${id} ${key} ${detail}`);
    done.push(figures);
  }
  return { name, expected, roundTripMs, runs: done };
}

runAsWorker(async () => {
  printHeader('failover');
  const faults: FaultFigures[] = [];
  for (const runnable of RUNNABLES) {
    if (chosen === 'all' || chosen === runnable.name) faults.push(await runOften(runnable));
  }
  printFigures(faults, { preset, opsPerSecond: ops });
  writeResults(isDefault ? 'failover' : `failover-${preset}-${ops}`, chosen === 'all', {
    preset,
    opsPerSecond: ops,
    failbackGraceMs: FAILBACK_GRACE_MS,
    faults: faults.map((figures) => ({ ...figures, summary: summary(figures) })),
  });
  return faults.every((figures) => figures.runs.every(({ isClean }) => isClean));
});
