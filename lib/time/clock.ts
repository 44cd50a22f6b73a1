import { inBackground } from './background.ts';

/** Time as the package sees it. Everything that waits or measures takes one, so that tests can turn its hands. */
export interface Clock {
  /** Milliseconds that only ever grow; unrelated to the calendar. */
  now(): number;
  /** Calls back once after `ms`, outside of the caller's context. Does not keep the process alive unless `keepAlive` is set. */
  after(ms: number, callback: () => void, options?: { readonly keepAlive?: boolean }): Timer;
  /** Calls back after the event loop has read its sockets once. */
  afterPoll(callback: () => void): void;
}

export interface Timer {
  cancel(): void;
}

/** Node fires anything longer, 24.9 days and more, after a millisecond. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, callback, options) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, LONGEST_TIMEOUT_MS);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : callback()), stepMs);
      if (options?.keepAlive !== true) timer.unref();
    };
    inBackground(() => wait(ms));
    return { cancel: () => clearTimeout(timer) };
  },
  afterPoll(callback) {
    // An immediate runs right behind the poll phase. One that is set while immediates run waits for the next poll, so
    // the second one is certain to have had a whole poll phase before it.
    setImmediate(() => setImmediate(callback));
  },
};
