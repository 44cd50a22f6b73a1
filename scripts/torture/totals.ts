import { formatTable } from '../../benchmarks/common/table.ts';
import { formatCounts } from '../../benchmarks/common/statistics.ts';
import { judgeHeap } from './heap-rule.ts';
import { countFindings, RULES } from './judge-round.ts';
import type { RoundOutcome } from './round.ts';
import { FAULT_KINDS, type FaultKind } from './schedule.ts';

/** Adds up the rounds of one process. */
export class Totals {
  readonly #name: string;
  readonly #made = new Map<FaultKind, { confirmed: number; tried: number }>();
  readonly #reasons = new Map<string, number>();
  readonly #errors = new Map<string, number>();
  readonly #findings = new Map<string, number>(RULES.map((rule) => [rule, 0]));
  readonly #heap: number[] = [];
  #rounds = 0;
  #operations = 0;
  #unexplained = 0;

  constructor(name: string) {
    this.#name = name;
  }

  get heapProblems(): string[] {
    return judgeHeap(this.#heap);
  }

  add({ faults, operations, switches, unexplained, errors, judgement, further, heapBytes }: RoundOutcome): void {
    this.#rounds++;
    this.#operations += operations;
    this.#unexplained += unexplained.length;
    this.#heap.push(heapBytes);
    for (const { kind, isConfirmed } of faults) {
      const made = this.#made.get(kind) ?? { confirmed: 0, tried: 0 };
      this.#made.set(kind, { confirmed: made.confirmed + (isConfirmed ? 1 : 0), tried: made.tried + 1 });
    }
    for (const { kind, reason } of switches) count(this.#reasons, `${kind} (${reason})`, 1);
    for (const [name, times] of Object.entries(errors)) count(this.#errors, name, times);
    for (const [rule, times] of Object.entries(countFindings(judgement.report, further))) {
      count(this.#findings, rule, times);
    }
  }

  print(): string {
    const kinds = FAULT_KINDS.map((kind) => [
      kind,
      this.#made.get(kind)?.confirmed ?? 0,
      this.#made.get(kind)?.tried ?? 0,
    ]);
    const confirmed = [...this.#made.values()].reduce((sum, made) => sum + made.confirmed, 0);
    return [
      `\n=== ${this.#name}: ${this.#rounds} seeds, ${this.#operations} operations, ${confirmed} confirmed faults, ${sum(this.#reasons)} switches`,
      formatTable('Faults', ['kind', 'confirmed', 'tried'], kinds),
      formatTable('Switches', ['kind and reason', 'times'], sorted(this.#reasons)),
      `Failovers from an endpoint at which nothing was wrong: ${this.#unexplained}`,
      `Errors of commands: ${formatCounts(Object.fromEntries(sorted(this.#errors))) || 'none'}`,
      formatTable('Has to be zero', ['rule', 'times'], [...this.#findings, ['heap growth', this.heapProblems.length]]),
      `Heap after each round: ${this.#heap.map((bytes) => (bytes / 1_048_576).toFixed(1)).join(' ')} MB`,
    ].join('\n');
  }
}

function count(counts: Map<string, number>, name: string, times: number): void {
  counts.set(name, (counts.get(name) ?? 0) + times);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, times) => total + times, 0);
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([, left], [, right]) => right - left);
}
