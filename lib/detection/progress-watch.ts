import { isBlocking } from '../commands/blocking-commands.ts';
import { discountLateness } from '../time/patient-timeout.ts';

/** What the watch looks at: the head of the queue of unanswered commands, and the bytes received. */
export interface WatchedConnection {
  readonly isReady: boolean;
  readonly head: { readonly name: string } | undefined;
  readonly bytesRead: number;
}

/** How often a connection is looked at. */
export const TICK_MS = 20;

/**
 * Notices silence: the same command waits for its reply and not one byte arrives.
 *
 * The age of the oldest command is no measure: in a healthy pipeline of 300 000 commands the head was three seconds old
 * while bytes never stopped. Blocking commands are silent by design.
 */
export class ProgressWatch {
  #connection: WatchedConnection | undefined;
  #head: object | undefined;
  #bytesRead = 0;
  #silentMs = 0;

  /** Time without progress so far, in milliseconds. */
  get silentMs(): number {
    return this.#silentMs;
  }

  /** @param elapsedMs Time since the last tick; what it is late by is not held against the endpoint. */
  tick(connection: WatchedConnection | undefined, elapsedMs: number): void {
    const head = connection?.isReady === true ? connection.head : undefined;
    const bytesRead = connection?.bytesRead ?? 0;
    const isStuck =
      head !== undefined &&
      connection === this.#connection &&
      head === this.#head &&
      bytesRead === this.#bytesRead &&
      !isBlocking(head.name);
    this.#silentMs = isStuck ? this.#silentMs + discountLateness(elapsedMs, TICK_MS) : 0;
    this.#connection = connection;
    this.#head = head;
    this.#bytesRead = bytesRead;
  }
}
