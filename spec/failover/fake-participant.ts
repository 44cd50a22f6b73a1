import type { DrainResult } from '../../lib/endpoints/connection.ts';
import type { SwitchParticipant } from '../../lib/failover/switch-participant.ts';

/** A client that writes down what a switch asks of it, and is drained when the spec says so. */
export class FakeParticipant implements SwitchParticipant {
  /** Commands that wait for the release. */
  waiting = 0;
  /** How often it was held and not released. */
  holds = 0;
  readonly #name: string;
  readonly #log: string[];
  #drains: { resolve: (result: DrainResult) => void; reject: (error: Error) => void }[] = [];

  constructor(name: string, log: string[]) {
    this.#name = name;
    this.#log = log;
  }

  hold(): void {
    this.holds++;
    this.#note('hold');
  }

  release(): number {
    this.holds--;
    this.#note('release');
    return this.waiting;
  }

  drained(endpointId: string, deadlineMs: number): Promise<DrainResult> {
    this.#note(`drain ${endpointId} in ${deadlineMs}`);
    return new Promise((resolve, reject) => this.#drains.push({ resolve, reject }));
  }

  abandon(endpointId: string): void {
    this.#note(`abandon ${endpointId}`);
  }

  activeChanged(): void {
    this.#note('active changed');
  }

  allUnhealthy(): void {
    this.#note('all unhealthy');
  }

  /** Ends everything that waits for the drain. */
  drain(result: DrainResult = { answered: 0, unanswered: 0 }): void {
    for (const { resolve } of this.#drains.splice(0)) resolve(result);
  }

  fail(error: Error): void {
    for (const { reject } of this.#drains.splice(0)) reject(error);
  }

  #note(what: string): void {
    this.#log.push(`${this.#name}: ${what}`);
  }
}
