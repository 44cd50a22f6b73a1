import { quantile } from '../../spec/support/checker/timeline.ts';

export { quantile } from '../../spec/support/checker/timeline.ts';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** NaN without samples. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function spread(samples: readonly (number | undefined)[]): Spread | undefined {
  const known = samples.filter((sample) => sample !== undefined);
  if (known.length === 0) return undefined;
  return { min: quantile(known, 0), median: median(known), max: quantile(known, 1) };
}

export function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item);
}

/** Counts equal names, the most frequent first. */
export function tally(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, left], [, right]) => right - left));
}

export function formatCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} x ${name}`)
    .join(', ');
}
