import { latencies, longestGap, quantile } from '../../spec/support/checker/timeline.ts';
import { VIOLATIONS } from '../../spec/support/checker/report.ts';
import { judge, type Report } from '../../spec/support/checker/verdict.ts';
import { OPERATIONS_PER_SECOND } from './plan.ts';
import type { Evidence, SeenSwitch } from './scenario.ts';
import { formatCount, formatMs, type Line, type Span } from './text.ts';

export interface Summary {
  readonly lines: readonly Line[];
  /** What should not have happened. None of it: the demo succeeded. */
  readonly problems: readonly string[];
}

const LABEL_WIDTH = 26;
const VALUE_WIDTH = 9;
/** Replies to what waited during a switch come a little after it. */
const AFTERMATH_MS = 50;

export function summarize(evidence: Evidence): Summary {
  const { load, logs, failover, failback } = evidence;
  const report = judge({ history: load.history, servers: logs, unhandled: load.unhandled, requireOutcome: true });
  const switches = [failover, failback].map((seen) => ({ seen, longestMs: longestWait(evidence, seen) }));
  const problems = [
    ...VIOLATIONS.filter((rule) => report[rule].length > 0).map((rule) => `${rule} ${report[rule].length}`),
    ...switches
      .filter(({ longestMs }) => longestMs === undefined)
      .map(({ seen }) => `no success around the ${seen.event.kind}`),
    ...Object.entries(report.executed)
      .filter(([, writes]) => writes === 0)
      .map(([server]) => `${server} executed nothing`),
    // A command that was in flight when its server died may truly have an unknown outcome; nothing else may fail.
    ...Object.entries(report.errors.byOutcome)
      .filter(([outcome]) => outcome !== 'maybe-executed')
      .map(([outcome, count]) => `errors with the outcome ${outcome} ${count}`),
  ];
  const lines: Line[] = [
    [],
    [['bold', '  Longest time without success'], ` (one is due every ${formatMs(1_000 / OPERATIONS_PER_SECOND)})`],
    row('undisturbed', ['bold', formatMs(longestUndisturbed(evidence) ?? NaN).padEnd(VALUE_WIDTH)], 'before the kill'),
    ...switches.map(({ seen: { event }, longestMs = NaN }) =>
      row(event.kind, ['bold', formatMs(longestMs).padEnd(VALUE_WIDTH)], `${event.from} -> ${event.to}`),
    ),
    [],
    [['bold', '  Callers']],
    ...callerLines(report, latencies(load.history)),
    [],
    [['bold', '  Verdict'], ' (what callers were told, what both servers did)'],
    verdictRow('executed twice', report.doubled.length, noteOnRepetitions(report)),
    verdictRow('acknowledged and missing', report.missing.length),
    verdictRow('pending', report.pending.length),
    [],
  ];
  return { lines, problems };
}

function longestWait({ load }: Evidence, { from, to }: SeenSwitch): number | undefined {
  return longestGap(load.history, from, to + AFTERMATH_MS)?.durationMs;
}

/** What timers and a busy machine cost anyway: the other two are to be compared with it. */
function longestUndisturbed({ load, failover }: Evidence): number | undefined {
  return longestGap(load.history, load.startedAt, failover.from - AFTERMATH_MS)?.durationMs;
}

function callerLines({ byStatus, byKind, errors, executed }: Report, latenciesMs: readonly number[]): Line[] {
  const kinds = Object.entries(byKind).map(([kind, count]) => `${kind.toUpperCase()} ${formatCount(total(count))}`);
  const unknown = errors.byOutcome['maybe-executed'] ?? 0;
  const whyUnknown = unknown === 0 ? '' : `   in flight at the kill: ${unknown}`;
  const writes = Object.entries(executed).map(([server, count]) => `${server} ${formatCount(count)}`);
  return [
    row('operations', formatCount(total(byStatus))),
    row('', kinds.join(', ')),
    row('errors', [byStatus.error === 0 ? 'good' : 'bad', formatCount(byStatus.error)], whyUnknown),
    row('latency', `p50 ${formatMs(quantile(latenciesMs, 0.5))}, p99 ${formatMs(quantile(latenciesMs, 0.99))}`),
    row('writes executed', writes.join(', ')),
  ];
}

function total({ ok, error, pending }: Report['byStatus']): number {
  return ok + error + pending;
}

/** A SET may run on both sides of a failover: its effect and its reply stay the same. */
function noteOnRepetitions({ repeated }: Report): string {
  return repeated.length === 0 ? '' : `   besides SETs, as allowed: ${repeated.length}`;
}

function verdictRow(label: string, count: number, note = ''): Line {
  return row(label, [count === 0 ? 'good' : 'bad', formatCount(count)], note);
}

function row(label: string, value: Span, note = ''): Line {
  return [`  ${label.padEnd(LABEL_WIDTH)}`, value, ['dim', note]];
}
