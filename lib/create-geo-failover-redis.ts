import type { Redis, RedisOptions } from 'ioredis';
import { GeoFailoverError, toError } from './errors.ts';
import { createFacade } from './facade/facade.ts';
import { GeoClient } from './geo-client.ts';
import { GeoFailoverControl } from './geo-control.ts';
import { GeoCore } from './geo-core.ts';
import { GeoEvents } from './geo-events.ts';
import { commonOptions } from './options/encoding.ts';
import { normalizeArguments, resolveOptions } from './options/resolve-options.ts';
import type { EndpointOptions, GeoFailoverOptions, ResolvedOptions } from './options/types.ts';
import { systemClock } from './time/clock.ts';
import { patientTimeout } from './time/patient-timeout.ts';

/** An ioredis client, and what it knows about its endpoints. */
export type GeoFailoverRedis = Redis & { readonly geo: GeoFailoverControl };

/** Endpoints in the order of preference: their weights are 1, 1/2, 1/3 and so on. */
export type EndpointList = readonly EndpointOptions['redis'][];

/**
 * Creates an ioredis client over several Redis endpoints. Commands go to the healthy endpoint with the highest weight,
 * move to another one when it fails, and move back when it has recovered.
 *
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS`, with all problems at once
 */
export function createGeoFailoverRedis(options: GeoFailoverOptions): GeoFailoverRedis;
export function createGeoFailoverRedis(
  endpoints: EndpointList,
  options?: Omit<GeoFailoverOptions, 'endpoints'>,
): GeoFailoverRedis;
export function createGeoFailoverRedis(
  first: GeoFailoverOptions | EndpointList,
  second?: Omit<GeoFailoverOptions, 'endpoints'>,
): GeoFailoverRedis {
  const options = resolveOptions(normalizeArguments(first, second));
  const events = new GeoEvents();
  const core = new GeoCore(options, systemClock, Math.random, events);
  if (options.onSwitch !== undefined) runActionAfterSwitches(events, options.onSwitch);
  return createClient(core, new GeoFailoverControl(core), {});
}

/** The factory's client, and with the same core each of its duplicates. */
function createClient(core: GeoCore, control: GeoFailoverControl, override: RedisOptions): GeoFailoverRedis {
  const options = { ...commonOptions(core.options), ...override };
  let isStarted = false;
  let isReady = false;
  let hasEnded = false;

  const client = new GeoClient(
    {
      core,
      override,
      onReady: () => {
        if (isReady) return;
        isReady = true;
        facade.setStatus('connect');
        facade.setStatus('ready');
      },
      onEnd: () => {
        hasEnded = true;
        facade.setStatus('close');
        facade.setStatus('end');
      },
    },
    options,
  );
  const start = (): void => {
    if (isStarted) return;
    isStarted = true;
    facade.sendThrough(client.dispatcher.send);
    facade.setStatus('connecting');
    try {
      client.start();
    } catch (error) {
      // A factory of the application threw: nothing of this client shall stay behind.
      client.close();
      throw error;
    }
    core.start();
  };

  const facade = createFacade(
    options,
    {
      // Only until it is started: from then on commands go straight to the dispatcher.
      send: (command, stream) => {
        try {
          start();
        } catch (error) {
          command.reject(toError(error));
        }
        return client.dispatcher.send(command, stream);
      },
      connect() {
        if (isStarted) return Promise.reject(new Error('Redis is already connecting/connected'));
        const timeoutMs = options.maxRetriesPerRequest === null ? undefined : core.options.retry.deadlineMs;
        return firstConnection(facade.proxy, core, timeoutMs, start);
      },
      disconnect: () => {
        isStarted = true;
        facade.sendThrough(client.dispatcher.send);
        if (!hasEnded) client.close();
      },
      duplicate: (more) => createClient(core, control, { ...override, ...more }),
    },
    { geo: control },
  );
  if (options.lazyConnect !== true) start();
  return facade.proxy as GeoFailoverRedis;
}

/**
 * Resolves when the client is ready. ioredis rejects after its first attempt; here there are as many as fit into the time
 * that a command may wait, and others behind it.
 *
 * @param timeoutMs `undefined` for no limit
 */
function firstConnection(
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
    const onEnd = (): void => fail(new Error('Connection is closed.'));
    // Somebody awaits the connection, so the process must not end before that is settled.
    const timer =
      timeoutMs === undefined
        ? undefined
        : patientTimeout(core.clock, timeoutMs, () => fail(notConnected(core)), { keepAlive: true });
    const settle = (): void => {
      timer?.cancel();
      client.off('ready', onReady);
      client.off('end', onEnd);
    };
    client.once('ready', onReady);
    client.once('end', onEnd);
    try {
      start();
    } catch (error) {
      settle();
      throw error;
    }
  });
}

function notConnected({ activeEndpointId, epoch, retryAfterMs }: GeoCore): GeoFailoverError {
  const message = 'Connection is closed. No endpoint could be reached in time, and the client goes on trying.';
  return new GeoFailoverError('GEO_NO_HEALTHY_ENDPOINT', message, {
    endpointId: activeEndpointId,
    epoch,
    retryAfterMs,
  });
}

function runActionAfterSwitches(events: GeoEvents, action: NonNullable<ResolvedOptions['onSwitch']>): void {
  events.on('endpointSwitched', (event) => {
    // A custom action is the application's: however it fails, nothing here may change by it.
    new Promise((resolve) => resolve(action(event))).catch((reason: unknown) => {
      events.emit('actionFailed', { action: 'onSwitch', error: toError(reason) });
    });
  });
}
