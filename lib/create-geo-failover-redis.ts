import type { Redis } from 'ioredis';
import { ApplicationClient } from './application-client.ts';
import { toError } from './errors.ts';
import { GeoFailoverControl } from './geo-control.ts';
import { GeoCore } from './geo-core.ts';
import { GeoEvents } from './geo-events.ts';
import { normalizeArguments, resolveOptions } from './options/resolve-options.ts';
import type { EndpointOptions, GeoFailoverOptions, ResolvedOptions } from './options/types.ts';
import { systemClock } from './time/clock.ts';

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
  return new ApplicationClient(core, new GeoFailoverControl(core), {}).proxy as GeoFailoverRedis;
}

function runActionAfterSwitches(events: GeoEvents, action: NonNullable<ResolvedOptions['onSwitch']>): void {
  events.on('endpointSwitched', (event) => {
    // A custom action is the application's: however it fails, nothing here may change by it.
    new Promise((resolve) => resolve(action(event))).catch((reason: unknown) => {
      events.emit('actionFailed', { action: 'onSwitch', error: toError(reason) });
    });
  });
}
