import type { Clock, Timer } from '../time/clock.ts';
import { TICK_MS } from './progress-watch.ts';

/** The one periodic look at all connections, while there is something to look at. */
export class ProgressTicker {
  readonly #clock: Clock;
  readonly #onTick: (elapsedMs: number) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, onTick: (elapsedMs: number) => void) {
    this.#clock = clock;
    this.#onTick = onTick;
  }

  /** Ticks from now on, if it does not yet. */
  start(): void {
    if (this.#timer === undefined) this.#arm();
  }

  /** Ticks no more until it is started again: an idle process shall not wake up fifty times a second. */
  rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const startedAt = this.#clock.now();
    const timer = this.#clock.after(TICK_MS, () => {
      try {
        this.#onTick(this.#clock.now() - startedAt);
      } finally {
        // The tick itself may have ended it, and even started it anew.
        if (this.#timer === timer) this.#arm();
      }
    });
    this.#timer = timer;
  }
}
