import type { Clock, Timer } from '../time/clock.ts';
import { type WaitingConnection, awaitProgress } from './progress-wait.ts';

export interface ProgressHoldSetup {
  readonly clock: Clock;
  readonly hold: () => void;
  readonly release: () => void;
}

/**
 * Holds new commands back while a connection is silent although its endpoint answers others. Replies come in order, so that
 * nothing is lost by it: they would be answered behind the silence.
 */
export class ProgressHold {
  readonly #setup: ProgressHoldSetup;
  #wait: Timer | undefined;

  constructor(setup: ProgressHoldSetup) {
    this.#setup = setup;
  }

  get isHeld(): boolean {
    return this.#wait !== undefined;
  }

  /** @param onLost Called before commands are released, when nothing came for too long. */
  begin(connection: WaitingConnection, isLost: () => boolean, onLost: () => void): void {
    const { clock, hold } = this.#setup;
    // rare: silent-connection-to-a-good-endpoint
    hold();
    const onEnd = (isOver: boolean): void => {
      if (isOver) onLost(); // rare: silent-connection-given-up
      this.end();
    };
    this.#wait = awaitProgress({ clock, connection, isLost, onEnd });
  }

  end(): void {
    if (this.#wait === undefined) return;
    this.#wait.cancel();
    this.#wait = undefined;
    this.#setup.release();
  }
}
