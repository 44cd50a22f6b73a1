import type { ResolvedOptions } from '../options/types.ts';
import { type OnBackoffFailed, RefusalRetry } from './refusal-retry.ts';
import type { WaitingCommand } from './waiting-command.ts';

export interface HeadTrialSetup {
  readonly options: Pick<ResolvedOptions, 'retry'>;
  /** Sends the line's head and says what was sent; `undefined` when nothing of it may go, `'unusable'` when nothing can. */
  readonly sendHead: () => WaitingCommand | 'unusable' | undefined;
  /** The endpoint takes commands again, or the line's head is gone. */
  readonly onPassed: () => void;
  readonly onBackoffFailed: OnBackoffFailed;
}

/** Tries an endpoint that refused commands with one of them, again and again, before the whole line follows. */
export class HeadTrial {
  readonly #setup: HeadTrialSetup;
  readonly #retry: RefusalRetry;
  #current: { head: WaitingCommand; answered: () => void; refused: (error: Error) => void } | undefined;

  constructor(setup: HeadTrialSetup) {
    this.#setup = setup;
    this.#retry = new RefusalRetry(setup.options, setup.onBackoffFailed);
  }

  get isRunning(): boolean {
    return this.#retry.isRunning;
  }

  start(): void {
    this.#retry.start(() => this.#attempt());
  }

  /** The reason for waiting is gone: another endpoint, or another connection. */
  cancel(): void {
    this.#current = undefined;
    this.#retry.cancel();
  }

  answered(entry: WaitingCommand): void {
    if (this.#current?.head === entry) this.#current.answered();
  }

  refused(entry: WaitingCommand, error: Error): void {
    if (this.#current?.head === entry) this.#current.refused(error);
  }

  #attempt(): Promise<void> {
    const head = this.#setup.sendHead();
    if (head === 'unusable') return Promise.reject(new Error('The endpoint is being looked at.')); // rare: trial-put-off
    if (head === undefined) {
      // rare: trial-without-a-refused-head
      this.cancel();
      queueMicrotask(this.#setup.onPassed);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#current = {
        head,
        answered: () => {
          this.cancel();
          resolve();
          this.#setup.onPassed();
        },
        refused: (error) => {
          // rare: trial-refused-again
          this.#current = undefined;
          reject(error);
        },
      };
    });
  }
}
