import type { ResolvedFailover } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';

/** For how long a silence is remembered: for this time at least, and for twice as long at most. */
const WINDOW_MS = 300_000;

/** How much longer than the longest usual silence one has to be. */
const MARGIN = 1.5;

export type SilenceBounds = Pick<ResolvedFailover, 'silenceFloorMs' | 'silenceCeilingMs'>;

/**
 * How long an endpoint may be silent before it is suspected. One that is blocked by slow commands now and then, and goes on
 * by itself, is given more time than one that always answers at once.
 */
export class SilenceThreshold {
  readonly #clock: Clock;
  readonly #bounds: () => SilenceBounds;
  #since = Number.NEGATIVE_INFINITY;
  /** The longest silence since then, and of the window before that. */
  #longestMs = 0;
  #formerLongestMs = 0;

  constructor(clock: Clock, bounds: () => SilenceBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  /** In milliseconds. */
  get ms(): number {
    this.#forget();
    const { silenceFloorMs, silenceCeilingMs } = this.#bounds();
    return Math.min(
      silenceCeilingMs,
      Math.max(silenceFloorMs, MARGIN * Math.max(this.#longestMs, this.#formerLongestMs)),
    );
  }

  /** The endpoint was silent for so long, in milliseconds, and then went on. */
  observe(silentMs: number): void {
    this.#forget();
    this.#longestMs = Math.max(this.#longestMs, silentMs);
  }

  #forget(): void {
    const now = this.#clock.now();
    const age = now - this.#since;
    if (age < WINDOW_MS) return;
    this.#formerLongestMs = age < 2 * WINDOW_MS ? this.#longestMs : 0;
    this.#longestMs = 0;
    this.#since = now;
  }
}
