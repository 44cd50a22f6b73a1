import { CircuitState, type IBreaker } from 'cockatiel';
import { toError } from '../errors.ts';
import { invalidOptions } from '../options/problems.ts';
import { printValue } from '../options/mask.ts';

/** A breaker that is told in bulk, of what happened elsewhere. */
export interface FedBreaker extends IBreaker {
  /** Says whether the next failure begins a new attempt, or belongs to one that is counted already. */
  announceFailure(isRound: boolean): void;
  recordSuccesses(count: number): void;
}

/**
 * A breaker of the application's, as cockatiel defines them. It counts every failure and every success. What it throws is
 * told, and counts as if the circuit were to stay as it is: commands and checks must not fail for it.
 */
export class GivenBreaker implements FedBreaker {
  readonly #breaker: IBreaker;
  readonly #onFailed: (error: Error) => void;

  /** @throws GeoFailoverError `GEO_INVALID_OPTIONS` when that makes something else, and whatever it throws. */
  constructor(create: () => IBreaker, onFailed: (error: Error) => void) {
    const made: unknown = create();
    const { success, failure } = (made ?? {}) as Partial<Record<keyof IBreaker, unknown>>;
    if (typeof success !== 'function' || typeof failure !== 'function') {
      const rule = 'must return a new breaker of cockatiel, with success() and failure()';
      throw invalidOptions([{ path: 'circuitBreaker.breaker', rule, value: printValue(made) }]);
    }
    this.#breaker = made as IBreaker;
    this.#onFailed = onFailed;
  }

  get state(): unknown {
    return this.#breaker.state;
  }

  set state(value: unknown) {
    this.#breaker.state = value;
  }

  success(state: CircuitState): void {
    this.#succeeded(state, 1);
  }

  failure(state: CircuitState): boolean {
    try {
      return this.#breaker.failure(state);
    } catch (reason) {
      this.#onFailed(toError(reason));
      return false;
    }
  }

  announceFailure(): void {
    // It knows nothing of attempts.
  }

  recordSuccesses(count: number): void {
    this.#succeeded(CircuitState.Closed, count);
  }

  #succeeded(state: CircuitState, count: number): void {
    try {
      for (let told = 0; told < count; told++) this.#breaker.success(state);
    } catch (reason) {
      this.#onFailed(toError(reason));
    }
  }
}
