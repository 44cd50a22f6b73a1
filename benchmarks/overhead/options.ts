import { choiceOption, IOREDIS_OPTION, numberOption, type OptionValues } from '../common/arguments.ts';
import type { Latency } from './latency.ts';
import type { IdleCpu, StandbyCost } from './standby-cost.ts';
import type { Throughput } from './throughput.ts';
import { WORKLOADS } from './workloads.ts';

export const LATENCY_CONCURRENCIES = [1, 50] as const;

/** Each is measured in processes of its own. */
export const PART_NAMES: readonly string[] = [
  ...WORKLOADS.map(({ name }) => name),
  ...LATENCY_CONCURRENCIES.map((concurrency) => `latency-${concurrency}` as const),
  'standby',
  'idle-cpu',
];

export const OPTIONS = {
  ioredis: IOREDIS_OPTION,
  rounds: numberOption(150, 'rounds of slices per process before the control is looked at', { min: 3 }),
  processes: numberOption(3, 'processes per workload, whose median counts', { min: 1 }),
  workload: choiceOption(['all', ...PART_NAMES], 'all', 'what to measure'),
  library: choiceOption(['source', 'dist'], 'source', 'measure lib/ as it is, or what "npm run build" made of it'),
  'idle-seconds': numberOption(10, 'for how long each idle client is measured', { min: 0.1 }),
};

export type OverheadOptions = OptionValues<typeof OPTIONS>;

/** What one process measured. */
export interface PartFigures {
  readonly throughput?: Throughput;
  readonly latency?: Latency;
  readonly standby?: StandbyCost;
  readonly idleCpu?: IdleCpu;
}

export interface OverheadFigures {
  throughput: Throughput[];
  latency: Latency[];
  standby?: StandbyCost;
  idleCpu?: IdleCpu;
}
