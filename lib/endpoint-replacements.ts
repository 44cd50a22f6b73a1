import { handshakeTimeoutMs } from './endpoints/create-connection.ts';
import type { EndpointRegistry } from './endpoints/endpoint-registry.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { GeoFailoverError } from './errors.ts';
import type { SwitchReport } from './events.ts';
import type { FailoverController } from './failover/failover-controller.ts';
import type { GeoHealth } from './geo-health.ts';
import type { GeoMembers } from './geo-members.ts';
import { type CheckResult, mayServe } from './health/check-result.ts';
import type { CheckRegistry } from './health/check-registry.ts';
import type { ResolvedEndpoint, ResolvedOptions } from './options/types.ts';
import type { Clock } from './time/clock.ts';
import { patientTimeout } from './time/patient-timeout.ts';

export interface EndpointReplacementsSetup {
  readonly options: Pick<ResolvedOptions, 'failover'>;
  readonly clock: Clock;
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  readonly checks: CheckRegistry;
  readonly health: GeoHealth;
  readonly members: GeoMembers;
  readonly create: (options: ResolvedEndpoint) => Endpoint;
  /** More is known of an endpoint. */
  readonly onChange: () => void;
}

/** An endpoint, and what shall have its place. */
interface Replacement {
  readonly previous: Endpoint;
  readonly endpoint: Endpoint;
  /** Its weight, unless that of the present one is kept. */
  readonly weight: number | undefined;
}

/**
 * Endpoints get other options while they are used: what replaces one is made beside it, with connections of its own, and has
 * its place once it was found good. Until then, and whenever something is against it, everything stays as it is.
 */
export class EndpointReplacements {
  readonly #setup: EndpointReplacementsSetup;
  /** By id. A newer one supersedes an older one. */
  readonly #wanted = new Map<string, Replacement>();

  constructor(setup: EndpointReplacementsSetup) {
    this.#setup = setup;
  }

  /**
   * @param weight Without it the present one is kept.
   * @returns what that did to commands, if it was the active one.
   * @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY`, `GEO_UNKNOWN_ENDPOINT` when it was removed meanwhile,
   * `GEO_CLIENT_CLOSED`; or whatever the factory of clients throws.
   */
  async replace(options: ResolvedEndpoint, weight: number | undefined): Promise<SwitchReport | undefined> {
    const { registry, controller, checks, members, clock, create } = this.#setup;
    const endpoint = create(options);
    const replacement: Replacement = { previous: registry.get(options.id), endpoint, weight };
    const startedAt = clock.now();
    let changed = (): void => undefined;
    this.#wanted.set(endpoint.id, replacement);
    try {
      for (const member of members) member.successors.connect(endpoint, () => changed());
      const result = await checks.lookBeside(endpoint);
      this.#assertWanted(replacement);
      if (!mayServe(result)) throw unusable(endpoint, (result as { readonly error: Error }).error);
      for (const member of members) member.successors.nudge(endpoint);
      await this.#connected(replacement, (check) => (changed = check));
      this.#assertUsable(replacement);
      return await controller.replace(endpoint.id, clock.now() - startedAt, (since) => {
        this.#assertUsable(replacement);
        this.#handOver(replacement, result, since);
      });
    } finally {
      if (this.#wanted.get(endpoint.id) === replacement) this.#wanted.delete(endpoint.id);
      for (const member of members) member.successors.discard(endpoint);
    }
  }

  /** Resolves when every client is connected, when that has taken too long, or when it is not wanted any more. */
  #connected(replacement: Replacement, onCheck: (check: () => void) => void): Promise<void> {
    const { clock, options } = this.#setup;
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#isWanted(replacement) && !this.#isReady(replacement)) return;
        limit.cancel();
        resolve();
      };
      const limit = patientTimeout(clock, handshakeTimeoutMs(options.failover), resolve);
      onCheck(check);
      check();
    });
  }

  /** All in one turn. */
  #handOver({ previous, endpoint, weight }: Replacement, result: CheckResult, since: number): void {
    const { registry, controller, checks, health, members, clock, onChange } = this.#setup;
    const { id } = endpoint;
    if (previous.breaker.state === 'isolated') endpoint.breaker.isolate();
    health.replaced(previous, endpoint, result);
    endpoint.judgedAt = clock.now();
    registry.add(endpoint);
    for (const member of members) member.successors.take(endpoint);
    checks.replace(previous, endpoint);
    const standing = {
      weight: weight ?? controller.standing(id)?.weight ?? endpoint.options.weight,
      circuit: endpoint.breaker.state,
      isReady: members.isReady(id),
      successes: result.ok ? 1 : 0,
    };
    controller.signal({ type: 'replaced', endpointId: id, standing }, since);
    onChange();
  }

  #assertUsable(replacement: Replacement): void {
    this.#assertWanted(replacement);
    if (!this.#isReady(replacement)) throw unusable(replacement.endpoint, 'its data connection is not ready');
  }

  #assertWanted(replacement: Replacement): void {
    const { controller, registry } = this.#setup;
    controller.assertRunning();
    if (this.#isWanted(replacement)) return;
    // rare: replacement-superseded
    registry.get(replacement.endpoint.id);
    throw unusable(replacement.endpoint, 'another one was wanted in its place meanwhile');
  }

  #isWanted(replacement: Replacement): boolean {
    const { endpoint, previous } = replacement;
    return this.#wanted.get(endpoint.id) === replacement && this.#setup.registry.find(endpoint.id) === previous;
  }

  #isReady({ endpoint }: Replacement): boolean {
    return [...this.#setup.members].every(({ successors }) => successors.isReady(endpoint));
  }
}

function unusable({ id: endpointId }: Endpoint, why: Error | string): GeoFailoverError {
  const [reason, cause] = typeof why === 'string' ? [why, undefined] : [why.message, why];
  const message = `Cannot replace ${endpointId}: ${reason}`;
  return new GeoFailoverError('GEO_ENDPOINT_UNHEALTHY', message, { endpointId, cause });
}
