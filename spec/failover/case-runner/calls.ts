import type { EndpointSwitchedEvent } from '../../../lib/events.ts';
import type { GeoFailoverControl } from '../../../lib/geo-control.ts';
import { isGeoFailoverError } from '../../../lib/errors.ts';
import type { EndpointOptions } from '../../../lib/index.ts';
import type { Call } from './case-signal.ts';

/** What is in effect in every case, beside the package's own defaults: chance would make times hard to read. */
export const CASE_OPTIONS = { failback: { jitterMs: 0 } } as const;

/** What has happened since somebody asked last. */
export interface Happened {
  readonly events: string[];
  readonly rejected: string[];
  readonly commands: string[];
}

/** `failover eu > us (silence)`; a reason that says no more than the kind is left out. */
export function describeSwitch({ kind, from, to, reason }: EndpointSwitchedEvent): string {
  return `${kind} ${from} > ${to}${reason === kind ? '' : ` (${reason})`}`;
}

/** Calls what an application would call. @param onRejected Told of a call that did not do what it was asked for. */
export function call(
  geo: GeoFailoverControl,
  wanted: Call,
  toEndpoint: (id: string, weight: number) => EndpointOptions,
  onRejected: (text: string) => void,
): Promise<void> {
  const run = (): unknown => {
    switch (wanted.name) {
      case 'switchTo': {
        const { id, force, pinMs } = wanted;
        return geo.switchTo(id, { force, ...(pinMs !== undefined && { pinMs }) });
      }
      case 'setWeight':
        geo.setWeight(wanted.id, wanted.weight);
        return;
      case 'add':
        geo.add(toEndpoint(wanted.id, wanted.weight));
        return;
      case 'release':
      case 'failback':
        return geo[wanted.name]();
      default:
        return geo[wanted.name](wanted.id);
    }
  };
  const target = 'id' in wanted ? ` ${wanted.id}` : '';
  const called = new Promise<unknown>((resolve) => resolve(run()));
  return called.then(
    () => undefined,
    (error: unknown) => onRejected(`${wanted.name}${target} (${codeOf(error)})`),
  );
}

function codeOf(error: unknown): string {
  return isGeoFailoverError(error) ? error.code : String(error);
}
