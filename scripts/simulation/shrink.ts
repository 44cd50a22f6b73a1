import type { Fault } from '../../spec/simulation/faults.ts';
import type { SimulationResult } from '../../spec/simulation/simulation.ts';

export interface History {
  readonly operations: number;
  readonly faults: readonly Fault[];
}

/** Whether a run broke a rule. */
export function isBad({ report, problems }: SimulationResult): boolean {
  return !report.ok || problems.length > 0;
}

/** Leaves away whatever is not needed for the run to break a rule: later operations first, then one fault after the other. */
export async function shrink(start: History, fails: (history: History) => Promise<boolean>): Promise<History> {
  let best = start;
  for (let operations = Math.floor(best.operations / 2); operations >= 50; operations = Math.floor(operations / 2)) {
    const shorter = { ...best, operations };
    if (!(await fails(shorter))) break;
    best = shorter;
  }
  for (const fault of [...best.faults]) {
    const fewer = { ...best, faults: best.faults.filter((other) => other !== fault) };
    if (await fails(fewer)) best = fewer;
  }
  return best;
}
