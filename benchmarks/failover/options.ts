import { choiceOption, IOREDIS_OPTION, numberOption } from '../common/arguments.ts';
import { FAULT_SCENARIOS } from './scenarios.ts';
import { SETS_SCENARIOS } from './sets-run.ts';

export const OPTIONS = {
  ioredis: IOREDIS_OPTION,
  runs: numberOption(3, 'runs of each fault', { min: 1 }),
  fault: choiceOption(
    ['all', ...[...FAULT_SCENARIOS, ...SETS_SCENARIOS].map(({ name }) => name)],
    'all',
    'the one fault to run',
  ),
};
