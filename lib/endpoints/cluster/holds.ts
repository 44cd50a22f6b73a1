import type { Clock } from '../../time/clock.ts';
import { patientTimeout } from '../../time/patient-timeout.ts';

/** Reasons for which commands have to wait for a moment. */
export class Holds {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #count = 0;

  /** @param onChange There is one now, or none any more. */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get isHolding(): boolean {
    return this.#count > 0;
  }

  /** @returns what ends it. */
  begin(): () => void {
    this.#count++;
    if (this.#count === 1) this.#onChange();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#count--;
      if (this.#count === 0) this.#onChange();
    };
  }

  beginFor(ms: number): void {
    patientTimeout(this.#clock, ms, this.begin());
  }
}
