import type {
  ResolvedCircuitBreaker,
  ResolvedEndpoint,
  ResolvedFailback,
  ResolvedFailover,
  ResolvedHealthCheck,
  ResolvedInitialization,
  ResolvedOptions,
  ResolvedRetry,
} from './types.ts';

/**
 * The options as they are in effect. `update()` changes them while they are used: whoever decides something by them holds
 * this, and reads the value then.
 */
export class CurrentOptions implements ResolvedOptions {
  #values: ResolvedOptions;

  constructor(values: ResolvedOptions) {
    this.#values = values;
  }

  /** As they are at this moment. They are others whenever anything was changed. */
  get values(): ResolvedOptions {
    return this.#values;
  }

  /** From now on these are in effect. */
  become(values: ResolvedOptions): void {
    this.#values = values;
  }

  get endpoints(): readonly ResolvedEndpoint[] {
    return this.#values.endpoints;
  }

  get redis(): ResolvedOptions['redis'] {
    return this.#values.redis;
  }

  get topology(): ResolvedOptions['topology'] {
    return this.#values.topology;
  }

  get healthCheck(): ResolvedHealthCheck {
    return this.#values.healthCheck;
  }

  get circuitBreaker(): ResolvedCircuitBreaker {
    return this.#values.circuitBreaker;
  }

  get retry(): ResolvedRetry {
    return this.#values.retry;
  }

  get failover(): ResolvedFailover {
    return this.#values.failover;
  }

  get failback(): ResolvedFailback {
    return this.#values.failback;
  }

  get initialization(): ResolvedInitialization {
    return this.#values.initialization;
  }

  get onSwitch(): ResolvedOptions['onSwitch'] {
    return this.#values.onSwitch;
  }
}
