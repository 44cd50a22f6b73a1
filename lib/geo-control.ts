import { GeoFailoverError } from './errors.ts';
import type { CircuitState, GeoFailoverEventName, GeoFailoverEvents, HealthStatus, SwitchReport } from './events.ts';
import { areAllClusters } from './endpoints/endpoint-kinds.ts';
import { heaviest } from './endpoints/weighted-selection.ts';
import type { GeoCore } from './geo-core.ts';
import { type ConfigurationEntry, configurationOf } from './options/configuration.ts';
import { printValue } from './options/mask.ts';
import { invalidOptions } from './options/problems.ts';
import { resolveEndpoint } from './options/resolve-options.ts';
import type { EndpointOptions } from './options/types.ts';

/** An endpoint as it stands. */
export interface EndpointStatus {
  readonly id: string;
  readonly weight: number;
  readonly isActive: boolean;
  readonly health: HealthStatus;
  readonly circuit: CircuitState;
  /** Whether commands could be sent to it at once. */
  readonly isReady: boolean;
  /** It came back without the keys that it had, and has none yet: see `failback.allowEmptyEndpoint`. */
  readonly hasLostData: boolean;
  /** Why it is not healthy. */
  readonly lastError?: Error | undefined;
}

export interface SwitchToOptions {
  /**
   * Switch without looking at the endpoint first, and give it the benefit of the doubt: when it was unhealthy, its health is
   * `unknown` from then on, and its circuit is closed. It is left only when something newer says that it fails.
   *
   * @default false
   */
  readonly force?: boolean;
  /** Time that commands in flight get to finish, in milliseconds. @default `failover.drainMs` */
  readonly drainMs?: number;
}

type Listener<E extends GeoFailoverEventName> = (payload: GeoFailoverEvents[E]) => void;

/** Everything of the client that is not ioredis: `redis.geo`. */
export class GeoFailoverControl {
  readonly #core: GeoCore;

  /** @internal */
  constructor(core: GeoCore) {
    this.#core = core;
  }

  /** The id of the endpoint that commands go to. */
  get activeEndpoint(): string {
    return this.#core.activeEndpointId;
  }

  /** Counts the switches: whoever needs to know that nothing was switched compares it. */
  get epoch(): number {
    return this.#core.epoch;
  }

  /**
   * For what must not span a switch, such as work under a lock: `const { epoch } = redis.geo` before, and this call in between.
   *
   * @throws GeoFailoverError `GEO_EPOCH_CHANGED` when another endpoint has become active since.
   */
  assertEpoch(epoch: number): void {
    if (epoch === this.epoch) return;
    const message = `Another endpoint is active than in epoch ${epoch}: it is ${this.activeEndpoint}, in epoch ${this.epoch}`;
    throw new GeoFailoverError('GEO_EPOCH_CHANGED', message, { endpointId: this.activeEndpoint, epoch: this.epoch });
  }

