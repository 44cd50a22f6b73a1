import { integerBelow, type Random } from '../support/checker/random.ts';
import type { WorldTimers } from './virtual-time.ts';

export interface LaneSetup {
  readonly timers: WorldTimers;
  readonly latencyMs: () => number;
  readonly random: Random;
  readonly isHeld: () => boolean;
  readonly deliver: (chunk: Buffer) => void;
}

/** One direction of a connection. Bytes arrive in order, in pieces that begin and end anywhere. */
export class Lane {
  readonly #setup: LaneSetup;
  #chunks: Buffer[] = [];
  #timer: { cancel(): void } | undefined;
  #cut: { bytes: number; readonly then: () => void } | undefined;
  #onEmpty: (() => void) | undefined;

  constructor(setup: LaneSetup) {
    this.#setup = setup;
  }

  send(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.flow();
  }

  /** @param ms In which time it gets there, if not in the usual one. */
  flow(ms?: number): void {
    if (this.#timer !== undefined || this.#chunks.length === 0 || this.#setup.isHeld()) return;
    this.#timer = this.#setup.timers.after(ms ?? this.#setup.latencyMs(), () => {
      this.#timer = undefined;
      this.#deliver(ms);
    });
  }

  clear(): void {
    this.#chunks = [];
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  cutAfter(bytes: number, then: () => void): void {
    this.#cut = { bytes, then };
  }

  mend(): void {
    this.#cut = undefined;
  }

  whenEmpty(then: () => void): void {
    if (this.#chunks.length === 0) then();
    else this.#onEmpty = then;
  }

  #deliver(ms: number | undefined): void {
    if (this.#setup.isHeld()) return;
    const [first, ...rest] = this.#chunks.splice(0);
    if (first === undefined) return;
    let bytes = rest.length === 0 ? first : Buffer.concat([first, ...rest]);
    // Now and then a piece ends in the midst of a message.
    if (bytes.length > 1 && this.#setup.random() < 0.2) {
      const end = 1 + integerBelow(this.#setup.random, bytes.length - 1);
      this.#chunks.push(bytes.subarray(end));
      bytes = bytes.subarray(0, end);
    }
    const cut = this.#cut;
    if (cut !== undefined && cut.bytes < bytes.length) {
      this.#cut = undefined;
      if (cut.bytes > 0) this.#setup.deliver(bytes.subarray(0, cut.bytes));
      return cut.then();
    }
    if (cut !== undefined) cut.bytes -= bytes.length;
    this.#setup.deliver(bytes);
    if (this.#chunks.length > 0) return this.flow(ms);
    this.#onEmpty?.();
    this.#onEmpty = undefined;
  }
}
