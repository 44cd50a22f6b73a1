import type { Connection, DrainResult } from '../endpoints/connection.ts';
import type { QueuedCommand } from '../ioredis-internals/types.ts';
import type { Clock } from '../time/clock.ts';
import { patientTimeout } from '../time/patient-timeout.ts';
import { InFlightWatch } from './in-flight-watch.ts';

interface Drain {
  readonly watch: InFlightWatch;
  readonly finish: () => void;
  answered: number;
}

/** Waits until what is in flight on a connection has been answered. */
export class Drains {
  readonly #clock: Clock;
  readonly #drains = new Set<Drain>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when nothing is in flight any more, or when the time is up. */
  drained(connection: Connection | undefined, deadlineMs: number): Promise<DrainResult> {
    if (connection === undefined) return Promise.resolve({ answered: 0, unanswered: 0 });
    return new Promise((resolve) => {
      const finish = (): void => {
        limit.cancel();
        this.#drains.delete(drain);
        resolve({ answered: drain.answered, unanswered: drain.watch.size });
        drain.watch.stop();
      };
      const limit = patientTimeout(this.#clock, deadlineMs, finish);
      const watch = new InFlightWatch(
        connection,
        (_item, deliver) => {
          drain.answered++;
          deliver();
        },
        finish,
      );
      const drain: Drain = { watch, finish, answered: 0 };
      this.#drains.add(drain);
      if (watch.size === 0) finish();
    });
  }

  /** The client is closed: nobody waits any more, and there is nothing that would have to be given up. */
  end(): void {
    for (const { watch, finish } of [...this.#drains]) {
      watch.stop();
      finish();
    }
  }

  /** These are not in flight any more, although no successful reply came. They may have been answered with an error. */
  settled(items: readonly QueuedCommand[], { areAnswered = false }: { readonly areAnswered?: boolean } = {}): void {
    for (const drain of this.#drains) {
      for (const { command } of items) {
        if (areAnswered && drain.watch.has(command)) drain.answered++;
        drain.watch.settled(command);
      }
    }
  }
}
