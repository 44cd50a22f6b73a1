import { isBlocking } from '../commands/blocking-commands.ts';
import { discountLateness } from '../time/patient-timeout.ts';

/** What the watch looks at: the head of the queue of unanswered commands, and the bytes that come and go. */
export interface WatchedConnection {
  readonly isReady: boolean;
  readonly head: { readonly name: string } | undefined;
  readonly bytesRead: number;
  /** Bytes handed to the socket so far. */
  readonly bytesWritten: number;
  /** Bytes that the socket has not been able to pass on yet. */
  readonly bytesQueued: number;
}

/** How often a connection is looked at. */
export const TICK_MS = 20;

/** What lies in the buffers between two kernels may be under way without a sign; slower than this it counts as lost. */
const FREE_BYTES = 262_144;
const SLOWEST_BYTES_PER_MS = 1_000;

/**
 * Notices silence: the same command waits for its reply, not one byte arrives, and not one more leaves.
 *
 * The age of the oldest command is no measure: in a healthy pipeline of 300 000 commands the head was three seconds old
 * while bytes never stopped. Blocking commands are silent by design.
 */
export class ProgressWatch {
  #connection: WatchedConnection | undefined;
  #head: object | undefined;
  #bytesRead = 0;
  #bytesQueued = 0;
  #bytesWrittenAtProgress = 0;
  #silentMs = 0;
  #forgivenMs = 0;

  /** Time without progress since the latest progress, or since it was last forgiven, in milliseconds. */
  get silentMs(): number {
    return this.#silentMs - this.#forgivenMs;
  }

  /** Whether a connection to an endpoint that is known to answer has been silent for too long. */
  isLost(thresholdMs: number): boolean {
    const sent = (this.#connection?.bytesWritten ?? 0) - this.#bytesWrittenAtProgress;
    return this.#silentMs >= thresholdMs + Math.max(0, sent - FREE_BYTES) / SLOWEST_BYTES_PER_MS;
  }

  /** The endpoint was found good: begin to count anew. */
  forgive(): void {
    this.#forgivenMs = this.#silentMs;
  }

  /** @param elapsedMs Time since the last tick; what it is late by is not held against the endpoint. */
  tick(connection: WatchedConnection | undefined, elapsedMs: number): void {
    const head = connection?.isReady === true ? connection.head : undefined;
    const { bytesRead = 0, bytesQueued = 0, bytesWritten = 0 } = connection ?? {};
    const isStuck =
      head !== undefined &&
      connection === this.#connection &&
      head === this.#head &&
      bytesRead === this.#bytesRead &&
      bytesQueued >= this.#bytesQueued &&
      !isBlocking(head.name);
    if (isStuck) {
      this.#silentMs += discountLateness(elapsedMs, TICK_MS);
    } else {
      this.#silentMs = 0;
      this.#forgivenMs = 0;
      this.#bytesWrittenAtProgress = bytesWritten;
    }
    this.#connection = connection;
    this.#head = head;
    this.#bytesRead = bytesRead;
    this.#bytesQueued = bytesQueued;
  }
}
