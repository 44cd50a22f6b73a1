import { choiceOption, IOREDIS_OPTION, numberOption, type OptionValues } from '../common/arguments.ts';
import { WORKLOADS } from './workloads.ts';

export const LATENCY_CONCURRENCIES = [1, 50] as const;

const PARTS = [
  'all',
  ...WORKLOADS.map(({ name }) => name),
  ...LATENCY_CONCURRENCIES.map((concurrency) => `latency-${concurrency}` as const),
  'standby',
  'idle-cpu',
];

export const OPTIONS = {
  ioredis: IOREDIS_OPTION,
  rounds: numberOption(300, 'rounds of slices per workload before the control is looked at', { min: 3 }),
  workload: choiceOption(PARTS, 'all', 'what to measure'),
  library: choiceOption(['source', 'dist'], 'source', 'measure lib/ as it is, or what "npm run build" made of it'),
  'idle-seconds': numberOption(10, 'for how long each idle client is measured', { min: 0.1 }),
};

export type OverheadOptions = OptionValues<typeof OPTIONS>;
