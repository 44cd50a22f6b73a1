import { GeoFailoverError } from './errors.ts';
import type { GeoFailoverEventName, GeoFailoverEvents, SwitchReport } from './events.ts';
import { assertSameKind } from './endpoints/endpoint-kinds.ts';
import { type EndpointStatus, statusesIn } from './endpoint-status.ts';
import type { GeoCore } from './geo-core.ts';
import { type GeoSnapshot, snapshotOf } from './geo-snapshot.ts';
import { configuredEndpoints, updateOptions } from './geo-update.ts';
import { Moves } from './moves.ts';
import { checkSwitchToOptions } from './options/check-options.ts';
import type { SwitchToOptions } from './options/switch-to-options.ts';
import { commonOptions } from './options/encoding.ts';
import { type ConfigurationEntry, configurationOf } from './options/configuration.ts';
import { invalidOptions } from './options/problems.ts';
import { resolveEndpoint, resolveReplacement } from './options/resolve-options.ts';
import type { EndpointOptions, EndpointReplacement, PresentOptions, UpdateOptions } from './options/types.ts';

type Listener<E extends GeoFailoverEventName> = (payload: GeoFailoverEvents[E]) => void;

/** Everything of the client that is not ioredis: `redis.geo`. */
export class GeoFailoverControl {
  readonly #core: GeoCore;
  readonly #moves: Moves;

