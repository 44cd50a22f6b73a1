import type { ActiveEndpointView } from './dispatch/active-endpoint-view.ts';
import { ProgressTicker } from './detection/progress-ticker.ts';
import type { Suspicion } from './detection/suspicions.ts';
import { EndpointRegistry } from './endpoints/endpoint-registry.ts';
import { type Endpoint, createEndpoint } from './endpoints/endpoint.ts';
import { isPreferred, usableOf } from './endpoints/weighted-selection.ts';
import { failbackGate } from './failover/failback-gate.ts';
import { FailoverController } from './failover/failover-controller.ts';
import { currentPolicy } from './failover/failover-policy.ts';
import { initialState } from './failover/initial-state.ts';
import { Initialization } from './failover/initialization.ts';
import { circuitListener } from './geo-circuit.ts';
import type { CoreMember } from './geo-core-member.ts';
import { GeoEndpoints } from './geo-endpoints.ts';
import type { GeoEvents } from './geo-events.ts';
import { GeoHealth } from './geo-health.ts';
import { GeoMembers } from './geo-members.ts';
import { GeoSuspicions } from './geo-suspicions.ts';
import { lookAt } from './geo-look.ts';
import type { CheckResult } from './health/check-result.ts';
import { CheckRegistry } from './health/check-registry.ts';
import { CurrentOptions } from './options/current-options.ts';
import type { ResolvedEndpoint, ResolvedOptions } from './options/types.ts';
import { type Calendar, systemCalendar } from './time/calendar.ts';
import type { Clock } from './time/clock.ts';

/** The health way: everything that clients made from one factory call, and their duplicates, share. */
export class GeoCore implements ActiveEndpointView {
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  readonly options: CurrentOptions;
  readonly clock: Clock;
  readonly events: GeoEvents;
  readonly #members = new GeoMembers();
  readonly health: GeoHealth;
  readonly checks: CheckRegistry;
  readonly suspicions: GeoSuspicions;
  readonly endpoints: GeoEndpoints;
  readonly #ticker: ProgressTicker;
  readonly initialization: Initialization;
  #isStarted = false;

