import { ExponentialBackoff, type IBackoff, type IBackoffFactory, type RetryPolicy, handleAll, retry } from 'cockatiel';
import { toError } from '../errors.ts';
import { printValue } from '../options/mask.ts';
import type { ResolvedBackoff, ResolvedOptions } from '../options/types.ts';

/** A backoff of the application's threw, or gave no pause. */
export type OnBackoffFailed = (error: Error) => void;

/**
 * Tries again what an endpoint refused, with cockatiel's retry. The pause holds up the whole line, because one command
 * must not overtake another; a switch ends it, because the reason for it is gone.
 */
export class RefusalRetry {
  readonly #policy: RetryPolicy;
  #run: object | undefined;

  constructor(options: Pick<ResolvedOptions, 'retry'>, onBackoffFailed: OnBackoffFailed) {
    this.#policy = retry(handleAll, {
      // The commands' own limits end it: their attempts and their deadline.
      maxAttempts: Number.MAX_SAFE_INTEGER,
      backoff: backoffBy(options, onBackoffFailed),
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
function backoffBy(options: Pick<ResolvedOptions, 'retry'>, onFailed: OnBackoffFailed): Backoffs {
  const first = (context: unknown): IBackoff<unknown> => {
    const { backoff } = options.retry;
    return step(backoff, () => factoryOf(backoff).next(context));
  };
  const step = (of: ResolvedBackoff, make: () => IBackoff<unknown>): IBackoff<unknown> => {
    const { duration, pause } = checked(of, make, onFailed);
    return {
      duration,
      next: (context) => (options.retry.backoff === of ? step(of, () => pause.next(context)) : first(context)),
    };
  };
  return { next: first };
}

/** A pause as it was made. Without one the line would wait for ever, so that ours takes its place then. */
function checked(
  of: ResolvedBackoff,
  make: () => IBackoff<unknown>,
  onFailed: OnBackoffFailed,
): { readonly duration: number; readonly pause: IBackoff<unknown> } {
  try {
    const pause = make();
    const { duration } = pause;
    if (!Number.isFinite(duration)) throw new Error(`${printValue(duration)} is no pause`);
    return { duration, pause };
  } catch (reason) {
    onFailed(toError(reason));
    const pause = exponential(of).next();
    return { duration: pause.duration, pause };
  }
}

function factoryOf(backoff: ResolvedBackoff): Backoffs {
  return backoff.strategy ?? exponential(backoff);
}

function exponential({ initialMs, maxMs }: ResolvedBackoff): ExponentialBackoff<unknown> {
  return new ExponentialBackoff({ initialDelay: initialMs, maxDelay: maxMs });
}
