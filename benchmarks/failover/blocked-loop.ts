import type { FaultScenario } from './scenarios.ts';

/** A tick of the watch counts for so long at most, however late it is: see `lib/time/patient-timeout.ts`. */
const MOST_PER_TICK_MS = 40;

/** Blocks this process's event loop again and again. @returns what ends it. */
export function blockLoop({ blockedLoop }: FaultScenario): () => void {
  if (blockedLoop === undefined) return () => undefined;
  const { ms, everyMs } = blockedLoop;
  const timer = setInterval(() => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  }, everyMs);
  return () => clearInterval(timer);
}

/** How much longer than the client says a silent failure may go on: while the loop is blocked, less time counts. */
export function boundFactor({ blockedLoop }: FaultScenario): number {
  return blockedLoop === undefined ? 1 : Math.max(1, blockedLoop.everyMs / MOST_PER_TICK_MS);
}
