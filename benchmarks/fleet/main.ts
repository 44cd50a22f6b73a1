import { parseArguments } from '../common/arguments.ts';
import { rounded, writeResultFile } from '../common/results.ts';
import { print } from '../common/table.ts';
import { runFleet } from './fleet-run.ts';
import { OPTIONS } from './options.ts';
import { plotFleet } from './plot.ts';
import { type FleetResult, printFleet } from './report.ts';
import { describeScenario, scenariosOf } from './scenarios.ts';

const options = parseArguments(OPTIONS);
const { clients, seed, duplicates, preset, outage, 'outage-seconds': outageSeconds } = options;

// Nobody reads the stacks of all the connections that are refused.
Error.stackTraceLimit = 0;

const outages = outage === 'both' ? (['killed', 'silent'] as const) : [outage];
const results: FleetResult[] = [];
for (const scenario of scenariosOf(outages, outageSeconds, preset)) {
  print(`${clients} clients: ${describeScenario(scenario)} …`);
  results.push({ scenario, figures: await runFleet(scenario, { clients, seed, duplicates }) });
}
printFleet(results);

const isWhole = Object.entries(OPTIONS).every(([name, { fallback }]) => {
  if (name === 'clients') return clients >= Number(fallback);
  return name === 'seed' || String(options[name as keyof typeof options]) === String(fallback);
});
if (isWhole) {
  // Nothing in it depends on the machine: the same seed gives the same file.
  writeResultFile('fleet.json', `${JSON.stringify({ benchmark: 'fleet', options, results }, rounded, 2)}\n`);
  writeResultFile('fleet.svg', plotFleet(results));
} else {
  print('\nOnly with default options, but for the seed or more clients, results/fleet.json and fleet.svg are written.');
}
if (
  results.some(({ figures: { moved, back, surplus } }) => moved.clients + back.clients !== 2 * clients || surplus !== 0)
) {
  print('\nFAILED: some client has not moved and come back exactly once.');
  process.exitCode = 1;
}
