/** Runs rounds with one major version of ioredis: servers, proxies and the judge; the client has a process of its own. */
import { inspect } from 'node:util';
import { parseArguments } from '../../benchmarks/common/arguments.ts';
import { IOREDIS_MAJOR } from '../../benchmarks/common/results.ts';
import { formatCounts, tally } from '../../benchmarks/common/statistics.ts';
import { print } from '../../benchmarks/common/table.ts';
import { type Major, runAsWorker } from '../../benchmarks/common/workers.ts';
import { TORTURE_MUTANTS } from './mutants.ts';
import { OPTIONS } from './options.ts';
import { profileOf } from './profiles.ts';
import { type RoundOutcome, runRound } from './round.ts';
import { FAULT_KINDS } from './schedule.ts';
import { SubjectProcess } from './subject-process.ts';
import { Totals } from './totals.ts';
import { describeRound, isBad } from './describe-round.ts';

const options = parseArguments(OPTIONS);
const { minutes, rounds, seed: firstSeed, only, mutant, ops } = options;
const name = `ioredis ${IOREDIS_MAJOR}`;

runAsWorker(async () => {
  const totals = new Totals(name);
  const subject = new SubjectProcess(IOREDIS_MAJOR as Major, TORTURE_MUTANTS[mutant]);
  const until = performance.now() + minutes * 60_000;
  let isWell = true;
  for (let round = 0; round < rounds && (round === 0 || performance.now() < until); round++) {
    const outcome = await runSeed(subject, firstSeed + round);
    if (outcome === undefined) {
      isWell = false;
      break;
    }
    totals.add(outcome);
    print(lineOf(outcome));
    const isFailure = isBad(outcome);
    if (isFailure || outcome.unexplained.length > 0 || options.describe === 'all')
      print(describeRound(outcome, repeatOf(outcome.seed)));
    if (!isFailure) continue;
    isWell = false;
    if (mutant !== 'none') break;
  }
  if (!(await subject.end())) {
    isWell = false;
    print(`${name}: the client's process does not end by itself`);
  }
  print(totals.print());
  for (const problem of totals.heapProblems) print(`${name}: ${problem}`);
  return isWell && totals.heapProblems.length === 0;
});

/** @returns `undefined` when the round did not come to its end. */
async function runSeed(subject: SubjectProcess, seed: number): Promise<RoundOutcome | undefined> {
  try {
    return await runRound(subject, {
      seed,
      faultMs: options['round-seconds'] * 1_000,
      opsPerSecond: ops,
      kinds: FAULT_KINDS.filter((kind) => only === 'all' || only === kind),
    });
  } catch (error) {
    print(`\n${name}: ${inspect(error)}\nto repeat it: ${repeatOf(seed)}`);
    return undefined;
  }
}

function lineOf({ seed, operations, faults, switches, errors }: RoundOutcome): string {
  const confirmed = faults.filter(({ isConfirmed }) => isConfirmed).length;
  const kinds = formatCounts(tally(switches.map(({ kind }) => kind))) || 'none';
  return `${name}, seed ${seed} (${profileOf(seed).name}): ${operations} operations, faults ${confirmed} of ${faults.length}, switches ${kinds}, errors ${formatCounts(errors) || 'none'}`;
}

function repeatOf(seed: number): string {
  const changed = {
    seed,
    rounds: 1,
    ioredis: IOREDIS_MAJOR,
    'round-seconds': options['round-seconds'],
    ops,
    only,
    mutant,
  };
  const args = Object.entries(changed).map(([option, value]) => `--${option} ${value}`);
  return `npm run torture -- ${args.join(' ')}`;
}
