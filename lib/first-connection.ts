import type { Redis } from 'ioredis';
import { CONNECTION_CLOSED, GeoFailoverError } from './errors.ts';
import type { GeoCore } from './geo-core.ts';
import { patientTimeout } from './time/patient-timeout.ts';

/**
 * Resolves when the client is ready. ioredis rejects after its first attempt; here there are as many as fit into the time
 * that a command may wait, and others behind it.
 *
 * @param timeoutMs `undefined` for no limit
 */
export function firstConnection(
  client: Redis,
  core: GeoCore,
  timeoutMs: number | undefined,
  start: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onReady = (): void => {
      settle();
      resolve();
    };
    const fail = (error: Error): void => {
      settle();
      reject(error);
    };
    let isSettled = false;
    const onEnd = (): void => fail(new Error(CONNECTION_CLOSED));
    // Somebody awaits the connection, so the process must not end before that is settled.
    const timer =
      timeoutMs === undefined
        ? undefined
        : patientTimeout(core.clock, timeoutMs, () => fail(notConnected(core)), { keepAlive: true });
    const settle = (): void => {
      isSettled = true;
      timer?.cancel();
      client.off('ready', onReady);
      client.off('end', onEnd);
    };
    client.once('ready', onReady);
    // The end of an earlier connection may still be to be told.
    process.nextTick(() => {
      if (!isSettled) client.once('end', onEnd);
    });
    try {
      start();
    } catch (error) {
      settle();
      throw error;
    }
  });
}

function notConnected({ activeEndpointId, epoch, retryAfterMs, unavailableForMs }: GeoCore): GeoFailoverError {
  return new GeoFailoverError('GEO_NO_HEALTHY_ENDPOINT', CONNECTION_CLOSED, {
    explanation: 'No endpoint could be reached in time, and the client goes on trying.',
    endpointId: activeEndpointId,
    epoch,
    retryAfterMs,
    unavailableForMs,
  });
}
