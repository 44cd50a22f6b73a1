import sinon from 'sinon';

const FAKED = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const),
  ...(['performance', 'Date'] as const),
];

/** Captured before anything is faked: one turn of the real loop, in which every microtask and tick that waits is run. */
const realImmediate = setImmediate;

/**
 * Time that passes from one event to the next, with nothing real in it: no socket, no timer, no clock. Ticks and
 * microtasks stay the engine's own; their order follows from the program alone.
 */
export class VirtualTime {
  readonly #clock: sinon.SinonFakeTimers;
  /** How many events there were. */
  events = 0;

  constructor() {
    this.#clock = sinon.useFakeTimers({ now: 1_000, toFake: [...FAKED] });
  }

  get now(): number {
    return this.#clock.now;
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#clock.countTimers();
  }

  /** Runs whatever happens until something holds, or the time is up. @returns whether it holds. */
  async runUntil(holds: () => boolean, limitMs: number): Promise<boolean> {
    const until = this.#clock.now + limitMs;
    // Somebody may hear of the end of the time as well.
    const end = setTimeout(() => undefined, limitMs);
    await settle();
    while (!holds() && this.#clock.now < until) {
      this.#clock.next();
      this.events++;
      await settle();
    }
    clearTimeout(end);
    return holds();
  }

  async run(ms: number): Promise<void> {
    await this.runUntil(() => false, ms);
  }

  /** Gives the real time back. */
  end(): void {
    this.#clock.restore();
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    realImmediate(resolve);
  });
}
