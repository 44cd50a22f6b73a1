import type { Connection } from '../endpoints/connection.ts';
import type { QueuedCommand } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { InFlightWatch } from './in-flight-watch.ts';

/** Waits until what is in flight on a connection has been answered. */
export class Drains {
  readonly #clock: Clock;
  readonly #watches = new Set<InFlightWatch>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves to `true` when nothing is in flight any more, to `false` when the time is up. */
  drained(connection: Connection, deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (isDrained: boolean): void => {
        limit.cancel();
        watch.stop();
        this.#watches.delete(watch);
        resolve(isDrained);
      };
      const limit = patientTimeout(this.#clock, deadlineMs, () => finish(false));
      const watch = new InFlightWatch(
        connection,
        (_item, deliver) => deliver(),
        () => finish(true),
      );
      this.#watches.add(watch);
      if (watch.isEmpty) finish(true);
    });
  }

  /** These are not in flight any more, although no successful reply came. */
  settled(items: readonly QueuedCommand[]): void {
    for (const watch of this.#watches) for (const { command } of items) watch.settled(command);
  }
}
