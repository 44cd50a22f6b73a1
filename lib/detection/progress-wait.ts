import type { Clock, Timer } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { TICK_MS } from './progress-watch.ts';

/** What is looked at while it is silent. */
export interface WaitingConnection {
  readonly isReady: boolean;
  readonly epoch: number;
  readonly bytesRead: number;
  /** The oldest command that waits for its reply. */
  readonly head: object | undefined;
}

export interface ProgressWaitSetup {
  readonly clock: Clock;
  readonly connection: WaitingConnection;
  /** Whether it has been silent for so long that nothing will come any more. */
  readonly isLost: () => boolean;
  /** Called once: the connection goes on or has ended (`false`), or is lost (`true`). */
  readonly onEnd: (isLost: boolean) => void;
}

/** Waits for what becomes of a connection that is silent although its endpoint answers others. */
export function awaitProgress({ clock, connection, isLost, onEnd }: ProgressWaitSetup): Timer {
  const { epoch, bytesRead, head } = connection;
  const look = (): void => {
    const isSame = connection.isReady && connection.epoch === epoch;
    // Without a command that waits, silence means nothing.
    const isSilent = isSame && head !== undefined && connection.head === head && connection.bytesRead === bytesRead;
    if (isSilent && !isLost()) timer = patientTimeout(clock, TICK_MS, look);
    else onEnd(isSilent);
  };
  // A server that was blocked answers all its connections in one go: the replies may be about to be read.
  let timer = patientTimeout(clock, TICK_MS, look);
  return { cancel: () => timer.cancel() };
}
