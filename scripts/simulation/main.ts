/** `npm run simulate`: runs of the simulation over many seeds, with both major versions of ioredis. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArguments } from '../../benchmarks/common/arguments.ts';
import { print } from '../../benchmarks/common/table.ts';
import { type Major, majorsOf } from '../../benchmarks/common/workers.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { OPTIONS, type RunMessage } from './options.ts';
import { RareBranches } from './rare-branches.ts';

const { ioredis, seeds, from, operations, processes, mutant } = parseArguments(OPTIONS);

interface Totals {
  runs: number;
  operations: number;
  switches: number;
  readonly faults: Record<string, number>;
  readonly rareBranches: RareBranches;
  readonly failures: { readonly seed: number; readonly text: string; readonly isBroken: boolean }[];
}

interface Batch {
  readonly major: Major;
  readonly mutant?: Mutant | undefined;
  readonly stop: 'never' | 'first';
}

const workers = new Set<ChildProcess>();
process.on('exit', () => {
  for (const worker of workers) worker.kill();
});

const isMutated = mutant !== 'none';
for (const major of majorsOf(ioredis)) {
  const isWell = isMutated ? await huntMutants(major) : await runSeeds(major);
  if (!isWell) process.exitCode = 1;
}

async function runSeeds(major: Major): Promise<boolean> {
  const startedAt = performance.now();
  let printed = 0;
  const totals = await runBatch({ major, stop: 'never' }, (runs) => {
    for (; printed < runs.failures.length; printed++) print(`\n${runs.failures[printed]?.text}`);
    printProgress(major, runs, startedAt);
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  for (const { text } of totals.failures.slice(printed)) print(`\n${text}`);
  print(
    `ioredis ${major}: ${totals.runs} runs, ${totals.operations} operations, ${totals.switches} switches, ${seconds} s`,
  );
  const kinds = Object.entries(totals.faults).sort(([a], [b]) => a.localeCompare(b));
  print(`  faults: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  print(totals.rareBranches.format());
  print(`  runs that broke a rule: ${totals.failures.length}`);
  return totals.failures.length === 0 && totals.runs === seeds;
}

/** Seeds behind this one are of no interest. */
function tellWorkers(seed: number): void {
  for (const worker of workers) if (worker.connected) worker.send(seed);
}

/** Ten times in all. */
function printProgress(major: Major, { runs, operations: count, failures }: Totals, startedAt: number): void {
  if (runs % Math.max(1, Math.floor(seeds / 10)) !== 0) return;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  print(
    `ioredis ${major}: ${runs} of ${seeds} runs, ${count} operations, ${seconds} s, ${failures.length} broke a rule`,
  );
}

/** Puts one bug in after the other, and looks how many seeds it takes to see it. */
async function huntMutants(major: Major): Promise<boolean> {
  let areCaught = true;
  for (const [name, each] of Object.entries(MUTANTS)) {
    if (mutant !== 'all' && mutant !== name) continue;
    const { failures, runs } = await runBatch({ major, mutant: each, stop: 'first' });
    // A process that broke off has judged nothing: the bug may not even be in it.
    const broken = failures.find(({ isBroken }) => isBroken);
    const first = broken ?? failures.sort((a, b) => a.seed - b.seed)[0];
    areCaught &&= first !== undefined && !first.isBroken;
    const caught = `${first?.isBroken === true ? 'NOT JUDGED' : 'caught'} by seed ${first?.seed}: ${first?.text}`;
    print(`ioredis ${major}: ${name.padEnd(22)} ${first === undefined ? `NOT CAUGHT by ${runs} seeds` : caught}`);
  }
  return areCaught;
}

async function runBatch(batch: Batch, onRun: (totals: Totals) => void = () => undefined): Promise<Totals> {
  const totals: Totals = {
    runs: 0,
    operations: 0,
    switches: 0,
    faults: {},
    rareBranches: new RareBranches(),
    failures: [],
  };
  const add = (message: RunMessage): void => {
    addRun(totals, message);
    if (message.failure !== undefined && batch.stop === 'first') tellWorkers(message.seed);
    onRun(totals);
  };
  const ended = (failure: Totals['failures'][number]): void => void totals.failures.push(failure);
  await Promise.all(Array.from({ length: processes }, (_, i) => runProcess(batch, from + i, add, ended)));
  return totals;
}

function runProcess(
  { major, mutant: bug, stop }: Batch,
  first: number,
  onRun: (message: RunMessage) => void,
  onBroken: (failure: Totals['failures'][number]) => void,
): Promise<void> {
  const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const imports = [path('change-sources.mjs'), 'tsx', path('../../spec/support/select-ioredis.mjs')];
  const options = { from: first, until: from + seeds - 1, step: processes, operations, stop };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const env = { ...process.env, IOREDIS_MAJOR: major, ...(bug !== undefined && { MUTANT: JSON.stringify(bug) }) };
  const worker = spawn(
    process.execPath,
    [...imports.flatMap((name) => ['--import', name]), path('worker.ts'), ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env,
    },
  );
  workers.add(worker);
  worker.on('message', onRun);
  return new Promise((resolve) => {
    worker.once('exit', (code) => {
      workers.delete(worker);
      const text = `the process that began with seed ${first} broke off`;
      if (code !== 0) onBroken({ seed: first, text, isBroken: true });
      resolve();
    });
  });
}

function addRun(totals: Totals, { seed, operations: count, switches, faults, reached, failure }: RunMessage): void {
  totals.runs++;
  totals.operations += count;
  totals.switches += switches;
  totals.rareBranches.add(seed, reached);
  for (const [kind, times] of Object.entries(faults)) totals.faults[kind] = (totals.faults[kind] ?? 0) + times;
  if (failure !== undefined) totals.failures.push({ seed, text: failure, isBroken: false });
}
