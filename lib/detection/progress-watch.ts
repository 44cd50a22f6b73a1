import { blockingMs } from '../commands/blocking-commands.ts';
import { discountLateness } from '../time/patient-timeout.ts';

/** What the watch looks at: the head of the queue of unanswered commands, and the bytes that come and go. */
export interface WatchedConnection {
  readonly isReady: boolean;
  readonly head: { readonly name: string; readonly args: readonly unknown[] } | undefined;
  readonly bytesRead: number;
  /** Bytes handed to the socket so far. */
  readonly bytesWritten: number;
  /** Bytes that the socket has not been able to pass on yet. */
  readonly bytesQueued: number;
}

/** How often a connection is looked at. */
export const TICK_MS = 20;

/**
 * A connection that is silent for so long, to an endpoint that answers others, is lost: a firewall has dropped it. Rather
 * late, because a command may take long without blocking the server for others (one of a module, `CLIENT PAUSE`).
 */
const LOST_AFTER_MS = 2_000;

/** What lies in the buffers between two kernels may be under way without a sign; slower than this it counts as lost. */
const FREE_BYTES = 262_144;
const SLOWEST_BYTES_PER_MS = 1_000;

/**
 * Notices silence: the same command waits for its reply, not one byte arrives, and not one more leaves.
 *
 * The age of the oldest command is no measure: in a healthy pipeline of 300 000 commands the head was three seconds old
 * while bytes never stopped. A blocking command is silent by design, for as long as it asked for.
 */
export class ProgressWatch {
  #connection: WatchedConnection | undefined;
  #head: object | undefined;
  /** For how long the head may be silent by its own wish, and for how long it has been. */
  #grantedMs = 0;
  #usedMs = 0;
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
  isLost(silenceFloorMs: number): boolean {
    const thresholdMs = Math.max(LOST_AFTER_MS, silenceFloorMs);
    const sent = (this.#connection?.bytesWritten ?? 0) - this.#bytesWrittenAtProgress;
    return this.#silentMs >= thresholdMs + Math.max(0, sent - FREE_BYTES) / SLOWEST_BYTES_PER_MS;
  }

  /** The endpoint was found good: begin to count anew. */
  forgive(): void {
    this.#forgivenMs = this.#silentMs;
  }

  /**
   * @param elapsedMs Time since the last tick; what it is late by is not held against the endpoint.
   * @returns how long the silence was that has just been ended by a byte, in milliseconds; else `0`.
   */
  tick(connection: WatchedConnection | undefined, elapsedMs: number): number {
    const head = connection?.isReady === true ? connection.head : undefined;
    const { bytesRead = 0, bytesQueued = 0, bytesWritten = 0 } = connection ?? {};
    const isHeard = connection !== undefined && connection === this.#connection && bytesRead > this.#bytesRead;
    const endedMs = isHeard ? this.#silentMs : 0;
    const isStuck =
      head !== undefined &&
      connection === this.#connection &&
      head === this.#head &&
      bytesRead === this.#bytesRead &&
      bytesQueued >= this.#bytesQueued;
    if (isStuck) {
      const waitedMs = discountLateness(elapsedMs, TICK_MS);
      if (this.#usedMs < this.#grantedMs) this.#usedMs += waitedMs;
      else this.#silentMs += waitedMs;
    } else {
      this.#grantedMs = head === undefined ? 0 : blockingMs(head);
      this.#usedMs = 0;
      this.#silentMs = 0;
      this.#forgivenMs = 0;
      this.#bytesWrittenAtProgress = bytesWritten;
    }
    this.#connection = connection;
    this.#head = head;
    this.#bytesRead = bytesRead;
    this.#bytesQueued = bytesQueued;
    return endedMs;
  }
}
