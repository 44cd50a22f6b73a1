import { choiceOption, IOREDIS_OPTION, numberOption } from '../../benchmarks/common/arguments.ts';
import { MUTANT_NAMES } from './mutants.ts';

export const OPTIONS = {
  ioredis: IOREDIS_OPTION,
  seeds: numberOption(200, 'how many runs, for each major version', { min: 1 }),
  from: numberOption(1, 'the first seed'),
  operations: numberOption(5_000, 'operations in each run, about', { min: 50 }),
  processes: numberOption(2, 'how many runs at the same time', { min: 1 }),
  mutant: choiceOption(['none', 'all', ...MUTANT_NAMES], 'none', 'a bug that is put in, to see whether it is caught'),
};

/** What one process of the simulation is told. */
export const WORKER_OPTIONS = {
  from: OPTIONS.from,
  step: numberOption(1, 'from one seed to the next', { min: 1 }),
  until: numberOption(1, 'the last seed'),
  operations: OPTIONS.operations,
  stop: choiceOption(['never', 'first'], 'never', 'after which bad run to stop'),
};

/** What it tells of each run. */
export interface RunMessage {
  readonly seed: number;
  readonly operations: number;
  readonly switches: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Names of rare branches. */
  readonly reached: readonly string[];
  /** For a run that broke a rule: everything that is needed to look at it. */
  readonly failure?: string;
}
