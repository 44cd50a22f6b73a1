import type { EndpointRegistry } from '../endpoints/endpoint-registry.ts';
import type { EndpointStanding } from '../endpoints/weighted-selection.ts';
import { GeoFailoverError } from '../errors.ts';
import type {
  EndpointSwitchedEvent,
  GeoFailoverEventName,
  GeoFailoverEvents,
  HealthStatus,
  SwitchReason,
  SwitchReport,
} from '../events.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { FailoverPolicy } from './failover-policy.ts';
import { Decisions } from './decisions.ts';
import { reopened } from './initial-state.ts';
import type { Action, FailoverState, PlannedSwitch, Signal } from './failover-state.ts';
import { leaveAnswering } from './leave-answering.ts';
import { type PlannedSwitchSteps, type SwitchRequest, runPlannedSwitch } from './planned-switch.ts';
import { NOTHING_TO_DO, reportOf } from './switch-report.ts';
import type { SwitchParticipant } from './switch-participant.ts';
import { transition } from './transition.ts';

export interface FailoverControllerSetup {
  readonly registry: EndpointRegistry;
  readonly state: FailoverState;
  /** Asked whenever something is decided. */
  readonly policy: () => FailoverPolicy;
  readonly clock: Clock;
  /** From 0 to 1, as `Math.random()`. */
  readonly random: () => number;
  readonly participants: () => SwitchParticipant[];
  /** Looks at the target of a planned switch. */
  readonly isUsable: (endpointId: string) => Promise<boolean>;
  /** Asks the application about a failback. */
  readonly mayFailBack: (from: string, to: string) => Promise<boolean>;
  /** What was known of an endpoint, such as this health, counts no longer: somebody forces a switch to it. */
  readonly onTrusted: (endpointId: string, health: HealthStatus) => void;
  readonly emit: <E extends GeoFailoverEventName>(event: E, payload: GeoFailoverEvents[E]) => void;
}

/** Applies the failover rules, and is the only one to change which endpoint is active. */
export class FailoverController {
  readonly #setup: FailoverControllerSetup;
  #state: FailoverState;
  #timer: Timer | undefined;
  #isStopped = false;
  readonly #decisions: Decisions;
  /** A planned switch that was made, while what waited for it is still to be released. */
  #unreported: EndpointSwitchedEvent | undefined;

  constructor(setup: FailoverControllerSetup) {
    this.#setup = setup;
    this.#state = setup.state;
    this.#decisions = new Decisions(setup.clock, (signal, since) => this.#hear(signal, since));
  }

  get state(): FailoverState {
    return this.#state;
  }

  /** For how long no endpoint could take commands; `0` while one can. */
  get unavailableForMs(): number {
    const { unavailableSince } = this.#state;
    return unavailableSince === undefined ? 0 : this.#setup.clock.now() - unavailableSince;
  }

  standing(endpointId: string): EndpointStanding | undefined {
    return this.#state.endpoints.find(({ id }) => id === endpointId);
  }

  /** While a strategy of the application is asked. */
  get isDeciding(): boolean {
    return this.#decisions.isUnderWay;
  }

  /** Resolves behind the decision that is being made. */
  decided(): Promise<void> {
    return this.#decisions.made();
  }

