import type { Operation } from './history.ts';

/** One operation that broke a rule, or that belongs to a figure. */
export interface Finding {
  readonly id: string;
  readonly kind: string;
  readonly command: string;
  readonly key: string;
  readonly detail: string;
}

export interface Violations {
  /** Executed more often than the caps allow. */
  readonly doubled: readonly Finding[];
  /** Acknowledged writes that no server executed. */
  readonly missing: readonly Finding[];
  /** Errors that say `not-executed` although a server executed the command. */
  readonly untrueNotExecuted: readonly Finding[];
  /** Errors that say `maybe-executed` although the command was never written. */
  readonly untrueMaybeExecuted: readonly Finding[];
  /** Errors of the product that lack `code`, `endpointId` or `outcome`. */
  readonly errorsWithoutOutcome: readonly Finding[];
  /** Bursts whose last acknowledged SET is not the last one on a server. */
  readonly orderBroken: readonly Finding[];
  /** Transactions that were executed in part, in pieces, or on several servers. */
  readonly partialTransactions: readonly Finding[];
  /** Replies that no correct server and client can have produced. */
  readonly wrongReply: readonly Finding[];
  /** Reads that did not see the write they were issued behind. */
  readonly readBehindWrite: readonly Finding[];
  /** Promises that never settled. */
  readonly pending: readonly Finding[];
  readonly unhandled: readonly string[];
}

export interface Report extends Violations {
  /** No rule is broken. */
  readonly ok: boolean;
  /** Executed more than once, and allowed to. */
  readonly repeated: readonly Finding[];
  /**
   * Older SETs of a burst that ran for the first time after a newer one of the same burst on the same server, which did not
   * run again behind them.
   */
  readonly inversions: readonly Finding[];
  /** Replies and reads that are explained by a switch between the write and the command behind it. */
  readonly answeredElsewhere: readonly Finding[];
  readonly errors: {
    readonly byCode: Readonly<Record<string, number>>;
    readonly byOutcome: Readonly<Record<string, number>>;
    /** Numbers and ids in messages are replaced, so that equal causes count as one. */
    readonly byMessage: Readonly<Record<string, number>>;
  };
  readonly byKind: Readonly<Record<string, Readonly<Record<Operation['status'], number>>>>;
  readonly byStatus: Readonly<Record<Operation['status'], number>>;
  /** Executed write commands per server, those of other loads included. */
  readonly executed: Readonly<Record<string, number>>;
}

export const VIOLATIONS = [
  'doubled',
  'missing',
  'untrueNotExecuted',
  'untrueMaybeExecuted',
  'errorsWithoutOutcome',
  'orderBroken',
  'partialTransactions',
  'wrongReply',
  'readBehindWrite',
  'pending',
  'unhandled',
] as const satisfies readonly (keyof Violations)[];

const FIGURES = ['repeated', 'inversions', 'answeredElsewhere'] as const satisfies readonly (keyof Report)[];

const EXAMPLES = 10;

export function finding({ id, kind, command, key }: Operation, detail: string): Finding {
  return { id, kind, command, key, detail };
}

/** A compact table: verdict, counts, figures, errors, and up to ten examples per broken rule. */
export function formatReport(report: Report): string {
  const broken = VIOLATIONS.filter((rule) => report[rule].length > 0);
  const { ok, error, pending } = report.byStatus;
  const lines = [
    report.ok ? 'OK: no violation' : `VIOLATED: ${broken.map((rule) => `${rule} ${report[rule].length}`).join(', ')}`,
    `operations   ${ok + error + pending} (ok ${ok}, error ${error}, pending ${pending})`,
    ...Object.entries(report.byKind).map(([kind, count]) =>
      `  ${kind.padEnd(12)} ok ${column(count.ok)}  error ${column(count.error)}  pending ${count.pending}`.trimEnd(),
    ),
    `executed     ${listed(report.executed)}`,
    `figures      ${FIGURES.map((figure) => `${figure} ${report[figure].length}`).join(', ')}`,
    ...Object.entries(report.errors).map(([by, counts]) => `errors ${by.padEnd(10)} ${listed(counts)}`),
  ];
  for (const rule of broken) {
    const found: readonly (Finding | string)[] = report[rule];
    lines.push(`${rule} (${found.length})`, ...found.slice(0, EXAMPLES).map((each) => `  - ${example(each)}`));
    if (found.length > EXAMPLES) lines.push(`  … and ${found.length - EXAMPLES} more`);
  }
  return lines.join('\n');
}

function example(found: Finding | string): string {
  if (typeof found === 'string') return found;
  return `${found.id} ${found.kind} ${found.command} ${found.key}: ${found.detail}`;
}

function column(count: number): string {
  return String(count).padEnd(6);
}

function listed(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, left], [, right]) => right - left);
  return entries.length === 0 ? '-' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}
