import type { SwitchParticipant } from '../../lib/failover/switch-participant.ts';

/** A client that writes down what a switch asks of it, and is drained when the spec says so. */
export class FakeParticipant implements SwitchParticipant {
  readonly #name: string;
  readonly #log: string[];
  #drains: { resolve: (isDrained: boolean) => void; reject: (error: Error) => void }[] = [];

  constructor(name: string, log: string[]) {
    this.#name = name;
    this.#log = log;
  }

  hold(): void {
    this.#note('hold');
  }

  release(): void {
    this.#note('release');
  }

  drained(endpointId: string, deadlineMs: number): Promise<boolean> {
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
  drain(isDrained: boolean): void {
    for (const { resolve } of this.#drains.splice(0)) resolve(isDrained);
  }

  fail(error: Error): void {
    for (const { reject } of this.#drains.splice(0)) reject(error);
  }

  #note(what: string): void {
    this.#log.push(`${this.#name}: ${what}`);
  }
}
