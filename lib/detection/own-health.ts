import { TICK_MS } from './progress-watch.ts';

/** How long what was seen counts: after this time it counts for a third. */
const MEMORY_MS = 5_000;

/** A tick that is late by its own length is no sign of anything. */
const PUNCTUAL_MS = 2 * TICK_MS;

/**
 * How well this process itself runs, by how late its ticks come. For whoever wonders what was going on: no time in which the
 * process did not run is held against an endpoint, whatever the score.
 */
export class OwnHealth {
  readonly #onStalled: (stalledMs: number) => void;
  readonly #stallMs: () => number;
  #score = 1;

  /** @param stallMs From how late a tick on it counts as a stall. */
  constructor(stallMs: () => number, onStalled: (stalledMs: number) => void) {
    this.#stallMs = stallMs;
    this.#onStalled = onStalled;
  }

  /** From 0 (it hardly ran of late) to 1 (its ticks are on time). */
  get score(): number {
    return this.#score;
  }

  /** @param elapsedMs Time since the last tick. */
  tick(elapsedMs: number): void {
    const punctuality = Math.min(1, PUNCTUAL_MS / elapsedMs);
    this.#score += (1 - Math.exp(-elapsedMs / MEMORY_MS)) * (punctuality - this.#score);
    const stalledMs = elapsedMs - TICK_MS;
    if (stalledMs >= this.#stallMs()) this.#onStalled(stalledMs); // rare: own-process-stalled
  }
}
