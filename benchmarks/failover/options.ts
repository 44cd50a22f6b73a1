import { choiceOption, IOREDIS_OPTION, numberOption } from '../common/arguments.ts';
import { FAULT_SCENARIOS } from './scenarios.ts';
import { SETS_SCENARIOS } from './sets-run.ts';

export const OPTIONS = {
  ioredis: IOREDIS_OPTION,
  runs: numberOption(3, 'runs of each fault', { min: 1 }),
  preset: choiceOption(['fast', 'balanced', 'conservative'], 'balanced', 'the preset of the client'),
  ops: numberOption(500, 'commands a second; with 0 the client is idle'),
  fault: choiceOption(
    ['all', ...[...FAULT_SCENARIOS, ...SETS_SCENARIOS].map(({ name }) => name)],
    'all',
    'the one fault to run',
  ),
};
