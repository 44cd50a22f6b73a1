import type { Fault } from '../../spec/simulation/faults.ts';
import type { SetUp } from '../../spec/simulation/set-up.ts';
import type { SimulationResult } from '../../spec/simulation/simulation.ts';
import { VIOLATIONS } from '../../spec/support/checker/report.ts';

export interface History {
  readonly operations: number;
  readonly faults: readonly Fault[];
  readonly setUp: SetUp;
}

/** Whether a run broke a rule. */
export function isBad({ report, problems }: SimulationResult): boolean {
  return !report.ok || problems.length > 0;
}

/** What a run broke, in words without numbers. */
export function broken({ report, problems }: SimulationResult): Set<string> {
  const rules = VIOLATIONS.filter((rule) => report[rule].length > 0);
  return new Set([...rules, ...problems.map((problem) => problem.replace(/[\d.:]+/g, '#'))]);
}

/** Leaves away whatever is not needed for the run to break a rule: later operations, faults, and what is unusual in the set-up. */
export async function shrink(start: History, fails: (history: History) => Promise<boolean>): Promise<History> {
  let best = start;
  const tryOut = async (shorter: History): Promise<boolean> => {
    const isBetter = await fails(shorter);
    if (isBetter) best = shorter;
    return isBetter;
  };
  for (let operations = Math.floor(best.operations / 2); operations >= 50; operations = Math.floor(operations / 2)) {
    if (!(await tryOut({ ...best, operations }))) break;
  }
  for (const fault of [...best.faults]) {
    await tryOut({ ...best, faults: best.faults.filter((other) => other !== fault) });
  }
  for (const kind of [...best.setUp.sideLoads]) {
    const sideLoads = best.setUp.sideLoads.filter((other) => other !== kind);
    await tryOut({ ...best, setUp: { ...best.setUp, sideLoads } });
  }
  for (const part of ['options', 'redis'] as const) {
    for (const name of Object.keys(best.setUp[part])) {
      // The failback of the simulation is a quick one.
      if (name === 'failback') continue;
      const fewer = Object.fromEntries(Object.entries(best.setUp[part]).filter(([other]) => other !== name));
      await tryOut({ ...best, setUp: { ...best.setUp, [part]: fewer } });
    }
  }
  return best;
}
