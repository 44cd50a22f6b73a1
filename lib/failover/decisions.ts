import type { Clock } from '../time/clock.ts';
import type { Signal } from './failover-state.ts';

interface Postponed {
  readonly signal: Signal;
  readonly since: number;
}

/**
 * Has one decision made after the other. A strategy of the application may do something while it is asked, such as to change
 * a weight: that is heard behind the decision, and before whatever comes later.
 */
export class Decisions {
  readonly #clock: Pick<Clock, 'afterPoll'>;
  readonly #hear: (signal: Signal, since: number) => void;
  #isUnderWay = false;
  #postponed: Postponed[] = [];

  constructor(clock: Pick<Clock, 'afterPoll'>, hear: (signal: Signal, since: number) => void) {
    this.#clock = clock;
    this.#hear = hear;
  }

  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Resolves behind the decision that is under way. */
  made(): Promise<void> {
    return new Promise((resolve) => this.#clock.afterPoll(resolve));
  }

  signal(signal: Signal, since: number): void {
    if (!this.#isUnderWay) {
      this.#catchUp();
      return this.#hear(signal, since);
    }
    this.#postponed.push({ signal, since });
    // In a turn of its own: a strategy may do something each time that it is asked.
    if (this.#postponed.length === 1) this.#clock.afterPoll(() => this.#catchUp());
  }

  make<T>(decide: () => T): T {
    this.#isUnderWay = true;
    try {
      return decide();
    } finally {
      this.#isUnderWay = false;
    }
  }

  #catchUp(): void {
    const postponed = this.#postponed;
    this.#postponed = [];
    for (const { signal, since } of postponed) this.#hear(signal, since);
  }
}
