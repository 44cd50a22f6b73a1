import { type EndpointStanding, isAnotherUsable } from '../endpoints/weighted-selection.ts';
import type { DegradedStartEvent } from '../events.ts';
import type { Clock, Timer } from '../time/clock.ts';
import type { FailoverState } from './failover-state.ts';

export interface InitializationSetup {
  readonly state: () => FailoverState;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The preferred endpoint got no connection in time, and another one could serve. */
  readonly onTooLate: (endpointId: string) => void;
  readonly onDegradedStart: (event: DegradedStartEvent) => void;
}

/** The start: one available endpoint is enough, better ones get a little time, and what is missing is told once. */
export class Initialization {
  readonly #setup: InitializationSetup;
  #timer: Timer | undefined;
  #isTimeUp = false;
  #hasServed = false;
  #isTold = false;

  constructor(setup: InitializationSetup) {
    this.#setup = setup;
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
    if (this.#isTold) return;
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
