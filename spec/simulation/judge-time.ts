import type { Operation } from '../support/checker/history.ts';
import type { Fault } from './faults.ts';
import type { SetUp } from './set-up.ts';

const DEFAULT_DEADLINE_MS = 10_000;

/** What a call may take beside waiting: to be in flight until somebody notices that nothing will come. */
const UNNOTICED_MS = 3_000;

/** @returns what is wrong with how long calls took. */
export function judgeTime(
  history: readonly Operation[],
  { options, redis }: SetUp,
  faults: readonly Fault[],
): string[] {
  if (redis.maxRetriesPerRequest === null) return [];
  const deadlineMs = options.retry?.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const stoppedMs = faults.reduce((sum, { kind, forMs }) => (kind === 'stop-process' ? sum + forMs : sum), 0);
  // It may wait for as long as that, and be in flight for as long to an endpoint that was left.
  const limitMs = 2 * deadlineMs + UNNOTICED_MS + stoppedMs;
  const late = history.filter(({ issuedAt, settledAt = Number.POSITIVE_INFINITY }) => settledAt - issuedAt > limitMs);
  return late.length === 0 ? [] : [`${late.length} calls took longer than ${limitMs} ms`];
}
