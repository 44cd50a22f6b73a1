import { EndpointRegistry } from '../../../lib/endpoints/endpoint-registry.ts';
import { type Endpoint, createEndpoint } from '../../../lib/endpoints/endpoint.ts';
import type { EndpointStanding } from '../../../lib/endpoints/weighted-selection.ts';
import type { GeoFailoverEventName, GeoFailoverEvents } from '../../../lib/events.ts';
import { failbackGate } from '../../../lib/failover/failback-gate.ts';
import { FailoverController } from '../../../lib/failover/failover-controller.ts';
import type { FailoverState, Signal } from '../../../lib/failover/failover-state.ts';
import { failoverRules, initialStanding, initialState } from '../../../lib/failover/initial-state.ts';
import { Initialization } from '../../../lib/failover/initialization.ts';
import { GeoFailoverControl } from '../../../lib/geo-control.ts';
import type { GeoCore } from '../../../lib/geo-core.ts';
import type { GeoEndpoints } from '../../../lib/geo-endpoints.ts';
import type { CheckResult } from '../../../lib/health/check-result.ts';
import { CurrentOptions } from '../../../lib/options/current-options.ts';
import { resolveOptions } from '../../../lib/options/resolve-options.ts';
import type { ResolvedEndpoint } from '../../../lib/options/types.ts';
import { systemClock } from '../../../lib/time/clock.ts';
import type { CaseState, FailoverCase } from './case-file.ts';
import { CaseParticipant } from './case-participant.ts';
import { CaseGate } from './case-gate.ts';
import type { CaseSignal } from './case-signal.ts';
import { CASE_OPTIONS, type Happened, call, describeSwitch } from './calls.ts';

/** What the controls of an application, `redis.geo`, use of everything that they control. */
type ControlledCore = Pick<
  GeoCore,
  'registry' | 'controller' | 'options' | 'clock' | 'retryAfterMs' | 'activeEndpointId' | 'epoch' | 'look'
> & { readonly endpoints: Pick<GeoEndpoints, 'add' | 'remove'> };

