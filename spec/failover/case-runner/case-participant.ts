import type { DrainResult } from '../../../lib/endpoints/connection.ts';
import type { SwitchParticipant } from '../../../lib/failover/switch-participant.ts';

/** The commands of one client: what is asked of them, in words, and whether some are in flight. */
export class CaseParticipant implements SwitchParticipant {
  readonly #note: (what: string) => void;
  readonly #activeId: () => string;
  #areInFlight = false;
  #drains: (() => void)[] = [];

  constructor(note: (what: string) => void, activeId: () => string) {
    this.#note = note;
    this.#activeId = activeId;
  }

  hold(): void {
    this.#note('are held');
  }

  release(): number {
    this.#note('are released');
    return 0;
  }

  drained(endpointId: string, deadlineMs: number): Promise<DrainResult> {
    if (!this.#areInFlight) return Promise.resolve({ answered: 0, unanswered: 0 });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#note(`in flight to ${endpointId} are not waited for any longer`);
        resolve({ answered: 0, unanswered: 1 });
      }, deadlineMs);
      this.#drains.push(() => {
        clearTimeout(timer);
        resolve({ answered: 1, unanswered: 0 });
      });
    });
  }

  abandon(endpointId: string): void {
    this.#note(`in flight to ${endpointId} are given up`);
  }

  activeChanged(): void {
    this.#note(`go to ${this.#activeId()}`);
  }

  allUnhealthy(): void {
    this.#note('wait for an endpoint');
  }

  /** Some are in flight from now on. */
  begin(): void {
    this.#areInFlight = true;
  }

  /** None is in flight any more. */
  answer(): void {
    this.#areInFlight = false;
    for (const drained of this.#drains.splice(0)) drained();
  }
}
