import type { GeoFailoverEventName, GeoFailoverEvents, GeoFailoverRedis } from '../../lib/index.ts';

/** Resolves with the next event of this name that meets the condition. The test's own limit bounds the wait. */
export function nextEvent<E extends GeoFailoverEventName>(
  client: GeoFailoverRedis,
  event: E,
  condition: (payload: GeoFailoverEvents[E]) => boolean = () => true,
): Promise<GeoFailoverEvents[E]> {
  return new Promise((resolve) => {
    const listener = (payload: GeoFailoverEvents[E]): void => {
      if (!condition(payload)) return;
      client.geo.off(event, listener);
      resolve(payload);
    };
    client.geo.on(event, listener);
  });
}

/** Resolves with the event of this name that the action brings about. */
export async function eventUpon<E extends GeoFailoverEventName>(
  client: GeoFailoverRedis,
  event: E,
  action: () => Promise<unknown>,
): Promise<GeoFailoverEvents[E]> {
  const next = nextEvent(client, event);
  await action();
  return next;
}