/** The controller, with the start and the controls that an application has, on faked time. Nothing is connected to. */
export class ControllerStage implements ControlledCore {
  readonly options: CurrentOptions;
  readonly clock = systemClock;
  readonly retryAfterMs = 1_000;
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  readonly endpoints = {
    add: (resolved: ResolvedEndpoint): void => {
      this.registry.add(this.#createEndpoint(resolved));
      this.#signal({ type: 'added', endpoint: initialStanding(resolved) });
    },
    remove: (endpointId: string): void => {
      this.registry.remove(endpointId);
      this.#signal({ type: 'removed', endpointId });
    },
  };
  readonly #initialization: Initialization;
  readonly #control: GeoFailoverControl;
  readonly #participant: CaseParticipant;
  readonly #looks = new Map<string, { pass?: boolean; ms?: number }>();
  readonly #gate = new CaseGate();
  #happened: Happened = { events: [], rejected: [], commands: [] };

  constructor({ given }: FailoverCase) {
    const endpoints = Object.entries(given.endpoints).map(([id, weight]) => endpointOptions(id, weight));
    const failback = { ...CASE_OPTIONS.failback, ...given.options['failback'] };
    this.options = new CurrentOptions(resolveOptions({ ...given.options, failback, endpoints }));
    const state = initialState(this.options.endpoints);
    this.registry = new EndpointRegistry(
      this.options.endpoints.map((each) => this.#createEndpoint(each)),
      state.activeId,
    );
    const { failover, initialization } = this.options;
    this.#participant = new CaseParticipant(
      (what) => this.#happened.commands.push(what),
      () => this.activeEndpointId,
    );
    const drawn = [...given.random];
    this.controller = new FailoverController({
      registry: this.registry,
      state: given.start === 'nothing is known' ? state : this.#everybodyUp(state),
      policy: () => ({
        rules: failoverRules(this.options),
        drainMs: failover.drainMs,
        retryAfterMs: this.retryAfterMs,
        jitterMs: this.options.failback.jitterMs,
      }),
      clock: this.clock,
      random: () => drawn.shift() ?? 0,
      participants: () => [this.#participant],
      isUsable: async (id) => (await this.look(id)).ok && this.controller.standing(id)?.isReady === true,
      mayFailBack: failbackGate(() => this.#gate.ask(), { clock: this.clock, events: this }),
      onTrusted: (id) => this.registry.get(id).breaker.reset(),
      emit: (event, payload) => this.emit(event, payload),
    });
    this.#initialization = new Initialization({
      state: () => this.controller.state,
      clock: this.clock,
      ...initialization,
      onOpened: () => undefined,
      onTooLate: (id) => this.#verdict(id, 'connection-lost', false),
      onDegradedStart: ({ missing }) => this.#happened.events.push(`degradedStart without ${missing.join(' and ')}`),
    });
    this.#control = new GeoFailoverControl(this as ControlledCore as unknown as GeoCore);
    this.#initialization.start();
    this.#initialization.update();
  }

  get activeEndpointId(): string {
    return this.registry.activeId;
  }

  get epoch(): number {
    return this.registry.epoch;
  }

  tell(signal: CaseSignal): void {
    this.#tell(signal);
    this.#initialization.update();
  }

  take(): Happened {
    const happened = this.#happened;
    this.#happened = { events: [], rejected: [], commands: [] };
    return happened;
  }

  /** As much of the state as a case names. */
  stateLike(named: CaseState): CaseState {
    const { epoch, pinnedId, planned, isDown } = this.controller.state;
    const whole = { epoch, pinned: pinnedId ?? 'none', preparing: planned?.to ?? 'none', down: isDown };
    return Object.fromEntries(
      Object.entries(named).map(([key, value]): [string, unknown] => {
        if (key in whole) return [key, whole[key as keyof typeof whole]];
        const known = stateOf(this.#standing(key));
        const keys = Object.keys(value as object) as (keyof typeof known)[];
        return [key, Object.fromEntries(keys.map((each) => [each, known[each]]))];
      }),
    ) as CaseState;
  }

  close(): void {
    this.controller.stop();
    this.#initialization.stop();
  }

  /** What an application's look at an endpoint shows: what its checks said last, unless the case says otherwise. */
  async look(id: string): Promise<CheckResult> {
    const { pass, ms = 0 } = this.#looks.get(id) ?? {};
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    const isGood = pass ?? this.controller.standing(id)?.health !== 'unhealthy';
    return isGood
      ? { ok: true }
      : { ok: false, isAnswer: false, reason: 'connection', error: new Error(`${id} does not answer`) };
  }

  emit<E extends GeoFailoverEventName>(event: E, payload: GeoFailoverEvents[E]): void {
    const { events } = this.#happened;
    if ('kind' in payload) events.push(describeSwitch(payload));
    else events.push('action' in payload ? `${event} ${payload.action}` : event);
  }

  #tell(signal: CaseSignal): void {
    switch (signal.type) {
      case 'verdict':
        return this.#verdict(signal.id, signal.reason, signal.isAnswering);
      case 'up':
        this.#checksPassed(signal.id, 1);
        this.#signal({ type: 'ready', endpointId: signal.id, isReady: true });
        return this.#checksPassed(signal.id, this.options.failback.consecutiveSuccesses - 1);
      case 'down':
        this.#signal({ type: 'ready', endpointId: signal.id, isReady: false });
        return this.#checkFailed(signal.id);
      case 'held-back':
        return this.#signal({ type: 'health', endpointId: signal.id, health: 'healthy', successes: 0 });
      case 'check-failed':
        return this.#checkFailed(signal.id);
      case 'checks-passed':
        return this.#checksPassed(signal.id, signal.count);
      case 'ready':
        return this.#signal({ type: 'ready', endpointId: signal.id, isReady: signal.isReady });
      case 'circuit':
        return this.#signal({ type: 'circuit', endpointId: signal.id, circuit: signal.circuit });
      case 'data':
        return this.#signal({ type: 'data', endpointId: signal.id, hasLostData: signal.hasLostData });
      case 'looks':
        return void this.#looks.set(signal.id, { ...this.#looks.get(signal.id), pass: signal.pass });
      case 'look-time':
        return void this.#looks.set(signal.id, { ...this.#looks.get(signal.id), ms: signal.ms });
      case 'gate':
        this.#gate.answer = signal.answer;
        return;
      case 'gate-time':
        this.#gate.ms = signal.ms;
        return;
      case 'in-flight':
        return signal.areAnswered ? this.#participant.answer() : this.#participant.begin();
      case 'closed':
        return this.close();
      case 'opened':
        this.controller.start();
        return this.#initialization.start();
      case 'call':
        return void call(this.#control, signal.call, endpointOptions, (text) => this.#happened.rejected.push(text));
    }
  }

  #verdict(id: string, reason: Extract<CaseSignal, { type: 'verdict' }>['reason'], isAnswering: boolean): void {
    this.#standing(id);
    this.#signal({ type: 'verdict', endpointId: id, failure: { reason, isAnswering } });
  }

  #checksPassed(id: string, count: number): void {
    for (let i = 0; i < count; i++) {
      const successes = this.#standing(id).successes + 1;
      this.#signal({ type: 'health', endpointId: id, health: 'healthy', successes });
    }
  }

  #checkFailed(id: string): void {
    this.#signal({ type: 'health', endpointId: id, health: 'unhealthy', successes: 0 });
  }

  #signal(signal: Signal): void {
    if ('endpointId' in signal && signal.type !== 'removed') this.#standing(signal.endpointId);
    this.controller.signal(signal);
  }

  /** @throws Error for a name that the case has not introduced. */
  #standing(id: string): EndpointStanding {
    const standing = this.controller.standing(id);
    if (standing === undefined) throw new Error(`There is no endpoint ${id}`);
    return standing;
  }

  #createEndpoint(options: ResolvedEndpoint): Endpoint {
    return createEndpoint(options, () => this.options.circuitBreaker, this.clock, {
      onChange: (_from, to) => this.#signal({ type: 'circuit', endpointId: options.id, circuit: to }),
      onBreakerFailed: (error) => {
        throw error;
      },
    });
  }

  #everybodyUp(state: FailoverState): FailoverState {
    const up = { health: 'healthy', isReady: true, successes: this.options.failback.consecutiveSuccesses } as const;
    return { ...state, endpoints: state.endpoints.map((endpoint) => ({ ...endpoint, ...up })) };
  }
}

function endpointOptions(id: string, weight: number): { id: string; weight: number; redis: string } {
  return { id, weight, redis: `redis://${id}.example.com` };
}

function stateOf({ health, circuit, isReady, successes, hasLostData, weight }: EndpointStanding): {
  readonly [name: string]: unknown;
} {
  return { health, circuit, connected: isReady, goodChecks: successes, lostData: hasLostData, weight };
}
