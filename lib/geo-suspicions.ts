import { TICK_MS } from './detection/progress-watch.ts';
import { OwnHealth } from './detection/own-health.ts';
import { OwnNetwork } from './detection/own-network.ts';
import { SilenceThreshold } from './detection/silence-threshold.ts';
import { type Suspicion, Suspicions } from './detection/suspicions.ts';
import type { EndpointRegistry } from './endpoints/endpoint-registry.ts';
import type { Endpoint } from './endpoints/endpoint.ts';
import type { FailoverController } from './failover/failover-controller.ts';
import type { GeoEvents } from './geo-events.ts';
import type { GeoHealth } from './geo-health.ts';
import type { CheckRegistry } from './health/check-registry.ts';
import type { CheckResult } from './health/check-result.ts';
import { localRecoveryMsOf, verifyWithRecovery } from './health/local-recovery.ts';
import type { ResolvedOptions } from './options/types.ts';
import type { Clock } from './time/clock.ts';

export interface GeoSuspicionsSetup {
  readonly clock: Clock;
  readonly random: () => number;
  readonly events: GeoEvents;
  readonly options: Pick<ResolvedOptions, 'failover'>;
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  readonly checks: CheckRegistry;
  readonly health: GeoHealth;
}

/** Silence begins between two ticks, and its threshold is passed between two. */
const UNSEEN_TICKS = 2;

/** Who is suspected is looked at, and everybody whom it concerns is told what came of that. */
export class GeoSuspicions {
  readonly ownNetwork: OwnNetwork;
  readonly ownHealth: OwnHealth;
  readonly #suspicions: Suspicions;
  readonly #setup: GeoSuspicionsSetup;
  readonly #thresholds = new WeakMap<Endpoint, SilenceThreshold>();

  constructor(setup: GeoSuspicionsSetup) {
    const { clock, health, events, options } = setup;
    this.#setup = setup;
    this.ownHealth = new OwnHealth(
      () => options.failover.silenceFloorMs,
      (stalledMs) => events.emit('ownProcessStalled', { stalledMs }),
    );
    this.ownNetwork = this.#createOwnNetwork();
    this.#suspicions = new Suspicions({
      clock,
      verify: (endpoint, suspicion) => this.#verify(endpoint, suspicion),
      onSuspected: () => health.refreshMembers(),
      onCleared: (endpoint, suspicion, since) => health.cleared(endpoint, suspicion, since),
      onVerdict: (endpoint, suspicion, result, since) => {
        health.judge(endpoint, suspicion, result, since);
        this.ownNetwork.judged(endpoint, result);
      },
    });
  }

  silenceThreshold(endpointId: string): SilenceThreshold | undefined {
    const { registry, options, clock } = this.#setup;
    const endpoint = registry.find(endpointId);
    if (endpoint === undefined) return undefined;
    const threshold = this.#thresholds.get(endpoint) ?? new SilenceThreshold(clock, () => options.failover);
    this.#thresholds.set(endpoint, threshold);
    return threshold;
  }

  /** How long a silent failure of the endpoint goes on at most, while replies are awaited, in milliseconds. */
  boundMs(endpointId: string): number {
    const { registry, options } = this.#setup;
    const { failover } = options;
    const endpoint = registry.find(endpointId);
    const thresholdMs = this.silenceThreshold(endpointId)?.ms ?? failover.silenceCeilingMs;
    const recoveryMs = endpoint === undefined ? 0 : localRecoveryMsOf(endpoint.options, failover);
    return thresholdMs + UNSEEN_TICKS * TICK_MS + failover.verifyTimeoutMs + recoveryMs;
  }

  /** There is no client any more. */
  stop(): void {
    this.#suspicions.stop();
    this.ownNetwork.stop();
  }

  suspect(endpoint: Endpoint, suspicion: Suspicion): void {
    this.#suspicions.suspect(endpoint, suspicion);
  }

  #verify(endpoint: Endpoint, suspicion: Suspicion): Promise<CheckResult> {
    const { events, options: current, checks, clock } = this.#setup;
    events.debug('failover', `${endpoint.id} is suspected (${suspicion}) and verified`);
    // A connection that was lost takes the probes' one with it more often than not.
    const alsoOnProbeConnection = suspicion === 'silence' || suspicion === 'rejected';
    // What the client noticed by itself no other check can refute.
    const ownCheck = suspicion === 'health-check' ? ({ customCheck: 'instead' } as const) : {};
    const options = { alsoOnProbeConnection, ...ownCheck };
    const verify = (): Promise<CheckResult> => checks.verify(endpoint.id, options);
    const recoveryMs = localRecoveryMsOf(endpoint.options, current.failover);
    return this.ownNetwork.verify(endpoint, () => verifyWithRecovery(verify, recoveryMs, clock));
  }

  #createOwnNetwork(): OwnNetwork {
    const { clock, random, events, registry, controller, checks, health } = this.#setup;
    const isActive = (endpoint: Endpoint): boolean => endpoint === registry.find(registry.activeId);
    const weightOf = ({ id }: Endpoint): number => controller.standing(id)?.weight ?? 0;
    return new OwnNetwork({
      ...{ clock, random },
      beside: ({ id }) =>
        registry.all.filter((other) => other.id !== id).sort((left, right) => weightOf(right) - weightOf(left)),
      isAnswering: (endpoint) =>
        controller.standing(endpoint.id)?.health === 'healthy' ||
        health.overruledChecks.doubtAbout(endpoint) !== undefined,
      isActive,
      isStuck: (endpoint) => isActive(endpoint) && controller.state.isDown,
      probe: ({ id }) => checks.probe(id),
      isAllowed: (endpoint) => endpoint.breaker.state !== 'isolated',
      lookAgain: (endpoint) => {
        // The active one goes on where it was when the network failed; its next round asks the application.
        const ownCheck = isActive(endpoint) ? {} : ({ customCheck: 'beside' } as const);
        return checks.verify(endpoint.id, { alsoOnProbeConnection: true, ...ownCheck });
      },
      onSilent: (other, result, askedAt) => {
        if (!other.isSuspected && other.judgedAt <= askedAt) health.bad(other, result);
      },
      onSuspected: (silent) => events.emit('ownNetworkSuspected', { silentEndpoints: silent.map(({ id }) => id) }),
      onBack: (endpoint, result) => {
        endpoint.judgedAt = clock.now();
        const isGood = result.ok || result.isFailbackOnly === true;
        if (!isGood) health.bad(endpoint, result);
        else if (isActive(endpoint)) health.cleared(endpoint, 'silence', clock.now());
        else health.good(endpoint, result);
      },
    });
  }
}
