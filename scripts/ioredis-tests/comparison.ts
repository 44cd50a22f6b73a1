import { print, printTable } from '../../benchmarks/common/table.ts';
import { reasonFor } from './known-differences.ts';
import type { TestResults } from './test-run.ts';

interface Difference {
  readonly title: string;
  readonly message: string;
  /** Why it differs, when that is known. */
  readonly reason: string | undefined;
}

export interface Comparison {
  readonly name: string;
  readonly bare: readonly [passed: number, failed: number];
  readonly ours: readonly [passed: number, failed: number];
  /** Tests that pass with plain ioredis only. */
  readonly differences: readonly Difference[];
}

export function compare(name: string, bare: TestResults, ours: TestResults): Comparison {
  const passing = [...bare].filter(([, { state }]) => state === 'passed').map(([title]) => title);
  const differences = passing
    .filter((title) => ours.get(title)?.state !== 'passed')
    .map((title) => ({ title, message: firstLine(ours.get(title)?.message), reason: reasonFor(title) }));
  return { name, bare: counts(bare), ours: counts(ours), differences };
}

/** @returns whether there were tests at all, and nothing differs but what is known to. */
export function printComparison(comparisons: readonly Comparison[]): boolean {
  const headers = ['file', 'plain passed', 'failed', 'ours passed', 'failed', 'known', 'unknown'];
  const rows = comparisons.map(({ name, bare, ours, differences }) => {
    const unknown = differences.filter(({ reason }) => reason === undefined).length;
    return [name, ...bare, ...ours, differences.length - unknown, unknown];
  });
  const totals = headers.slice(1).map((_, column) => rows.reduce((sum, row) => sum + Number(row[column + 1]), 0));
  printTable('Tests by file', headers, [...rows, ['all', ...totals]]);
  const differences = comparisons.flatMap((comparison) => comparison.differences);
  for (const { title, message, reason } of differences) {
    print(`\n${reason === undefined ? 'UNKNOWN' : 'known'}: ${title}\n  ${message}\n  ${reason ?? ''}`.trimEnd());
  }
  return Number(totals[0]) > 0 && differences.every(({ reason }) => reason !== undefined);
}

function counts(results: TestResults): readonly [number, number] {
  const count = (wanted: string): number => [...results.values()].filter(({ state }) => state === wanted).length;
  return [count('passed'), count('failed')];
}

function firstLine(message = 'it did not come to an end'): string {
  return message.split('\n')[0] ?? message;
}
