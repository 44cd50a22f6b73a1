import type { Endpoint } from '../endpoints/endpoint.ts';
import type { CheckResult, FailedCheck } from '../health/check-result.ts';
import { inBackground } from '../time/background.ts';
import type { Clock } from '../time/clock.ts';

/** Why somebody thinks that an endpoint fails. */
export type Suspicion = 'connection-lost' | 'silence' | 'rejected' | 'health-check';

/** Refusals come in numbers; a server that was just found good is not asked again for each of them. */
const PAUSE_BETWEEN_LOOKS_AT_REFUSALS_MS = 250;

export interface SuspicionsSetup {
  readonly clock: Clock;
  readonly verify: (endpoint: Endpoint, suspicion: Suspicion) => Promise<CheckResult>;
  /** An endpoint became suspected: nothing is sent to it until the verification is done. */
  readonly onSuspected: (endpoint: Endpoint) => void;
  readonly onCleared: (endpoint: Endpoint, suspicion: Suspicion, since: number) => void;
  readonly onVerdict: (endpoint: Endpoint, suspicion: Suspicion, result: FailedCheck, since: number) => void;
}

/** Turns complaints into verdicts. One verification per endpoint at a time, shared by all who complain. */
export class Suspicions {
  readonly #setup: SuspicionsSetup;
  readonly #clearedAt = new WeakMap<Endpoint, number>();
  /** Those that are looked at. */
  readonly #suspected = new Set<Endpoint>();
  /** Another one each time that all clients were closed. */
  #run = Symbol('run');

  constructor(setup: SuspicionsSetup) {
    this.#setup = setup;
  }

  suspect(endpoint: Endpoint, suspicion: Suspicion): void {
    if (endpoint.isSuspected) return; // rare: complaint-joins-a-verification
    const now = this.#setup.clock.now();
    const clearedAt = this.#clearedAt.get(endpoint);
    const isRecent = clearedAt !== undefined && now - clearedAt < PAUSE_BETWEEN_LOOKS_AT_REFUSALS_MS;
    if (suspicion === 'rejected' && isRecent) return; // rare: refusal-behind-a-good-look
    endpoint.isSuspected = true;
    this.#suspected.add(endpoint);
    this.#setup.onSuspected(endpoint);
    inBackground(() => void this.#verify(endpoint, suspicion, now));
  }

  /** There is no client any more: what is found out after that is of no interest, and perhaps says only that. */
  stop(): void {
    this.#run = Symbol('run');
    for (const endpoint of this.#suspected) endpoint.isSuspected = false;
    this.#suspected.clear();
  }

  async #verify(endpoint: Endpoint, suspicion: Suspicion, since: number): Promise<void> {
    const { clock, verify, onCleared, onVerdict } = this.#setup;
    const run = this.#run;
    const result = await verify(endpoint, suspicion);
    if (run !== this.#run) return; // rare: closed-while-it-was-verified
    endpoint.isSuspected = false;
    this.#suspected.delete(endpoint);
    endpoint.judgedAt = clock.now();
    if (!result.ok) {
      onVerdict(endpoint, suspicion, result, since);
      return;
    }
    this.#clearedAt.set(endpoint, clock.now());
    onCleared(endpoint, suspicion, since);
  }
}