  /** All endpoints as they stand, in the order in which they were given. */
  endpoints(): EndpointStatus[] {
    return this.#core.controller.state.endpoints.map(({ id, weight, health, circuit, isReady, hasLostData }) => ({
      id,
      weight,
      isActive: id === this.#core.activeEndpointId,
      health,
      circuit,
      isReady,
      hasLostData,
      lastError: this.#core.registry.find(id)?.lastError,
    }));
  }

  /**
   * The configuration as it is in effect, one value a line of a table: what it is, and where that comes from (a default, a
   * preset, the options, one of `environments`, a file, a variable). Secrets are masked.
   */
  configuration(): readonly ConfigurationEntry[] {
    const { options, registry, controller } = this.#core;
    return configurationOf(
      options,
      controller.state.endpoints.map(({ id, weight }) => ({ weight, options: registry.get(id).options })),
    );
  }

  /**
   * Switches to an endpoint without an error for anybody: looks at it, holds new commands, lets those in flight finish,
   * switches, and releases what waited in order. The endpoint then stays active until {@link release}, or until it fails.
   * A newer call supersedes an older one.
   *
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_CLIENT_CLOSED`, or `GEO_ENDPOINT_UNHEALTHY` when it does not pass
   * the look or its circuit is open.
   */
  async switchTo(id: string, options: SwitchToOptions = {}): Promise<SwitchReport> {
    this.#core.controller.assertRunning();
    this.#core.registry.get(id);
    const { clock, controller } = this.#core;
    const startedAt = clock.now();
    if (options.force !== true && id !== this.activeEndpoint) await this.#assertUsable(id);
    const checkMs = clock.now() - startedAt;
    return controller.switchTo(id, 'manual', { drainMs: options.drainMs, isForced: options.force, checkMs });
  }

  /** Ends what {@link switchTo} pinned: from now on the rules of failback apply again. */
  release(): void {
    this.#core.controller.signal({ type: 'released' });
  }

  /**
   * Changes an endpoint's preference. A better endpoint is reached by the rules of failback.
   *
   * @param weight Greater than `0`.
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_INVALID_OPTIONS`
   */
  setWeight(id: string, weight: number): void {
    this.#core.registry.get(id);
    if (!Number.isFinite(weight) || weight <= 0) {
      throw invalid('weight', 'must be a finite number > 0', String(weight));
    }
    this.#core.controller.signal({ type: 'weight', endpointId: id, weight });
  }

  /**
   * Adds an endpoint.
   *
   * @throws GeoFailoverError `GEO_INVALID_OPTIONS`, `GEO_CLIENT_CLOSED`; or what its factory of clients throws. Nothing is
   * added then.
   */
  add(endpoint: EndpointOptions): void {
    this.#core.controller.assertRunning();
    const present = this.#core.registry.all.map(({ options }) => options);
    const resolved = resolveEndpoint(endpoint, { ...this.#core.options, endpoints: present });
    if (areAllClusters(this.#core.options.endpoints) && !areAllClusters([resolved])) throw notACluster(endpoint.redis);
    this.#core.add(resolved);
  }

  /**
   * Removes an endpoint. The active one is left first, as by {@link switchTo}.
   *
   * @returns what that switch did, if there was one.
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_CLIENT_CLOSED`, or `GEO_NO_HEALTHY_ENDPOINT` when no other could
   * take over.
   */
  async remove(id: string): Promise<SwitchReport | undefined> {
    this.#core.controller.assertRunning();
    this.#core.registry.get(id);
    const report = id === this.activeEndpoint ? await this.#leaveForGood(id) : undefined;
    this.#core.remove(id);
    return report;
  }

  on<E extends GeoFailoverEventName>(event: E, listener: Listener<E>): this {
    this.#core.events.on(event, listener);
    return this;
  }

  once<E extends GeoFailoverEventName>(event: E, listener: Listener<E>): this {
    this.#core.events.once(event, listener);
    return this;
  }

  off<E extends GeoFailoverEventName>(event: E, listener: Listener<E>): this {
    this.#core.events.off(event, listener);
    return this;
  }

  async #assertUsable(id: string): Promise<void> {
    const result = await this.#core.look(id);
    this.#core.controller.assertRunning();
    const standing = this.#core.controller.standing(id);
    const isReady = standing?.isReady === true;
    if (result.ok && isReady && standing.circuit !== 'open') return;
    const cause = result.ok ? undefined : result.error;
    const why = cause?.message ?? (isReady ? 'its circuit is open' : 'its data connection is not ready');
    throw new GeoFailoverError('GEO_ENDPOINT_UNHEALTHY', `Cannot switch to ${id}: ${why}`, { endpointId: id, cause });
  }

  async #leaveForGood(id: string): Promise<SwitchReport> {
    const others = this.#core.controller.state.endpoints.filter(
      (endpoint) => endpoint.id !== id && endpoint.health === 'healthy' && endpoint.isReady,
    );
    const closed = others.filter(({ circuit }) => circuit === 'closed');
    const target = heaviest(closed.length > 0 ? closed : others, id);
    if (target === undefined) {
      throw new GeoFailoverError('GEO_NO_HEALTHY_ENDPOINT', `Cannot remove ${id}: no other endpoint is healthy`, {
        endpointId: id,
        retryAfterMs: this.#core.retryAfterMs,
      });
    }
    // Even if its circuit is open: to be left at once would mean to be back here.
    return this.#core.controller.switchTo(target.id, 'endpoint-removed', { isForced: true });
  }
}

function invalid(path: string, rule: string, value: string): GeoFailoverError {
  return new GeoFailoverError('GEO_INVALID_OPTIONS', `${path} ${rule}, got ${value}`, {
    problems: [{ path, rule, value }],
  });
}

/** The client's `isCluster` cannot change under those who have asked already. */
function notACluster(value: unknown): GeoFailoverError {
  const path = 'endpoint.redis';
  const rule = 'must be a function that returns a Cluster, as that of every other endpoint does';
  return invalidOptions([{ path, rule, value: printValue(value) }]);
}
