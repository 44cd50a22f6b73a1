import type { Clock } from '../../time/clock.ts';
import { patientTimeout } from '../../time/patient-timeout.ts';

/** Reasons for which commands have to wait for a moment. */
export class Holds {
  readonly #clock: Clock;
  readonly #onReleased: () => void;
  #count = 0;

  /** @param onReleased There is none any more. */
  constructor(clock: Clock, onReleased: () => void) {
    this.#clock = clock;
    this.#onReleased = onReleased;
  }

  get isHolding(): boolean {
    return this.#count > 0;
  }

  /** @returns what ends it. */
  begin(): () => void {
    this.#count++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count--;
      if (this.#count === 0) this.#onReleased();
    };
  }

  beginFor(ms: number): void {
    patientTimeout(this.#clock, ms, this.begin());
  }
}
