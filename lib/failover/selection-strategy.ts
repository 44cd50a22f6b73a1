import type { EndpointStanding } from '../endpoints/weighted-selection.ts';
import { toError } from '../errors.ts';
import type { GeoEvents } from '../geo-events.ts';
import { printValue } from '../options/mask.ts';
import type { SelectEndpoint } from '../options/select-endpoint.ts';

/** Chooses one of several endpoints that are equally fit; nothing where the weights shall decide. */
export type Choice = (fit: readonly EndpointStanding[], activeId: string) => EndpointStanding | undefined;

/** Lets the application choose. When that fails, or names another endpoint, the weights decide. */
export function choiceOf(select: SelectEndpoint | undefined, events: Pick<GeoEvents, 'emit'>): Choice | undefined {
  if (select === undefined) return undefined;
  const failed = (error: Error): void => events.emit('actionFailed', { action: 'failover.selectEndpoint', error });
  return (fit, activeId) => {
    try {
      const candidates = fit.map(({ id, weight }) => ({ id, weight, isActive: id === activeId }));
      const chosen: unknown = select(candidates);
      // It had to answer at once; what becomes of its promise is nobody's business.
      if (chosen instanceof Promise) chosen.catch(() => undefined);
      const endpoint = fit.find(({ id }) => id === chosen);
      if (endpoint === undefined && chosen !== undefined) failed(new Error(`${printValue(chosen)} is no candidate`));
      return endpoint;
    } catch (reason) {
      failed(toError(reason));
      return undefined;
    }
  };
}
