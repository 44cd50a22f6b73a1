import { CircuitState, type IBreaker } from 'cockatiel';
import { invalidOptions } from '../options/problems.ts';
import { printValue } from '../options/mask.ts';

/** A breaker that is told in bulk, of what happened elsewhere. */
export interface FedBreaker extends IBreaker {
  /** Says whether the next failure begins a new attempt, or belongs to one that is counted already. */
  announceFailure(isRound: boolean): void;
  recordSuccesses(count: number): void;
}

/** A breaker of the application's, as cockatiel defines them. It counts every failure and every success. */
export class GivenBreaker implements FedBreaker {
  readonly #breaker: IBreaker;

  /** @throws GeoFailoverError `GEO_INVALID_OPTIONS` when that makes something else. */
  constructor(create: () => IBreaker) {
    const made: unknown = create();
    const { success, failure } = (made ?? {}) as Partial<Record<keyof IBreaker, unknown>>;
    if (typeof success !== 'function' || typeof failure !== 'function') {
      const rule = 'must return a new breaker of cockatiel, with success() and failure()';
      throw invalidOptions([{ path: 'circuitBreaker.breaker', rule, value: printValue(made) }]);
    }
    this.#breaker = made as IBreaker;
  }

  get state(): unknown {
    return this.#breaker.state;
  }

  set state(value: unknown) {
    this.#breaker.state = value;
  }

  success(state: CircuitState): void {
    this.#breaker.success(state);
  }

  failure(state: CircuitState): boolean {
    return this.#breaker.failure(state);
  }

  announceFailure(): void {
    // It knows nothing of attempts.
  }

  recordSuccesses(count: number): void {
    for (let told = 0; told < count; told++) this.#breaker.success(CircuitState.Closed);
  }
}
