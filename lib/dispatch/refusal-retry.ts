import { ExponentialBackoff, type RetryPolicy, handleAll, retry } from 'cockatiel';
import type { ResolvedRetry } from '../options/types.ts';

/**
 * Tries again what an endpoint refused, with cockatiel's retry. The pause holds up the whole line, because one command
 * must not overtake another; a switch ends it, because the reason for it is gone.
 */
export class RefusalRetry {
  readonly #policy: RetryPolicy;
  #run: object | undefined;

  constructor({ backoff: { initialMs, maxMs, strategy } }: ResolvedRetry) {
    this.#policy = retry(handleAll, {
      // The commands' own limits end it: their attempts and their deadline.
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: strategy ?? new ExponentialBackoff({ initialDelay: initialMs, maxDelay: maxMs }),
    }).dangerouslyUnref();
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** @param attempt Rejects when it was refused again. */
  start(attempt: () => Promise<void>): void {
    const run = {};
    this.#run = run;
    // A run that was cancelled still ends its pause, and then finds that it is no longer the current one.
    const attemptIfCurrent = (): Promise<void> => {
      if (this.#run !== run) return Promise.resolve(); // rare: trial-given-up
      return attempt();
    };
    const finish = (): void => {
      if (this.#run === run) this.#run = undefined;
    };
    this.#policy.execute(attemptIfCurrent).then(finish, finish);
  }

  cancel(): void {
    this.#run = undefined;
  }
}