  /** @internal */
  constructor(core: GeoCore) {
    this.#core = core;
    this.#moves = new Moves(core);
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
   * For how long no endpoint could take commands, in milliseconds; `0` while one can. A few seconds are an interruption that
   * commands wait through, minutes an outage. Nothing has to be restarted after either.
   */
  get unavailableForMs(): number {
    return this.#core.unavailableForMs;
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

  /**
   * How long a silent failure of the active endpoint would go on now, at most, in milliseconds: `failover.silenceFloorMs`, or
   * up to `silenceCeilingMs` where it has been silent for longer of late, two ticks of 20 ms, `failover.verifyTimeoutMs`, and
   * `localRecoveryMs` where that is set. It holds while replies are awaited, and counts time in which this process runs.
   */
  get detectionBoundMs(): number {
    return this.#core.suspicions.boundMs(this.activeEndpoint);
  }

  /** Everything as it stands, as plain data. */
  snapshot(): GeoSnapshot {
    return snapshotOf(this.#core, this.endpoints());
  }

  /** All endpoints as they stand, in the order in which they were given. */
  endpoints(): EndpointStatus[] {
    return statusesIn(this.#core);
  }

  /**
   * The configuration as it is in effect, one value a line of a table: what it is, and where that comes from (a default, a
   * preset, the options, one of `environments`, a file, a variable, a later call). Secrets are masked.
   */
  configuration(): readonly ConfigurationEntry[] {
    return configurationOf(this.#core.options.values, configuredEndpoints(this.#core));
  }

  /**
   * Changes policies at run time, for this client and its duplicates. What is not given, or `undefined`, stays as it is, and
   * so do an endpoint's own overrides of `healthCheck`. The new values count from the next decision on: what was observed
   * stays, what waits keeps its place and its deadline, and what has begun goes on, except for a failback that the new rules
   * would not begin.
   *
   * @returns what is different now, of {@link configuration}.
   * @throws GeoFailoverError `GEO_INVALID_OPTIONS`, also for options that cannot be changed, or `GEO_CLIENT_CLOSED`. Nothing
   * is changed then.
   */
  update(options: UpdateOptions): readonly ConfigurationEntry[] {
    return updateOptions(options, this.#core);
  }

  /**
   * Switches to an endpoint without an error for anybody: looks at it, holds new commands, lets those in flight finish,
   * switches, and releases what waited in order. The endpoint then stays active until {@link release}, until `pinMs` have
   * passed, or until it fails. A newer call supersedes an older one.
   *
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_INVALID_OPTIONS`, `GEO_CLIENT_CLOSED`, or `GEO_ENDPOINT_UNHEALTHY`
   * when it does not pass the look, is isolated, or its circuit is open.
   */
  async switchTo(id: string, options: SwitchToOptions = {}): Promise<SwitchReport> {
    if (this.#core.controller.isDeciding) await this.#core.controller.decided();
    this.#core.controller.assertRunning();
    this.#core.registry.get(id);
    const { given, problems } = checkSwitchToOptions(options);
    if (problems !== undefined) throw invalidOptions(problems);
    return this.#moves.switchTo(id, given);
  }

  /** Ends what {@link switchTo} pinned, and calls off what is prepared: from now on the rules of failback apply again. */
  release(): void {
    this.#moves.release();
  }

  /**
   * Goes to the best endpoint now, as {@link switchTo} does: neither grace period nor `consecutiveSuccesses` nor `windows` nor `gate` nor
   * `enabled: false` is waited for, and a pin is ended. The endpoint is looked at, and must neither have lost its data nor be
   * held back by its check; {@link switchTo} goes there all the same.
   *
   * @returns what that did; nothing when no other endpoint is better.
   * @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY`, `GEO_CLIENT_CLOSED`
   */
  async failback(): Promise<SwitchReport | undefined> {
    if (this.#core.controller.isDeciding) await this.#core.controller.decided();
    this.#core.controller.assertRunning();
    return this.#moves.failback();
  }

  /**
   * Keeps commands from an endpoint until {@link rejoin}, for maintenance: it is no target of a failover, even if all
   * others fail. It is still checked. The active one is left first, as by {@link switchTo}.
   *
   * @returns what that switch did, if there was one.
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_CLIENT_CLOSED`, or `GEO_NO_HEALTHY_ENDPOINT` or
   * `GEO_ENDPOINT_UNHEALTHY` when no other could take over.
   */
  async isolate(id: string): Promise<SwitchReport | undefined> {
    if (this.#core.controller.isDeciding) await this.#core.controller.decided();
    this.#core.controller.assertRunning();
    this.#core.registry.get(id);
    return this.#moves.isolate(id);
  }

  /**
   * Ends {@link isolate}, and closes the circuit. A better endpoint is reached by the rules of failback.
   *
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`
   */
  rejoin(id: string): void {
    const { breaker } = this.#core.registry.get(id);
    if (breaker.state === 'isolated') breaker.reset();
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
      throw invalidOptions([{ path: 'weight', rule: 'must be a finite number > 0', value: String(weight) }]);
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
    const resolved = resolveEndpoint(endpoint, this.#presentOptions);
    assertSameKind(resolved, this.#core.options.endpoints);
    this.#core.endpoints.add(resolved);
  }

  /**
   * Gives an endpoint other options, such as a new password or another host, without an error for anybody: connects beside
   * the present one and looks there. If it is the active one, holds new commands, lets those in flight finish, hands over,
   * and releases what waited in order: a switch, as it may be another server. As it may also be the same one, what is not
   * answered in time is given up, as when a connection is lost. A newer call supersedes an older one.
   *
   * @param endpoint All of its options; only the weight is kept when none is given.
   * @returns what that did to commands, if it was the active one.
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_INVALID_OPTIONS`, `GEO_CLIENT_CLOSED`, or `GEO_ENDPOINT_UNHEALTHY`
   * when it does not pass the look; or what its factory of clients throws. Everything stays as it was then.
   */
  async replace(id: string, endpoint: EndpointReplacement): Promise<SwitchReport | undefined> {
    if (this.#core.controller.isDeciding) await this.#core.controller.decided();
    const { controller, registry, endpoints } = this.#core;
    controller.assertRunning();
    const { weight = registry.get(id).options.weight } = controller.standing(id) ?? {};
    const resolved = resolveReplacement(endpoint, { id, weight }, this.#presentOptions);
    assertSameKind(resolved, this.#core.options.endpoints);
    return endpoints.replacements.replace(resolved, endpoint.weight);
  }

  /**
   * Removes an endpoint. The active one is left first, as by {@link switchTo}.
   *
   * @returns what that switch did, if there was one.
   * @throws GeoFailoverError `GEO_UNKNOWN_ENDPOINT`, `GEO_CLIENT_CLOSED`, or `GEO_NO_HEALTHY_ENDPOINT` when no other could
   * take over.
   */
  async remove(id: string): Promise<SwitchReport | undefined> {
    if (this.#core.controller.isDeciding) await this.#core.controller.decided();
    this.#core.controller.assertRunning();
    this.#core.registry.get(id);
    const report = id === this.activeEndpoint ? await this.#moves.leaveForGood(id) : undefined;
    this.#core.endpoints.remove(id);
    return report;
  }

  get #presentOptions(): PresentOptions {
    const { options, registry } = this.#core;
    return {
      ...options.values,
      endpoints: registry.all.map((endpoint) => endpoint.options),
      encoding: commonOptions(options),
    };
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
}
