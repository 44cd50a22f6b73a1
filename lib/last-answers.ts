import type { Dispatcher } from './dispatch/dispatcher.ts';
import type { Connection } from './endpoints/connection.ts';
import type { GeoCore } from './geo-core.ts';
import type { Clock } from './time/clock.ts';
import { patientTimeout } from './time/patient-timeout.ts';

/**
 * Resolves when everything that was called before QUIT has its answer. What is in flight when its connection is lost waits
 * again, and is in flight again. Commands may be allowed to wait for ever, but the end of their client may not.
 *
 * @param connection The one that commands go over by then.
 */
export async function lastAnswers(
  dispatcher: Dispatcher,
  connection: () => Connection | undefined,
  core: Pick<GeoCore, 'clock' | 'options'>,
): Promise<void> {
  const { clock } = core;
  const { deadlineMs } = core.options.retry;
  const startedAt = clock.now();
  do {
    await atMost(deadlineMs, dispatcher.idle(), clock);
    await dispatcher.drained(connection(), deadlineMs);
  } while (!dispatcher.isIdle && clock.now() - startedAt < deadlineMs);
}

function atMost(ms: number, done: Promise<void>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    // Somebody awaits the end.
    const limit = patientTimeout(clock, ms, resolve, { keepAlive: true });
    void done.then(() => {
      limit.cancel();
      resolve();
    });
  });
}
