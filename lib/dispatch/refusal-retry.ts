import { ExponentialBackoff, type IBackoff, type IBackoffFactory, type RetryPolicy, handleAll, retry } from 'cockatiel';
import type { ResolvedBackoff, ResolvedOptions } from '../options/types.ts';

/**
 * Tries again what an endpoint refused, with cockatiel's retry. The pause holds up the whole line, because one command
 * must not overtake another; a switch ends it, because the reason for it is gone.
 */
export class RefusalRetry {
  readonly #policy: RetryPolicy;
  #run: object | undefined;

  constructor(options: Pick<ResolvedOptions, 'retry'>) {
    this.#policy = retry(handleAll, {
      // The commands' own limits end it: their attempts and their deadline.
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: backoffBy(options),
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

type Backoffs = IBackoffFactory<unknown>;

/** Pauses that grow by the options in effect, and begin anew when these are others. */
function backoffBy(options: Pick<ResolvedOptions, 'retry'>): Backoffs {
  const first = (context: unknown): IBackoff<unknown> => {
    const { backoff } = options.retry;
    return step(backoff, factoryOf(backoff).next(context));
  };
  const step = (of: ResolvedBackoff, pause: IBackoff<unknown>): IBackoff<unknown> => ({
    duration: pause.duration,
    next: (context) => (options.retry.backoff === of ? step(of, pause.next(context)) : first(context)),
  });
  return { next: first };
}

function factoryOf({ initialMs, maxMs, strategy }: ResolvedBackoff): Backoffs {
  return strategy ?? new ExponentialBackoff({ initialDelay: initialMs, maxDelay: maxMs });
}
