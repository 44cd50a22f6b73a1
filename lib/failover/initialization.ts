import { type EndpointStanding, isAnotherUsable, usableOf } from '../endpoints/weighted-selection.ts';
import type { DegradedStartEvent } from '../events.ts';
import type { InitializationPolicy } from '../options/initialization-options.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { FailoverState } from './failover-state.ts';

export interface InitializationSetup {
  readonly state: () => FailoverState;
  readonly clock: Clock;
  readonly policy: InitializationPolicy;
  readonly timeoutMs: number;
  /** The preferred endpoint got no connection in time, and another one could serve. */
  readonly onTooLate: (endpointId: string) => void;
  /** Commands need not wait for further endpoints any more. */
  readonly onOpened: () => void;
  readonly onDegradedStart: (event: DegradedStartEvent) => void;
}

/**
 * The start: as many endpoints as the policy asks for are waited for, better ones get a little time, and what is missing is
 * told once. When the time is up, one available endpoint is enough, however late that comes.
 */
export class Initialization {
  readonly #setup: InitializationSetup;
  #timer: Timer | undefined;
  #isHolding: boolean;
  #isTimeUp = false;
  #hasServed = false;
  #isTold = false;

  constructor(setup: InitializationSetup) {
    this.#setup = setup;
    this.#isHolding = setup.policy !== 'one';
  }

  /** Whether commands wait for further endpoints. Once they did not, they never do again: a running client is not held up. */
  get isHolding(): boolean {
    return this.#isHolding;
  }

  /** Whether an endpoint served already, or was chosen otherwise. */
  get isOver(): boolean {
    return this.#hasServed || this.#setup.state().epoch > 0;
  }

  start(): void {
    this.#isTimeUp = false;
    this.#timer = this.#setup.clock.after(this.#setup.timeoutMs, () => {
      this.#isTimeUp = true;
      this.update();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** To be called whenever more is known of an endpoint. */
  update(): void {
    if (this.#isTimeUp) this.#waitNoLonger();
    if (this.#isHolding) this.#openIfEnough();
    if (this.#isTold || this.#isHolding) return;
    const { endpoints, activeId } = this.#setup.state();
    const serves = endpoints.some(({ id, isReady, health }) => id === activeId && isReady && health !== 'unhealthy');
    if (!serves) return;
    this.#hasServed = true;
    const isUndecided = ({ health, isReady }: EndpointStanding): boolean =>
      health === 'unknown' || (health === 'healthy' && !isReady);
    if (!this.#isTimeUp && endpoints.some(isUndecided)) return;
    this.#isTold = true;
    const missing = endpoints.filter(({ health, isReady }) => health !== 'healthy' || !isReady).map(({ id }) => id);
    if (missing.length > 0) this.#setup.onDegradedStart({ activeEndpoint: activeId, missing }); // rare: degraded-start
  }

  #openIfEnough(): void {
    const { policy, state, onOpened } = this.#setup;
    const { endpoints } = state();
    const enough = policy === 'all' ? endpoints.length : Math.floor(endpoints.length / 2) + 1;
    if (!this.#isTimeUp && usableOf(endpoints).length < enough) return;
    // rare: start-held-until-enough-or-too-late
    this.#isHolding = false;
    onOpened();
  }

  /** Begins with another endpoint, as soon as there is one, when the preferred one has not got a connection in time. */
  #waitNoLonger(): void {
    if (this.isOver) return;
    const { endpoints, activeId } = this.#setup.state();
    const active = endpoints.find(({ id }) => id === activeId);
    if (active?.isReady === false && active.health !== 'unhealthy' && isAnotherUsable(endpoints, activeId)) {
      // rare: start-without-the-preferred-endpoint
      this.#setup.onTooLate(activeId);
    }
  }
}
