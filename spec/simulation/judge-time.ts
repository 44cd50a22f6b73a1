import type { Operation } from '../support/checker/history.ts';
import type { Fault } from './faults.ts';
import type { SetUp } from './set-up.ts';

const DEFAULT_DEADLINE_MS = 10_000;

/** What a call may take beside waiting: to be in flight until somebody notices that nothing will come. */
const UNNOTICED_MS = 3_000;

/** Timers are late by as much as the next event takes. */
const LATENESS_MS = 100;

/**
 * @param faults With times in the same count as the history.
 * @param writtenAt When an operation was written to a socket for the first time.
 * @returns what is wrong with how long calls took.
 */
export function judgeTime(
  history: readonly Operation[],
  { options, redis }: SetUp,
  faults: readonly Fault[],
  writtenAt: (id: string) => number | undefined,
): string[] {
  if (redis.maxRetriesPerRequest === null) return [];
  const deadlineMs = options.retry?.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const stops = faults.filter(({ kind }) => kind === 'stop-process');
  const calls = history.map(({ issuedAt, settledAt }) => ({ from: issuedAt, until: settledAt }));
  // Until it is written a call does nothing but wait, unless it shares a pipeline with others. What a read sends names no
  // operation.
  const waits = history
    .filter(({ safety, kind }) => safety !== 'read-only' && kind !== 'pipeline' && redis.enableAutoPipelining !== true)
    .map(({ id, issuedAt, settledAt }) => ({ from: issuedAt, until: writtenAt(id) ?? settledAt }));
  return [
    // It may wait for as long as that, and be in flight for as long to an endpoint that was left.
    ...tooLong(calls, 2 * deadlineMs + UNNOTICED_MS, stops, 'calls took'),
    ...tooLong(waits, deadlineMs + LATENESS_MS, stops, 'calls waited'),
  ];
}

interface Span {
  readonly from: number;
  readonly until: number | undefined;
}

function tooLong(spans: readonly Span[], limitMs: number, stops: readonly Fault[], what: string): string[] {
  const long = spans.filter(({ from, until = Number.POSITIVE_INFINITY }) => {
    // While the process stands still it does nothing.
    const stoppedMs = stops
      .filter(({ atMs, forMs }) => atMs <= until && from <= atMs + forMs)
      .reduce((sum, { forMs }) => sum + forMs, 0);
    return until - from > limitMs + stoppedMs;
  });
  return long.length === 0 ? [] : [`${long.length} ${what} longer than ${limitMs} ms`];
}
