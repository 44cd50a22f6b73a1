import type { Clock, Timer } from '../time/clock.ts';
import { TICK_MS } from './progress-watch.ts';

/** The one periodic look at all connections. */
export class ProgressTicker {
  readonly #clock: Clock;
  readonly #onTick: (elapsedMs: number) => void;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(clock: Clock, onTick: (elapsedMs: number) => void) {
    this.#clock = clock;
    this.#onTick = onTick;
  }

  start(): void {
    const startedAt = this.#clock.now();
    this.#timer = this.#clock.after(TICK_MS, () => {
      this.#onTick(this.#clock.now() - startedAt);
      if (!this.#isStopped) this.start();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }
}
