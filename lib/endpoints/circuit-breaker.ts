import {
  CircuitState as CockatielState,
  type CircuitBreakerPolicy,
  type IBackoff,
  circuitBreaker,
  handleAll,
} from 'cockatiel';
import { toError } from '../errors.ts';
import type { CircuitState } from '../events.ts';
import type { ResolvedCircuitBreaker } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { type FedBreaker, GivenBreaker } from './given-breaker.ts';

const BUCKETS = 10;

/** The options in effect: they count when something fails, and when a circuit opens. */
export type CurrentLimits = () => ResolvedCircuitBreaker;

interface Bucket {
  /** When it began. */
  readonly at: number;
  successes: number;
  failures: number;
}

/**
 * When the circuit opens: N rounds of failures in a row, or a rate over a sliding window together with a minimum.
 *
 * Successes are counted in bulk by whoever watches the connection. Nothing is executed through the policy per command.
 */
export class SlidingWindowBreaker implements FedBreaker {
  state: unknown;
  readonly #options: CurrentLimits;
  readonly #clock: Clock;
  readonly #buckets: Bucket[] = [];
  #consecutive = 0;
  /** Whether each failure that is on its way through the policy begins an attempt; cockatiel reports it microtasks later. */
  readonly #announced: boolean[] = [];

  constructor(options: CurrentLimits, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Called by cockatiel; a success in half-open closes the circuit, and what was before it counts no longer. */
  success(state: CockatielState): void {
    if (state !== CockatielState.HalfOpen) return this.recordSuccesses(1);
    // rare: circuit-closed-by-a-trial
    this.reset();
  }

  /** Called by cockatiel. */
  failure(): boolean {
    if (this.#announced.shift() ?? true) this.#consecutive++;
    this.#bucket().failures++;
    if (this.#consecutive >= this.#options().consecutiveFailures) return true; // rare: circuit-opened-by-failures-in-a-row
    if (this.#rateReached()) return true; // rare: circuit-opened-by-a-rate
    return false;
  }

  announceFailure(isRound: boolean): void {
    this.#announced.push(isRound);
  }

  recordSuccesses(count: number): void {
    if (count <= 0) return;
    this.#consecutive = 0;
    this.#bucket().successes += count;
  }

  reset(): void {
    this.#consecutive = 0;
    this.#buckets.length = 0;
    this.#announced.length = 0;
  }

  #rateReached(): boolean {
    let successes = 0;
    let failures = 0;
    for (const bucket of this.#buckets) {
      successes += bucket.successes;
      failures += bucket.failures;
    }
    const { minFailures, failureRate } = this.#options();
    return failures >= minFailures && failures / (failures + successes) >= failureRate;
  }

  #bucket(): Bucket {
    const { windowMs } = this.#options();
    const lengthMs = windowMs / BUCKETS;
    const at = Math.floor(this.#clock.now() / lengthMs) * lengthMs;
    const last = this.#buckets.at(-1);
    // One that began by another length of the window may have begun later.
    if (last !== undefined && last.at >= at) return last;
    while (this.#buckets[0] !== undefined && this.#buckets[0].at <= at - windowMs) this.#buckets.shift();
    const bucket = { at, successes: 0, failures: 0 };
    this.#buckets.push(bucket);
    return bucket;
  }
}

const STATES: Readonly<Record<CockatielState, CircuitState>> = {
  [CockatielState.Closed]: 'closed',
  [CockatielState.Open]: 'open',
  [CockatielState.HalfOpen]: 'half-open',
  [CockatielState.Isolated]: 'isolated',
};

export interface CircuitListener {
  readonly onChange: (from: CircuitState, to: CircuitState) => void;
  /** A breaker of the application's threw, or there was none when one was to be made. */
  readonly onBreakerFailed: (error: Error) => void;
}

/** An endpoint's circuit breaker: a cockatiel policy that is fed with what happened elsewhere. */
export class EndpointCircuitBreaker {
  readonly #options: CurrentLimits;
  readonly #clock: Clock;
  readonly #listener: CircuitListener;
  #breaker: FedBreaker;
  #policy: CircuitBreakerPolicy;
  #state: CircuitState = 'closed';

  /** @throws what the application throws in place of its breaker. */
  constructor(options: CurrentLimits, clock: Clock, listener: CircuitListener) {
    this.#options = options;
    this.#clock = clock;
    this.#listener = listener;
    this.#breaker = this.#createBreaker();
    this.#policy = this.#createPolicy();
  }

  get state(): CircuitState {
    return this.#state;
  }

  recordSuccesses(count: number): void {
    if (this.#state === 'closed') this.#breaker.recordSuccesses(count);
  }

  /** Counts a failure. The policy has to see it fail: calling the breaker's `failure()` alone never opens the circuit. */
  recordFailure(error: Error, options: { readonly isRound: boolean }): void {
    if (this.#state !== 'closed') return; // rare: failure-with-an-open-circuit
    this.#breaker.announceFailure(options.isRound);
    this.#policy.execute(() => Promise.reject(error)).catch(() => undefined);
  }

  /** A good health check. When the circuit has been open for long enough, it is the trial that closes it. */
  recordGoodRound(): void {
    if (this.#state === 'closed' || this.#state === 'isolated') return;
    // rare: good-check-with-an-open-circuit
    this.#policy.execute(() => true).catch(() => undefined);
  }

  /** Keeps commands away until {@link reset}, whatever happens. */
  isolate(): void {
    this.#policy.isolate();
  }

  /** Closes the circuit and forgets what opened it: only what happens from now on can open it again. */
  reset(): void {
    // cockatiel closes a circuit by a trial only, and not before its time. A new policy also leaves behind what is on its
    // way through the old one.
    try {
      this.#breaker = this.#createBreaker();
    } catch (reason) {
      // A switch that is forced must not fail half-way. The one before serves on.
      this.#listener.onBreakerFailed(toError(reason));
    }
    this.#policy = this.#createPolicy();
    if (this.#state !== 'closed') this.#become('closed'); // rare: circuit-closed-by-force
  }

  #createBreaker(): FedBreaker {
    const { breaker: given } = this.#options();
    if (given === undefined) return new SlidingWindowBreaker(this.#options, this.#clock);
    return new GivenBreaker(given, this.#listener.onBreakerFailed);
  }

  #createPolicy(): CircuitBreakerPolicy {
    // cockatiel never leaves "open" by a timer: it waits until somebody executes after `halfOpenAfter`.
    const halfOpenAfter = (): IBackoff<unknown> => ({ duration: this.#options().halfOpenAfterMs, next: halfOpenAfter });
    const policy = circuitBreaker(handleAll, { halfOpenAfter: { next: halfOpenAfter }, breaker: this.#breaker });
    policy.onStateChange((state) => {
      if (policy === this.#policy) this.#become(STATES[state]);
    });
    return policy;
  }

  #become(state: CircuitState): void {
    const from = this.#state;
    this.#state = state;
    this.#listener.onChange(from, state);
  }
}
