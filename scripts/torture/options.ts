import { choiceOption, IOREDIS_OPTION, numberOption } from '../../benchmarks/common/arguments.ts';
import { MUTANT_NAMES } from './mutants.ts';
import { FAULT_KINDS } from './schedule.ts';

export const OPTIONS = {
  ioredis: IOREDIS_OPTION,
  minutes: numberOption(2, 'for how long, with each major version'),
  rounds: numberOption(Number.POSITIVE_INFINITY, 'how many rounds at most'),
  seed: numberOption(1, 'the first seed; each round has the next one'),
  'round-seconds': numberOption(40, 'for how long faults are made in a round', { min: 1 }),
  ops: numberOption(300, 'commands a second, those of consumers, subscribers and the like apart', { min: 1 }),
  only: choiceOption(['all', ...FAULT_KINDS], 'all', 'the one kind of fault to make'),
  describe: choiceOption(['bad', 'all'], 'bad', 'which rounds to print and to keep in full'),
  mutant: choiceOption(['none', ...MUTANT_NAMES], 'none', 'a bug that is put in, to see whether it is caught'),
};
