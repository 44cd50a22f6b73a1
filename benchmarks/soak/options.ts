import { choiceOption, numberOption } from '../common/arguments.ts';
import { PART_NAMES } from './part-names.ts';

export const OPTIONS = {
  ioredis: choiceOption(['5', '6', 'both'], '5', 'major version(s) of ioredis'),
  preset: choiceOption(['fast', 'balanced', 'conservative'], 'balanced', 'the preset of the client'),
  part: choiceOption(['all', ...PART_NAMES], 'all', 'the one part to run'),
  minutes: numberOption(10, 'length of the part "healthy"', { min: 0.05 }),
  'stop-seconds': numberOption(60, 'how long "stopped-process" is stopped', { min: 1 }),
};
