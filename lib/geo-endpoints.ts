import { EndpointReplacements, type EndpointReplacementsSetup } from './endpoint-replacements.ts';
import { initialStanding } from './failover/initial-state.ts';
import type { ResolvedEndpoint } from './options/types.ts';

export interface GeoEndpointsSetup extends EndpointReplacementsSetup {
  /** Whether there are clients, so that endpoints are watched. */
  readonly isStarted: () => boolean;
}

/** Endpoints come and go, and are replaced, while clients use them. */
export class GeoEndpoints {
  readonly #setup: GeoEndpointsSetup;
  readonly replacements: EndpointReplacements;

  constructor(setup: GeoEndpointsSetup) {
    this.#setup = setup;
    this.replacements = new EndpointReplacements(setup);
  }

  /** @throws whatever the endpoint's factory of clients throws; nothing is added then. */
  add(resolved: ResolvedEndpoint): void {
    const { create, registry, controller, checks, members, isStarted } = this.#setup;
    const endpoint = create(resolved);
    members.endpointAdded(endpoint);
    registry.add(endpoint);
    controller.signal({ type: 'added', endpoint: initialStanding(resolved) });
    if (isStarted()) checks.watch(endpoint);
  }

  /** The endpoint must not be the active one. */
  remove(endpointId: string): void {
    const { registry, controller, checks, health, members } = this.#setup;
    checks.unwatch(endpointId);
    health.removed(registry.get(endpointId));
    registry.remove(endpointId);
    controller.signal({ type: 'removed', endpointId });
    members.endpointRemoved(endpointId);
  }
}
