import pRetry from 'p-retry';
import { inBackground } from '../time/background.ts';

/** Pauses between attempts to connect; a good health check cuts a pause short. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/** Repeats an attempt to connect until it succeeds. One run at a time; a new one ends the old one. */
export class ConnectionKeeper {
  readonly #attempt: () => Promise<void>;
  #run: AbortController | undefined;

  constructor(attempt: () => Promise<void>) {
    this.#attempt = attempt;
  }

  start(): void {
    this.stop();
    const run = new AbortController();
    this.#run = run;
    inBackground(() => void this.#keepTrying(run.signal));
  }

  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
  }

  #keepTrying(signal: AbortSignal): Promise<void> {
    return pRetry(() => this.#attemptOnce(signal), {
      retries: Number.POSITIVE_INFINITY,
      minTimeout: FIRST_PAUSE_MS,
      maxTimeout: LONGEST_PAUSE_MS,
      factor: 2,
      randomize: true,
      // As in ioredis, a client that reconnects keeps the process alive until it is closed.
      unref: false,
      signal,
    }).catch(() => undefined);
  }

  async #attemptOnce(signal: AbortSignal): Promise<void> {
    try {
      await this.#attempt();
    } catch (error) {
      if (signal.aborted) return; // rare: reconnect-attempt-overtaken
      // p-retry takes a TypeError for a mistake in the program and gives up; here it may come from a socket option.
      throw new Error('connecting failed', { cause: error });
    }
  }
}
