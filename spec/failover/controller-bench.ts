import type sinon from 'sinon';
import { EndpointRegistry } from '../../lib/endpoints/endpoint-registry.ts';
import { FailoverController, type FailoverControllerSetup } from '../../lib/failover/failover-controller.ts';
import type { FailoverPolicy } from '../../lib/failover/failover-policy.ts';
import type { FailoverState } from '../../lib/failover/failover-state.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';
import { FakeParticipant } from './fake-participant.ts';
import { RULES, parseSignal, stateOf } from './flow.ts';

interface Event {
  readonly name: string;
  readonly payload: object;
}

/** The registry, which writes down when somebody changes it. */
class LoggedRegistry extends EndpointRegistry {
  readonly #log: string[];

  constructor(activeId: string, log: string[]) {
    super([], activeId);
    this.#log = log;
  }

  override setActive(id: string, epoch: number): void {
    this.#log.push(`active ${id} in epoch ${epoch}`);
    super.setActive(id, epoch);
  }
}

/** A controller in faked time, with one client, and a log of everything that it does. */
export class ControllerBench {
  readonly time: sinon.SinonFakeTimers = fakeSystemTime();
  readonly log: string[] = [];
  readonly events: Event[] = [];
  readonly client = new FakeParticipant('client', this.log);
  readonly registry: EndpointRegistry;
  readonly controller: FailoverController;
  participants = [this.client];
  /** What the look before a failback shows. */
  isUsable: (endpointId: string) => Promise<boolean> = () => Promise.resolve(true);

  /** What the application says to a failback. */
  mayFailBack: () => Promise<boolean> = () => Promise.resolve(true);

  /** @param policy May be changed later. */
  constructor(
    endpoints = 'a 2, b 1',
    policy: Partial<FailoverPolicy> = {},
    setup: Partial<FailoverControllerSetup> = {},
  ) {
    const state = stateOf(endpoints);
    this.registry = new LoggedRegistry(state.activeId, this.log);
    this.controller = new FailoverController({
      registry: this.registry,
      state: everybodyUp(state),
      policy: () => ({ rules: RULES, drainMs: 1_000, retryAfterMs: 250, jitterMs: 0, ...policy }),
      clock: systemClock,
      random: () => 0.5,
      participants: () => this.participants,
      isUsable: (endpointId) => {
        this.log.push(`look at ${endpointId}`);
        return this.isUsable(endpointId);
      },
      mayFailBack: (from, to) => {
        this.log.push(`may go from ${from} to ${to}?`);
        return this.mayFailBack();
      },
      onTrusted: (endpointId, health) => this.log.push(`trust ${endpointId}, ${health}`),
      emit: (name, payload) => {
        this.log.push(name);
        this.events.push({ name, payload });
      },
      ...setup,
    });
  }

  signal(text: string, since?: number): void {
    this.controller.signal(parseSignal(text), since);
  }

  /** What happened since the last call. */
  takeLog(): string[] {
    return this.log.splice(0);
  }

  /** Leaves a for b, and makes a good again. */
  async failOver(): Promise<void> {
    this.signal('verdict a silence');
    this.signal('a healthy 3');
    await this.time.tickAsync(0);
    this.takeLog();
  }

  close(): void {
    this.controller.stop();
    this.time.restore();
  }
}

function everybodyUp(state: FailoverState): FailoverState {
  return {
    ...state,
    endpoints: state.endpoints.map((endpoint) => ({ ...endpoint, health: 'healthy', isReady: true, successes: 3 })),
  };
}