  /** @param random From 0 to 1, as `Math.random()`. */
  constructor(
    resolved: ResolvedOptions,
    clock: Clock,
    random: () => number,
    events: GeoEvents,
    calendar: Calendar = systemCalendar,
  ) {
    const options = (this.options = new CurrentOptions(resolved));
    this.clock = clock;
    this.events = events;
    const endpoints = options.endpoints.map((endpoint) => this.#createEndpoint(endpoint));
    this.registry = new EndpointRegistry(endpoints, initialState(options.endpoints).activeId);
    this.controller = this.#createController(random, calendar);
    this.health = new GeoHealth({
      ...{ registry: this.registry, controller: this.controller, clock, events, options },
      members: () => this.#members,
    });
    this.checks = new CheckRegistry({
      ...{ clock, random, options },
      activeId: () => this.activeEndpointId,
      isPreferred: (endpointId) => isPreferred(this.controller.state, endpointId),
      onRound: (endpoint, result, startedAt) => this.#roundDone(endpoint, result, startedAt),
      onCounted: (endpoint, hasLostData, loss) => this.health.dataCounted(endpoint, hasLostData, loss),
      onUnknown: ({ id }, what, reason) => events.debug('health', `${what} of ${id} is unknown: ${reason}`),
    });
    this.suspicions = new GeoSuspicions({
      ...{ clock, random, events, registry: this.registry, controller: this.controller },
      ...{ options, checks: this.checks, health: this.health },
    });
    this.initialization = new Initialization({
      state: () => this.controller.state,
      ...{ ...options.initialization, clock },
      onOpened: () => this.health.refreshMembers(),
      onTooLate: (endpointId) => this.health.noConnection(this.registry.get(endpointId), clock.now()),
      onDegradedStart: (event) => events.emit('degradedStart', event),
    });
    this.endpoints = new GeoEndpoints({
      ...{ options, clock, registry: this.registry, controller: this.controller, checks: this.checks },
      ...{ health: this.health, members: this.#members, isStarted: () => this.#isStarted },
      create: (endpoint) => this.#createEndpoint(endpoint),
      onChange: () => this.initialization.update(),
    });
    this.#ticker = new ProgressTicker(clock, (elapsedMs) => {
      this.suspicions.ownHealth.tick(elapsedMs);
      const areIdle = [...this.#members].map((member) => member.tick(elapsedMs));
      if (areIdle.every(Boolean)) this.#ticker.rest();
    });
  }

  get retryAfterMs(): number {
    return this.options.healthCheck.intervalMs;
  }

  get activeEndpointId(): string {
    return this.registry.activeId;
  }

  get epoch(): number {
    return this.registry.epoch;
  }

  get activeError(): Error | undefined {
    return this.registry.find(this.activeEndpointId)?.lastError;
  }

  get hasHealthyEndpoint(): boolean {
    return usableOf(this.controller.state.endpoints).length > 0;
  }

  get unavailableForMs(): number {
    return this.controller.unavailableForMs;
  }

  get isVerifying(): boolean {
    return this.registry.find(this.activeEndpointId)?.isSuspected === true;
  }

  isServing(endpointId: string): boolean {
    const isSuspected = this.registry.find(endpointId)?.isSuspected ?? true;
    return (
      !isSuspected && !this.initialization.isHolding && this.controller.standing(endpointId)?.health !== 'unhealthy'
    );
  }

  suspect(endpointId: string, suspicion: Suspicion): void {
    const endpoint = this.registry.find(endpointId);
    if (endpoint === undefined || endpointId !== this.registry.activeId) return;
    if (this.controller.standing(endpointId)?.health !== 'unhealthy') this.suspicions.suspect(endpoint, suspicion);
  }

  /** @param endedMs How long another silence was, that has just ended. */
  silenceSeen(endpointId: string, silentMs: number, endedMs: number): void {
    const threshold = this.suspicions.silenceThreshold(endpointId);
    if (endedMs > 0 && this.isServing(endpointId)) threshold?.observe(endedMs);
    if (silentMs >= (threshold?.ms ?? Infinity)) this.suspect(endpointId, 'silence');
  }

  recordFailure(endpointId: string, error: Error, options: { readonly isRound: boolean }): void {
    this.registry.find(endpointId)?.breaker.recordFailure(error, options);
  }

  recordSuccesses(endpointId: string, count: number): void {
    this.registry.find(endpointId)?.breaker.recordSuccesses(count);
  }

  /** With the first client that connects. After all were closed, another one may be the first again. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.controller.start();
    for (const endpoint of this.registry.all) {
      this.readinessChanged(endpoint.id);
      this.controller.signal({ type: 'circuit', endpointId: endpoint.id, circuit: endpoint.breaker.state });
      this.checks.watch(endpoint);
    }
    this.initialization.start();
  }

  /** A command goes out after a pause, so that there is something to watch again. */
  wake(): void {
    this.#ticker.start();
  }

  stop(): void {
    this.#isStarted = false;
    this.initialization.stop();
    this.#ticker.rest();
    this.suspicions.stop();
    this.health.stop();
    this.controller.stop();
    this.checks.stop();
  }

  /** @returns whether the client keeps standbys: the first one that is started does. */
  join(member: CoreMember): boolean {
    this.#ticker.start();
    return this.#members.join(member);
  }

  leave(member: CoreMember): void {
    this.#members.leave(member);
    for (const { id } of this.registry.all) this.readinessChanged(id);
    if (this.#members.isEmpty) this.stop();
  }

  /** A client's connection to an endpoint became ready, or was lost. */
  readinessChanged(endpointId: string): void {
    const isReady = this.#members.isReady(endpointId);
    if (this.controller.standing(endpointId)?.isReady === isReady) return;
    if (isReady) this.health.connected(endpointId);
    this.controller.signal({ type: 'ready', endpointId, isReady });
    this.initialization.update();
  }

  /** Looks at an endpoint on behalf of somebody who wants to go there. */
  look(endpointId: string): Promise<CheckResult> {
    return lookAt(endpointId, this);
  }

  #createEndpoint(options: ResolvedEndpoint): Endpoint {
    const endpoint: Endpoint = createEndpoint(
      options,
      () => this.options.circuitBreaker,
      this.clock,
      circuitListener(options.id, {
        events: this.events,
        isPresent: () => this.registry.find(options.id) === endpoint,
        onChange: (circuit) => this.controller.signal({ type: 'circuit', endpointId: options.id, circuit }),
      }),
    );
    return endpoint;
  }

  #createController(random: () => number, calendar: Calendar): FailoverController {
    return new FailoverController({
      registry: this.registry,
      state: initialState(this.options.endpoints),
      policy: currentPolicy(this.options, calendar, this.events),
      clock: this.clock,
      random,
      participants: () => [...this.#members],
      isUsable: async (endpointId) =>
        (await this.look(endpointId)).ok && this.controller.standing(endpointId)?.isReady === true,
      mayFailBack: (from, to) => failbackGate(this.options.failback.gate, this)(from, to),
      onTrusted: (endpointId, health) => this.health.trust(this.registry.get(endpointId), health),
      emit: (event, payload) => this.events.emit(event, payload),
    });
  }

  #roundDone(endpoint: Endpoint, result: CheckResult, startedAt: number): void {
    // Something newer is known, or being found out.
    if (startedAt < endpoint.judgedAt || endpoint.isSuspected) return; // rare: check-out-of-date
    if (result.ok || result.isFailbackOnly === true) {
      if (this.suspicions.ownNetwork.isRechecking) return; // rare: good-round-while-all-are-silent
      this.health.roundPassed(endpoint, result);
      if (this.initialization.isOver) this.health.expectConnectionIfOthersHaveOne(endpoint, startedAt);
    } else if (endpoint.id === this.activeEndpointId && this.controller.standing(endpoint.id)?.health !== 'unhealthy') {
      if (!this.health.isOverruled(endpoint, result)) this.suspicions.suspect(endpoint, 'health-check');
    } else {
      this.health.bad(endpoint, result);
    }
    this.initialization.update();
  }
}
