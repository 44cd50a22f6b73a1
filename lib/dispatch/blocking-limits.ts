import { blockingMs, isAnsweredInTime } from '../commands/blocking-commands.ts';
import { isSettled } from '../ioredis-internals/carrier.ts';
import { afterError, afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { BlockingTimeout } from '../options/command-options.ts';
import type { Clock } from '../time/clock.ts';

export interface BlockingLimitsSetup {
  readonly clock: Clock;
  /** `undefined`: the application does not limit them. */
  readonly timeout: BlockingTimeout | undefined;
  /** A command was settled that perhaps waits. */
  readonly onSettled: () => void;
}

/**
 * ioredis's option `blockingTimeout`: a blocking command that is not answered in time resolves with null, as if the server
 * had had nothing. Counted from the call on, over all attempts and all waiting.
 */
export class BlockingLimits {
  readonly #setup: BlockingLimitsSetup;
  readonly #limited = new WeakSet<IoredisCommand>();

  constructor(setup: BlockingLimitsSetup) {
    this.#setup = setup;
  }

  /** The server is asked to wait, and gets that time and a little more. */
  sent(command: IoredisCommand): void {
    const { timeout } = this.#setup;
    if (timeout === undefined) return;
    const asked = blockingMs(command);
    this.#limit(command, Number.isFinite(asked) && asked > 0 ? asked + timeout.graceMs : timeout.ms);
  }

  /** It cannot be sent now. */
  waits(command: IoredisCommand): void {
    const { timeout } = this.#setup;
    if (timeout !== undefined) this.#limit(command, timeout.ms);
  }

  #limit(command: IoredisCommand, ms: number): void {
    if (this.#limited.has(command) || !isAnsweredInTime(command)) return;
    this.#limited.add(command);
    const { clock, onSettled } = this.#setup;
    // The first one to hold it, because those who come later ask what a reply means.
    const { resolve } = command;
    const timer = clock.after(
      ms,
      () => {
        // When this process was frozen, the reply may have come meanwhile.
        clock.afterPoll(() => {
          if (isSettled(command)) return;
          resolve.call(command, null);
          onSettled();
        });
      },
      { keepAlive: true },
    );
    afterReply(command, () => timer.cancel());
    afterError(command, () => timer.cancel());
  }
}