  /** @param since When the first sign of what is told was seen. */
  signal(signal: Signal, since = this.#setup.clock.now()): void {
    if (!this.#isStopped) this.#decisions.signal(signal, since);
  }

  /**
   * Switches as planned. After a manual switch it stays until `release()`, until the time is up, or until that endpoint fails.
   *
   * @throws GeoFailoverError `GEO_ENDPOINT_UNHEALTHY` when a failure or a newer request overtook it; `GEO_CLIENT_CLOSED`
   * when it is stopped, then or by now.
   */
  async switchTo(
    to: string,
    reason: Extract<SwitchReason, 'manual' | 'failback' | 'endpoint-isolated' | 'endpoint-removed'>,
    { drainMs = this.#setup.policy().drainMs, isForced = false, pinMs, checkMs = 0 }: SwitchRequest = {},
  ): Promise<SwitchReport> {
    this.assertRunning();
    const from = this.#state.activeId;
    if (from === to) {
      // rare: pinned-in-place
      this.signal({ type: 'pinned', isForced, pinMs });
      return reportOf({ from, to, epoch: this.#state.epoch }, NOTHING_TO_DO, checkMs);
    }
    const kind = reason === 'failback' ? 'failback' : 'manual';
    const planned: PlannedSwitch = { to, kind, reason, isForced, isRequested: true, pinMs };
    this.signal({ type: 'plan', planned });
    const report = await this.#carryOut(planned, drainMs, checkMs);
    if (report !== undefined) return report;
    this.assertRunning();
    // rare: switch-superseded
    throw new GeoFailoverError(
      'GEO_ENDPOINT_UNHEALTHY',
      `The switch to ${to} was called off: that endpoint failed, or another switch was wanted meanwhile`,
      { endpointId: to, epoch: this.#state.epoch },
    );
  }

  /**
   * Hands an endpoint over to what replaces it: as a planned switch while it is the active one, else at once.
   *
   * @param handOver Signals that it is replaced, or throws what is against that by then.
   */
  async replace(
    endpointId: string,
    checkMs: number,
    handOver: (since: number) => void,
  ): Promise<SwitchReport | undefined> {
    const { clock, policy } = this.#setup;
    const startedAt = clock.now();
    const performSwitch = (): void => handOver(startedAt);
    if (endpointId === this.#state.activeId) {
      return this.#run(checkMs, { from: endpointId, drainMs: policy().drainMs, isCurrent: () => true, performSwitch });
    }
    performSwitch();
    return undefined;
  }

  /** @throws GeoFailoverError `GEO_CLIENT_CLOSED` when it is stopped, because there is no client any more. */
  assertRunning(): void {
    if (this.#isStopped) throw new GeoFailoverError('GEO_CLIENT_CLOSED', 'The client was closed');
  }

  /** Goes on after {@link stop}, without what was being prepared then. */
  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#state = reopened(this.#state);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #hear(signal: Signal, since: number): void {
    if (this.#isStopped) return;
    const { policy, clock, random } = this.#setup;
    const { rules, jitterMs, untilWindowMs } = policy();
    const jitter = (): number => random() * jitterMs;
    const { state, actions } = this.#decisions.make(() =>
      transition(this.#state, signal, rules, clock.now(), jitter, untilWindowMs),
    );
    this.#state = state;
    for (const action of actions) this.#perform(action, since);
  }

  #perform(action: Action, since: number): void {
    const { registry, emit, policy, clock } = this.#setup;
    switch (action.type) {
      case 'switch':
        return this.#switch(action, since);
      case 'prepare':
        if (!action.planned.isRequested) void this.#failBack(action.planned);
        return;
      case 'trusted':
        this.#setup.onTrusted(action.endpointId, action.health);
        return;
      case 'all-unhealthy':
        emit('allEndpointsUnhealthy', { activeEndpoint: registry.activeId, retryAfterMs: policy().retryAfterMs });
        for (const participant of this.#setup.participants()) participant.allUnhealthy();
        return;
      case 'resumed':
        for (const participant of this.#setup.participants()) participant.activeChanged();
        return;
      case 'look-again':
        this.#timer?.cancel();
        this.#timer = clock.after(Math.max(1, action.at - clock.now()), () => this.signal({ type: 'time' }));
        return;
    }
  }

  #switch(action: Extract<Action, { type: 'switch' }>, since: number): void {
    const { registry, emit, clock } = this.#setup;
    const { from, to, kind, reason } = action;
    const participants = this.#setup.participants();
    const drains = !action.isPlanned && action.isAnswering;
    // What was in flight belongs to the epoch that ends here.
    if (drains) for (const participant of participants) participant.hold();
    else if (!action.isPlanned) for (const participant of participants) participant.abandon(from);
    registry.setActive(to, this.#state.epoch);
    for (const participant of participants) participant.activeChanged();
    if (drains) void leaveAnswering(from, participants, this.#setup.policy().drainMs);
    const durationMs = clock.now() - since;
    const event = { from, to, kind, reason, epoch: this.#state.epoch, durationMs, at: Date.now() };
    if (action.isPlanned) this.#unreported = event;
    else emit('endpointSwitched', event);
  }

  async #failBack(planned: PlannedSwitch): Promise<void> {
    const { isUsable, mayFailBack, policy, clock } = this.#setup;
    const startedAt = clock.now();
    const isCurrent = (): boolean => this.#state.planned === planned && !this.#isStopped;
    const isGood = await isUsable(planned.to);
    if (!isCurrent()) return; // rare: failback-superseded-by-its-look
    const isWelcome = isGood && (await mayFailBack(this.#state.activeId, planned.to));
    if (!isCurrent()) return; // rare: failback-superseded-at-its-gate
    if (isWelcome) await this.#carryOut(planned, policy().drainMs, clock.now() - startedAt);
    else this.signal({ type: 'planned-failed' }); // rare: failback-not-welcome
  }

  #carryOut(planned: PlannedSwitch, drainMs: number, checkMs: number): Promise<SwitchReport | undefined> {
    const startedAt = this.#setup.clock.now();
    return this.#run(checkMs, {
      ...{ from: this.#state.activeId, drainMs },
      isCurrent: () => this.#state.planned === planned && !this.#isStopped,
      performSwitch: () => this.signal({ type: 'planned-ready' }, startedAt),
    });
  }

  /** @returns what it did, or nothing when it was overtaken. */
  async #run(
    checkMs: number,
    steps: Omit<PlannedSwitchSteps, 'participants' | 'clock'>,
  ): Promise<SwitchReport | undefined> {
    const { clock, participants, emit } = this.#setup;
    let report: SwitchReport | undefined;
    // Told in the same turn, so that what happens to the new endpoint is told behind it.
    await runPlannedSwitch({ ...steps, participants, clock }, (outcome) => {
      const event = this.#unreported;
      this.#unreported = undefined;
      if (event === undefined) return; // rare: planned-switch-overtaken
      report = reportOf(event, outcome, checkMs);
      emit('endpointSwitched', { ...event, report });
    });
    return report;
  }
}
