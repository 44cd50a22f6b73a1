import type { Operation } from './history.ts';

export interface Success {
  /** When the reply was there, in milliseconds of `performance.now()`. */
  readonly at: number;
  readonly operation: Operation;
}

export interface Gap {
  readonly lastBefore: number;
  readonly firstAfter: number;
  readonly durationMs: number;
}

export type OperationFilter = (operation: Operation) => boolean;

/** Acknowledged operations in the order of their replies. */
export function successes(history: readonly Operation[], filter: OperationFilter = () => true): Success[] {
  return history
    .flatMap((operation) =>
      operation.status === 'ok' && operation.settledAt !== undefined && filter(operation)
        ? [{ at: operation.settledAt, operation }]
        : [],
    )
    .sort((left, right) => left.at - right.at);
}

/**
 * Last success before the fault .. first success after it. Replies that were on their way when the fault happened
 * arrive after it: tell them apart with a filter (by `endpoint`, or by `issuedAt`), or use `longestGap`.
 */
export function gapAround(
  history: readonly Operation[],
  faultAt: number,
  countsAfter: OperationFilter = () => true,
): Gap | undefined {
  const replies = successes(history);
  const lastBefore = replies.findLast(({ at }) => at <= faultAt)?.at;
  const firstAfter = replies.find(({ at, operation }) => at > faultAt && countsAfter(operation))?.at;
  if (lastBefore === undefined || firstAfter === undefined) return undefined;
  return { lastBefore, firstAfter, durationMs: firstAfter - lastBefore };
}

/** The longest time without any success that ends after `from` and begins before `to`. */
export function longestGap(history: readonly Operation[], from = -Infinity, to = Infinity): Gap | undefined {
  const replies = successes(history);
  let longest: Gap | undefined;
  for (let index = 1; index < replies.length; index++) {
    const lastBefore = replies[index - 1]!.at;
    const firstAfter = replies[index]!.at;
    const durationMs = firstAfter - lastBefore;
    if (firstAfter <= from || lastBefore >= to) continue;
    if (!longest || durationMs > longest.durationMs) longest = { lastBefore, firstAfter, durationMs };
  }
  return longest;
}

/** Milliseconds from issue to reply, per acknowledged operation, in the order of issue. */
export function latencies(history: readonly Operation[], filter: OperationFilter = () => true): number[] {
  return history.flatMap((operation) =>
    operation.status === 'ok' && operation.settledAt !== undefined && filter(operation)
      ? [operation.settledAt - operation.issuedAt]
      : [],
  );
}

/** Nearest-rank quantile: `quantile(latencies(history), 0.99)`. NaN without samples. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? NaN;
}
