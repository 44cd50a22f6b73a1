import type { Suspicion } from './detection/suspicions.ts';
import type { EndpointRegistry } from './endpoints/endpoint-registry.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import { heaviest, isAnotherUsable, isIsolated, usableOf } from './endpoints/weighted-selection.ts';
import type { HealthStatus } from './events.ts';
import type { FailoverController } from './failover/failover-controller.ts';
import type { CoreMember } from './geo-core-member.ts';
import type { GeoEvents } from './geo-events.ts';
import { type CheckResult, type FailedCheck, GOOD, unanswered } from './health/check-result.ts';
import { OverruledChecks } from './health/overruled-checks.ts';
import type { DataLoss } from './health/data-check.ts';
import type { ResolvedOptions } from './options/types.ts';
import type { Clock, Timer } from './time/clock.ts';
import { patientTimeout } from './time/patient-timeout.ts';

export interface GeoHealthSetup {
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  readonly clock: Clock;
  readonly events: GeoEvents;
  readonly options: Pick<ResolvedOptions, 'failover'>;
  readonly members: () => Iterable<CoreMember>;
}

/** Tells everybody whom it concerns what was found out about an endpoint's health. */
export class GeoHealth {
  readonly #setup: GeoHealthSetup;
  /** Endpoints that answer, and have no connection for data: until when they have to get one. */
  readonly #expected = new Map<Endpoint, Timer>();
  readonly overruledChecks: OverruledChecks;

  constructor(setup: GeoHealthSetup) {
    const { controller, events } = setup;
    this.#setup = setup;
    this.overruledChecks = new OverruledChecks({
      isAnotherUsable: ({ id }) => isAnotherUsable(controller.state.endpoints, id),
      isAnotherHealthy: ({ id }) => usableOf(controller.state.endpoints).some((other) => other.id !== id),
      bestOf: (endpoints) => {
        const standings = endpoints.flatMap(({ id }) => controller.standing(id) ?? []);
        const best = heaviest(
          standings.filter((each) => each.isReady && !isIsolated(each)),
          '',
        );
        return endpoints.find(({ id }) => id === best?.id);
      },
      onOverruled: ({ id }, { error, reason }) => events.emit('checksOverruled', { endpointId: id, error, reason }),
    });
  }

  /** @param result Of whoever looked: it may serve, and is perhaps held back from a failback. */
  good(endpoint: Endpoint, result: CheckResult = GOOD): void {
    this.overruledChecks.forget(endpoint);
    this.#set(endpoint, 'healthy', result.ok ? undefined : result);
  }

