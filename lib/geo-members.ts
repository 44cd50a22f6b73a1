import type { Endpoint } from './endpoints/endpoint.ts';
import type { CoreMember } from './geo-core-member.ts';

/** The clients that are started and not closed. One of them keeps standbys, and speaks for the readiness of endpoints. */
export class GeoMembers implements Iterable<CoreMember> {
  readonly #members = new Set<CoreMember>();

  [Symbol.iterator](): Iterator<CoreMember> {
    return this.#members.values();
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** @returns whether it keeps standbys from now on, because nobody does. */
  join(member: CoreMember): boolean {
    const isKept = this.#areStandbysKept();
    this.#members.add(member);
    return !isKept;
  }

  /** Another one keeps standbys from now on, if this one did. */
  leave(member: CoreMember): void {
    this.#members.delete(member);
    if (!this.#areStandbysKept()) [...this.#members][0]?.keepStandbys(); // rare: standbys-handed-over
  }

  isReady(endpointId: string): boolean {
    return [...this.#members].some((member) => member.keepsStandbys && member.isReady(endpointId));
  }

  /** @throws whatever the endpoint's factory of clients throws; nobody has the endpoint then. */
  endpointAdded(endpoint: Endpoint): void {
    const told: CoreMember[] = [];
    try {
      for (const member of this.#members) {
        told.push(member);
        member.endpointAdded(endpoint);
      }
    } catch (error) {
      for (const member of told) member.endpointRemoved(endpoint.id);
      throw error;
    }
  }

  endpointRemoved(endpointId: string): void {
    for (const member of this.#members) member.endpointRemoved(endpointId);
  }

  #areStandbysKept(): boolean {
    return [...this.#members].some(({ keepsStandbys }) => keepsStandbys);
  }
}
