import type { Clock, Timer } from './clock.ts';

/** How finely a patient timeout looks at the clock. */
const STEP_MS = 25;

/**
 * A timeout for answers of others. It counts only time in which this process was running: when a step comes late,
 * because the event loop was blocked or the process was stopped, the answer may be lying unread in a socket, so the
 * lateness is not held against the other side. Before it fires, sockets are read twice.
 *
 * Does not keep the process alive unless `keepAlive` is set.
 */
export function patientTimeout(
  clock: Clock,
  ms: number,
  onTimeout: () => void,
  options?: { readonly keepAlive?: boolean },
): Timer {
  let cancelled = false;
  let counted = 0;
  let timer: Timer;

  const step = (): void => {
    const length = Math.min(STEP_MS, ms - counted);
    const startedAt = clock.now();
    const onStep = (): void => {
      counted += discountLateness(clock.now() - startedAt, length);
      if (counted < ms) return step();
      clock.afterPoll(() =>
        clock.afterPoll(() => {
          if (cancelled) return; // rare: answered-at-the-last-moment
          onTimeout();
        }),
      );
    };
    timer = clock.after(length, onStep, options);
  };
  step();

  return {
    cancel() {
      cancelled = true;
      timer.cancel();
    },
  };
}

/**
 * What an interval of `expected` ms that took `elapsed` ms counts for. Twice its length at most: discarding late
 * intervals altogether would never detect anything on a loop that is blocked 80 ms of every 90.
 */
export function discountLateness(elapsed: number, expected: number): number {
  return Math.min(elapsed, 2 * expected);
}
