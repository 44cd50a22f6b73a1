import { formatCounts, type Spread, spread, tally } from '../common/statistics.ts';
import { type Cell, formatNumber, print, printTable } from '../common/table.ts';
import { FAILBACK_GRACE_MS, type Trial } from './fault-run.ts';
import type { Expectation, RunFigures } from './run-figures.ts';

export interface FaultFigures {
  readonly name: string;
  readonly expected: Expectation;
  readonly roundTripMs?: number | undefined;
  readonly runs: readonly RunFigures[];
}

/** The spreads over all runs, for readers of the JSON. */
export function summary({ runs, roundTripMs }: FaultFigures): object {
  const windowMs = spread(runs.map((run) => run.windowMs));
  return {
    windowMs,
    writeWindowMs: spread(runs.map((run) => run.writeWindowMs)),
    ...(roundTripMs !== undefined && windowMs !== undefined && { windowRoundTrips: windowMs.median / roundTripMs }),
    switchAfterMs: spread(runs.map((run) => run.switchAfterMs)),
    refused: spread(runs.map((run) => run.refused)),
    failbackAfterHealMs: spread(runs.map((run) => run.failback?.afterHealMs)),
    failbackWindowMs: spread(runs.map((run) => run.failback?.windowMs)),
    isClean: runs.every(({ isClean }) => isClean),
  };
}

export function runLine(name: string, run: RunFigures): string {
  const { windowMs, switchAfterMs, path, errors, failback, isClean } = run;
  const parts = [
    `window ${formatNumber(windowMs ?? Number.NaN)} ms`,
    ...(switchAfterMs === undefined ? [] : [`switch after ${formatNumber(switchAfterMs)} ms`]),
    ...(failback === undefined ? [] : [`failback ${formatNumber(failback.afterHealMs)} ms after heal`]),
    path.length === 0 ? 'no switch' : path.join(' '),
    `errors: ${formatCounts(errors) || 'none'}`,
  ];
  return `${isClean ? 'ok ' : 'BAD'} ${name}: ${parts.join(', ')}`;
}

export function printFigures(faults: readonly FaultFigures[], { preset, opsPerSecond }: Omit<Trial, 'seed'>): void {
  const load = opsPerSecond === 0 ? 'idle' : `${opsPerSecond} ops/s`;
  printTable(
    `The fault, in ms as min/median/max (preset ${preset}, ${load}). "before" and "stall" are the machine's share.`,
    [
      'fault',
      'before',
      'stall',
      'window',
      'writes alone',
      'switched after',
      'bound',
      'reason',
      'refused',
      'errors by code/outcome',
    ],
    faults.map(({ name, runs }): Cell[] => [
      name,
      triple(runs.map((run) => run.quietMs)),
      triple(runs.map((run) => run.stallMs)),
      triple(runs.map((run) => run.windowMs)),
      triple(runs.map((run) => run.writeWindowMs)),
      triple(runs.map((run) => run.switchAfterMs)),
      Math.max(...runs.map((run) => run.boundMs)),
      [...new Set(runs.map(({ reason }) => reason ?? 'no switch'))].join(', '),
      triple(runs.map((run) => run.refused)),
      formatCounts(tally(runs.flatMap(({ errors }) => Object.entries(errors).flatMap(repeat)))) || 'none',
    ]),
  );
  const returned = faults.filter(({ runs }) => runs.some(({ failback }) => failback !== undefined));
  if (returned.length > 0) printFailback(returned);
  printChecks(faults);
  for (const { name, runs, roundTripMs } of faults) {
    const window = spread(runs.map((run) => run.windowMs));
    if (roundTripMs === undefined || window === undefined) continue;
    print(`\n${name}: the window is ${formatNumber(window.median / roundTripMs)} round trips long (median).`);
  }
}

function printFailback(faults: readonly FaultFigures[]): void {
  printTable(
    `The failback, in ms as min/median/max (grace period ${FAILBACK_GRACE_MS} ms instead of the preset's)`,
    ['fault', 'switched back after heal', 'window around it', 'errors'],
    faults.map(({ name, runs }): Cell[] => [
      name,
      triple(runs.map(({ failback }) => failback?.afterHealMs)),
      triple(runs.map(({ failback }) => failback?.windowMs)),
      runs.reduce((sum, { failback }) => sum + (failback?.errors ?? 0), 0),
    ]),
  );
}

function printChecks(faults: readonly FaultFigures[]): void {
  const sum = (runs: readonly RunFigures[], of: (run: RunFigures) => number): number =>
    runs.reduce((total, run) => total + of(run), 0);
  printTable(
    'The checker, over all runs. Repeated commands are those that may be repeated.',
    [
      ...['fault', 'operations', 'doubled', 'missing', 'untrue', 'order', 'pending', 'unhandled', 'other'],
      ...['repeated', 'inversions', 'unexpected', 'verdict'],
    ],
    faults.map(({ name, runs, expected }): Cell[] => [
      name,
      sum(runs, ({ operations }) => operations),
      sum(runs, ({ violations }) => violations.doubled),
      sum(runs, ({ violations }) => violations.missing),
      sum(runs, ({ violations }) => violations.untrueNotExecuted + violations.untrueMaybeExecuted),
      sum(runs, ({ violations }) => violations.orderBroken),
      sum(runs, ({ violations }) => violations.pending),
      sum(runs, ({ violations }) => violations.unhandled),
      sum(runs, ({ violations }) => otherViolations(violations)),
      sum(runs, ({ repeated }) => repeated),
      sum(runs, ({ inversions }) => inversions),
      runs.every(({ asExpected }) => asExpected) ? 'nothing' : `not "${expected}"`,
      runs.every(({ isClean }) => isClean) ? 'ok' : 'VIOLATED',
    ]),
  );
}

function otherViolations(violations: RunFigures['violations']): number {
  const { errorsWithoutOutcome, partialTransactions, wrongReply, readBehindWrite } = violations;
  return errorsWithoutOutcome + partialTransactions + wrongReply + readBehindWrite;
}

function triple(samples: readonly (number | undefined)[]): string | undefined {
  const found: Spread | undefined = spread(samples);
  if (found === undefined) return undefined;
  return [found.min, found.median, found.max].map((value) => String(Math.round(value))).join('/');
}

function repeat([name, count]: [string, number]): string[] {
  return Array.from({ length: count }, () => name);
}
