import { choiceOption, numberOption, type Option } from '../common/arguments.ts';

const OUTAGE_SECONDS: Option<readonly number[]> = {
  fallback: [30, 90],
  help: 'how long the region is away, one or several',
  read(text) {
    const seconds = text.split(',').map(Number);
    if (seconds.some((each) => !Number.isFinite(each) || each <= 0)) throw new Error('numbers > 0, such as 30,90');
    return seconds;
  },
};

export const OPTIONS = {
  clients: numberOption(2_000, 'processes of the fleet, each with one client', { min: 1 }),
  seed: numberOption(1, 'what chance draws; the same seed gives the same figures', { min: 0 }),
  'outage-seconds': OUTAGE_SECONDS,
  preset: choiceOption(['fast', 'balanced', 'conservative'], 'balanced', 'of every client'),
  outage: choiceOption(['killed', 'silent', 'both'], 'both', 'what becomes of the region'),
  duplicates: numberOption(1, 'how many duplicates each client has; they connect when it switches', { min: 0 }),
};
