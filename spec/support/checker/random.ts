export type Random = () => number;

/** mulberry32: small, seeded, and good enough to choose commands with. Returns numbers in [0, 1). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function integerBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** Chooses with a probability proportional to the weight; entries without a positive weight are never chosen. */
export function weightedChoice<T extends string>(weights: Partial<Record<T, number>>): (random: Random) => T {
  const entries = (Object.entries(weights) as [T, number][]).filter(([, weight]) => weight > 0);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  const last = entries.at(-1);
  if (!last) throw new TypeError('at least one weight must be > 0');
  return (random) => {
    let rest = random() * total;
    return (entries.find(([, weight]) => (rest -= weight) < 0) ?? last)[0];
  };
}
