import { median } from '../../benchmarks/common/statistics.ts';

/** Rounds in which code is compiled and caches fill. */
const WARM_UP = 3;
/** Fewer say nothing. */
const LEAST_ROUNDS = 5;
/** A tenth of what the commands of a round weigh, so that whoever keeps each of them, or each client, is seen. */
const LARGEST_SLOPE = 256 * 1_024;

/**
 * The heap after a forced collection at the end of each round, when all clients have gone. It grows when the median of the
 * slopes between any two rounds, those of the warm-up apart, is more than 256 kB a round.
 *
 * @returns what is wrong.
 */
export function judgeHeap(heapBytes: readonly number[]): string[] {
  const slope = heapSlope(heapBytes);
  if (slope === undefined || slope <= LARGEST_SLOPE) return [];
  return [`the heap grows by ${(slope / 1_024).toFixed(0)} kB a round: ${heapBytes.map(inMegabytes).join(', ')} MB`];
}

/** Theil and Sen's estimate, which single rounds do not change. `undefined` when there are too few. */
export function heapSlope(heapBytes: readonly number[]): number | undefined {
  const judged = heapBytes.slice(WARM_UP);
  if (judged.length < LEAST_ROUNDS) return undefined;
  return median(judged.flatMap((first, i) => judged.slice(i + 1).map((second, j) => (second - first) / (j + 1))));
}

function inMegabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
