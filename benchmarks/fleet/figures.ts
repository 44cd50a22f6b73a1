const SECOND_MS = 1_000;

/** The most moments within any second. */
export function peakPerSecond(moments: readonly number[]): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let peak = 0;
  let first = 0;
  for (const [last, moment] of sorted.entries()) {
    while ((sorted[first] ?? moment) <= moment - SECOND_MS) first++;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}

/** How many moments there are in each second, from a moment on. */
export function perSecond(moments: readonly number[], from: number, seconds: number): number[] {
  const counts = new Array<number>(seconds).fill(0);
  for (const moment of moments) {
    const second = Math.floor((moment - from) / SECOND_MS);
    if (second >= 0 && second < seconds) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

/** Behind `from`, up to and with `until`. */
export function between(moments: readonly number[], from: number, until: number): number[] {
  return moments.filter((moment) => moment >= from && moment <= until);
}