  bad(endpoint: Endpoint, failed: FailedCheck): void {
    if (this.isOverruled(endpoint, failed)) return;
    this.#set(endpoint, 'unhealthy', failed);
    if (endpoint.id === this.#setup.registry.activeId) this.#substitute(endpoint);
  }

  /** Whether the endpoint has to serve although its check fails; then it has been told to do so. */
  isOverruled(endpoint: Endpoint, failed: FailedCheck): boolean {
    const isActive = endpoint.id === this.#setup.registry.activeId;
    const isOverruled = this.overruledChecks.overrules(endpoint, failed, isActive);
    if (isOverruled) this.#set(endpoint, 'healthy', failed);
    return isOverruled;
  }

  /** There is a connection for data. When it is lost again, that is another matter. */
  connected(endpointId: string): void {
    const endpoint = this.#setup.registry.find(endpointId);
    if (endpoint !== undefined) this.#expectNone(endpoint);
  }

  /** There is no client any more. */
  stop(): void {
    for (const endpoint of this.#expected.keys()) this.#expectNone(endpoint);
  }

  /** Nothing is known any more of an endpoint that is removed; another one may get its id. */
  removed(endpoint: Endpoint): void {
    this.overruledChecks.forget(endpoint);
    this.#expectNone(endpoint);
  }

  /** The checks of a round say that the endpoint may serve. */
  roundPassed(endpoint: Endpoint, result: CheckResult): void {
    endpoint.breaker.recordGoodRound();
    this.good(endpoint, result);
    for (const member of this.#setup.members()) member.nudge(endpoint.id);
  }

  /** The endpoint was suspected, and passed the verification. */
  cleared(endpoint: Endpoint, suspicion: Suspicion, since: number): void {
    const { controller, members, registry } = this.#setup;
    if (!this.#isRegistered(endpoint)) return; // rare: removed-endpoint-cleared
    const doubt = this.overruledChecks.doubtAbout(endpoint);
    // The server was looked at alone. What the application's check says of the endpoint still holds.
    if (suspicion === 'health-check' || doubt === undefined) this.good(endpoint);
    else this.#set(endpoint, 'healthy', doubt);
    for (const member of members()) {
      // Once it is left, new commands need not wait for what is in flight there.
      if (suspicion === 'silence' && endpoint.id === registry.activeId) member.replaceIfSilent(endpoint.id);
      member.nudge(endpoint.id);
    }
    if (controller.standing(endpoint.id)?.isReady === false) this.#expectConnection(endpoint, since); // rare: good-endpoint-without-a-connection
    this.refreshMembers();
  }

  /** The endpoint fails. */
  judge(endpoint: Endpoint, reason: Suspicion, failed: FailedCheck, since: number): void {
    const { controller, clock, registry, members } = this.#setup;
    if (!this.#isRegistered(endpoint)) return; // rare: removed-endpoint-judged
    const wasActive = endpoint.id === registry.activeId;
    endpoint.judgedAt = clock.now();
    if (this.isOverruled(endpoint, failed)) return this.refreshMembers();
    if (wasActive) this.#substitute(endpoint);
    this.#tell(endpoint, controller.standing(endpoint.id)?.health ?? 'unknown', 'unhealthy', failed);
    // Whatever answers others, a connection that is silent or gone brings no answers.
    const isAnswering = failed.isAnswer && (reason === 'rejected' || reason === 'health-check');
    controller.signal({ type: 'verdict', endpointId: endpoint.id, failure: { reason, isAnswering } }, since);
    for (const member of members()) {
      if (!wasActive) member.giveUpInFlight(endpoint.id);
      else if (endpoint.id === registry.activeId) void member.limitInFlight(endpoint.id); // rare: verdict-and-nowhere-to-go
    }
    this.refreshMembers();
  }

  /** A check saw whether the endpoint has its data. */
  dataCounted(endpoint: Endpoint, hasLostData: boolean, loss: DataLoss | undefined): void {
    const { controller, events } = this.#setup;
    if (!this.#isRegistered(endpoint)) return;
    if (loss !== undefined) events.emit('endpointLostData', { endpointId: endpoint.id, ...loss });
    controller.signal({ type: 'data', endpointId: endpoint.id, hasLostData });
  }

  /** Whatever the checks say, commands cannot go there. */
  noConnection(endpoint: Endpoint, since: number): void {
    const failed = unanswered('There is no connection for data, and none gets ready.', 'connection');
    this.judge(endpoint, 'connection-lost', failed, since);
  }

  /** Somebody forces a switch to the endpoint: what was known of it counts no longer, nor does a round that is under way. */
  trust(endpoint: Endpoint, before: HealthStatus): void {
    const { controller, clock, members } = this.#setup;
    endpoint.judgedAt = clock.now();
    this.#expectNone(endpoint);
    endpoint.breaker.reset();
    const health = controller.standing(endpoint.id)?.health ?? 'unknown';
    this.#tell(endpoint, before, health, undefined);
    for (const member of members()) member.nudge(endpoint.id);
    this.refreshMembers();
  }

  /** The active endpoint answers. When it has no connection for data, and commands could go elsewhere, it has to get one. */
  expectConnectionIfOthersHaveOne(endpoint: Endpoint, since: number): void {
    const { endpoints, activeId } = this.#setup.controller.state;
    const isConnected = this.#setup.controller.standing(endpoint.id)?.isReady !== false;
    if (endpoint.id !== activeId || isConnected || !isAnotherUsable(endpoints, activeId)) return;
    this.#expectConnection(endpoint, since);
  }

  /** An endpoint was looked at and found good, and has the place of another one from now on. */
  replaced(previous: Endpoint, endpoint: Endpoint, result: CheckResult): void {
    const { controller, events } = this.#setup;
    this.removed(previous);
    this.#tell(
      endpoint,
      controller.standing(endpoint.id)?.health ?? 'unknown',
      'healthy',
      result.ok ? undefined : result,
    );
    const [from, to] = [previous.breaker.state, endpoint.breaker.state];
    if (from !== to) events.emit('circuitStateChanged', { endpointId: endpoint.id, from, to });
  }

  refreshMembers(): void {
    for (const member of this.#setup.members()) member.refresh();
  }

  #expectNone(endpoint: Endpoint): void {
    this.#expected.get(endpoint)?.cancel();
    this.#expected.delete(endpoint);
  }

  /** The endpoint answers others. When our own connection does not come back all the same, it is of no use to us. */
  #expectConnection(endpoint: Endpoint, since: number): void {
    const { registry, controller, clock, options } = this.#setup;
    if (this.#expected.has(endpoint)) return; // rare: connection-expected-already
    const timeout = patientTimeout(clock, options.failover.verifyTimeoutMs, () => {
      this.#expected.delete(endpoint);
      const standing = controller.standing(endpoint.id);
      if (standing === undefined || standing.isReady || endpoint.isSuspected) return;
      if (standing.health === 'unhealthy' || endpoint.id !== registry.activeId) return;
      // rare: good-endpoint-got-no-connection
      this.noConnection(endpoint, since);
    });
    this.#expected.set(endpoint, timeout);
  }

  /** The active endpoint fails. Without a better one, one serves whose check alone is against it. */
  #substitute(active: Endpoint): void {
    const substitute = this.overruledChecks.inPlaceOf(active);
    if (substitute !== undefined) this.#set(substitute.endpoint, 'healthy', substitute.failed);
  }

  /** It may have been removed while it was looked at, and another one may have its id. */
  #isRegistered(endpoint: Endpoint): boolean {
    return this.#setup.registry.find(endpoint.id) === endpoint;
  }

  #set(endpoint: Endpoint, health: HealthStatus, failed: FailedCheck | undefined): void {
    const { controller } = this.#setup;
    if (!this.#isRegistered(endpoint)) return; // rare: removed-endpoint-told-of
    const before = controller.standing(endpoint.id);
    if (before === undefined) return;
    this.#tell(endpoint, before.health, health, failed);
    const successes = failed === undefined ? before.successes + 1 : 0;
    controller.signal({ type: 'health', endpointId: endpoint.id, health, successes });
    if (before.health === health) return;
    const isLeft = endpoint.id !== this.#setup.registry.activeId;
    if (isLeft && health === 'unhealthy')
      for (const member of this.#setup.members()) member.giveUpInFlight(endpoint.id);
    this.refreshMembers();
  }

  #tell(endpoint: Endpoint, from: HealthStatus, to: HealthStatus, failed: FailedCheck | undefined): void {
    const { error, reason } = failed ?? {};
    endpoint.lastError = error;
    endpoint.lastReason = reason;
    endpoint.isHeldBack = failed?.isFailbackOnly === true;
    if (from === to) return;
    // What holds it back is no reason for being healthy.
    const why = to === 'unhealthy' ? { error, reason } : { error: undefined, reason: undefined };
    this.#setup.events.emit('healthStatusChanged', { endpointId: endpoint.id, from, to, ...why });
  }
}
