import { GeoFailoverError } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';

/** The endpoints, and which of them is active. Only the failover controller changes that. */
export class EndpointRegistry {
  readonly #endpoints = new Map<string, Endpoint>();
  #activeId: string;
  #epoch = 0;

  constructor(endpoints: readonly Endpoint[], activeId: string) {
    for (const endpoint of endpoints) this.#endpoints.set(endpoint.id, endpoint);
    this.#activeId = activeId;
  }

  get activeId(): string {
    return this.#activeId;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get all(): Endpoint[] {
    return [...this.#endpoints.values()];
  }

  find(id: string): Endpoint | undefined {
    return this.#endpoints.get(id);
  }

  /** @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT` */
  get(id: string): Endpoint {
    const endpoint = this.#endpoints.get(id);
    if (endpoint !== undefined) return endpoint;
    const known = [...this.#endpoints.keys()].join(', ');
    throw new GeoFailoverError('GEO_UNKNOWN_ENDPOINT', `There is no endpoint "${id}"; there are ${known}`, {
      endpointId: id,
    });
  }

  setActive(id: string, epoch: number): void {
    this.#activeId = id;
    this.#epoch = epoch;
  }

  add(endpoint: Endpoint): void {
    this.#endpoints.set(endpoint.id, endpoint);
  }

  remove(id: string): void {
    this.#endpoints.delete(id);
  }
}
