import type { Cluster, Redis, RedisOptions } from 'ioredis';
import type { EndpointSwitchedEvent } from '../events.ts';
import type { Topology } from '../commands/retry-decision.ts';
import type { FailbackOptions } from './failback-options.ts';
import type {
  BackoffOptions,
  CircuitBreakerOptions,
  FailoverOptions,
  HealthCheckOptions,
  Preset,
  RetryOptions,
} from './policy-options.ts';
import type { InitializationOptions } from './initialization-options.ts';

export interface Credentials {
  /** Absent for the default user. */
  readonly username?: string;
  readonly password: string;
}

export type CredentialsProvider = () => Credentials | Promise<Credentials>;

/** One Redis that can serve the application. */
export interface EndpointOptions {
  /** Unique name of the endpoint, as it appears in events and errors. */
  readonly id: string;
  /**
   * Preference. The healthy endpoint with the highest weight is the active one; of equal weights the first listed.
   *
   * Greater than `0`.
   *
   * @default 1
   */
  readonly weight?: number;
  /**
   * Where the endpoint is: a `redis://` or `rediss://` URL, ioredis's options, or a function that returns a new ioredis
   * client or a new `Redis.Cluster`. The function is called several times: for data, for probes and for verifications.
   * Reconnecting, resending and queueing are taken over from what it returns. `keyPrefix`, `protocol` and `replyMapping`
   * must not differ from those in `redis` of all endpoints.
   */
  readonly redis: string | RedisOptions | (() => Redis | Cluster);
  /**
   * Tells user and password at every connect, for tokens that expire. They win over those in `redis`. When it throws or
   * rejects, the attempt to connect has failed, and is repeated.
   */
  readonly credentialsProvider?: CredentialsProvider;
  /** Overrides of `healthCheck` for this endpoint. */
  readonly healthCheck?: HealthCheckOptions;
}

/** What an endpoint becomes by `redis.geo.replace()`. Nothing but the id, and the weight, is kept of what it was. */
export interface EndpointReplacement extends Omit<EndpointOptions, 'id' | 'weight'> {
  /** The id that it has. */
  readonly id?: string;
  /**
   * Greater than `0`.
   *
   * @default the weight that it has
   */
  readonly weight?: number;
}

export interface GeoFailoverOptions {
  /** The endpoints; at least one. */
  readonly endpoints: readonly EndpointOptions[];
  /**
   * ioredis options shared by all endpoints. An endpoint's own options win, except for those that shape commands before
   * an endpoint is chosen (`keyPrefix`, `protocol`, `replyMapping`): these must not differ.
   */
  readonly redis?: RedisOptions;
  /**
   * How soon an endpoint is given up: `fast` (a silent one within 250 ms, for near regions), `balanced` (within a second),
   * or `conservative` (within about three seconds). Single options win over it.
   *
   * @default 'balanced'
   */
  readonly preset?: Preset;
  /**
   * Options that hold in one environment only, by its name, and win over all others there. `redis` and the groups of options
   * are merged option by option, `endpoints` and everything else is replaced.
   */
  readonly environments?: Readonly<Record<string, EnvironmentOptions>>;
  /** The name of the environment, one of `environments`. Without it that of the process, `NODE_ENV`, if it is one of them. */
  readonly environment?: string;
  /**
   * Whether the endpoints replicate to each other. `active-active`: what is published on one arrives at the others, so that
   * a message which may have been sent is not sent to another one. `independent`: it does not, so that it is.
   *
   * @default 'active-active'
   */
  readonly topology?: Topology;
  readonly healthCheck?: HealthCheckOptions;
  readonly circuitBreaker?: CircuitBreakerOptions;
  readonly retry?: RetryOptions;
  readonly failover?: FailoverOptions;
  readonly failback?: FailbackOptions;
  readonly initialization?: InitializationOptions;
  /**
   * Custom action after each switch. It is not awaited, and its failure changes nothing but an `actionFailed` event.
   */
  readonly onSwitch?: (event: EndpointSwitchedEvent) => unknown;
}

/** What `redis.geo.update()` changes; what is left out, or `undefined`, stays as it is. */
export interface UpdateOptions extends Pick<GeoFailoverOptions, 'healthCheck' | 'retry' | 'failover' | 'failback'> {
  /** New limits, for what fails from now on. A `breaker` is not changed: what it has counted belongs to it. */
  readonly circuitBreaker?: Omit<CircuitBreakerOptions, 'breaker'>;
}

/** What can be different in one environment. */
export type EnvironmentOptions = Partial<Omit<GeoFailoverOptions, 'environments' | 'environment'>>;

type Complete<T> = { readonly [K in keyof T]-?: NonNullable<T[K]> };

export type ResolvedHealthCheck = Complete<Omit<HealthCheckOptions, 'check'>> & Pick<HealthCheckOptions, 'check'>;
export type ResolvedCircuitBreaker = Complete<Omit<CircuitBreakerOptions, 'breaker'>> &
  Pick<CircuitBreakerOptions, 'breaker'>;
export type ResolvedRetry = Complete<Omit<RetryOptions, 'backoff' | 'commands'>> &
  Pick<RetryOptions, 'commands'> & { readonly backoff: ResolvedBackoff };
export type ResolvedBackoff = Complete<Omit<BackoffOptions, 'strategy'>> & Pick<BackoffOptions, 'strategy'>;
export type ResolvedFailover = Complete<Omit<FailoverOptions, 'localRecoveryMs' | 'selectEndpoint'>> &
  Pick<FailoverOptions, 'localRecoveryMs' | 'selectEndpoint'>;
export type ResolvedFailback = Complete<Omit<FailbackOptions, 'gate' | 'windows'>> &
  Pick<FailbackOptions, 'gate' | 'windows'>;
export type ResolvedInitialization = Complete<InitializationOptions>;

export interface ResolvedEndpoint {
  readonly id: string;
  readonly weight: number;
  /** The endpoint's options with the shared ones below them, or the user's factory. */
  readonly redis: RedisOptions | (() => Redis | Cluster);
  readonly credentialsProvider?: CredentialsProvider | undefined;
  /** What differs from the `healthCheck` of all: see {@link healthCheckOf}. */
  readonly healthCheck: HealthCheckOptions;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly endpoints: readonly ResolvedEndpoint[];
  readonly redis: RedisOptions;
  readonly topology: Topology;
  readonly healthCheck: ResolvedHealthCheck;
  readonly circuitBreaker: ResolvedCircuitBreaker;
  readonly retry: ResolvedRetry;
  readonly failover: ResolvedFailover;
  readonly failback: ResolvedFailback;
  readonly initialization: ResolvedInitialization;
  readonly onSwitch?: ((event: EndpointSwitchedEvent) => unknown) | undefined;
}

/** The same with the endpoints that there are by now. */
export interface PresentOptions extends ResolvedOptions {
  /** What commands of the client are encoded by, whatever became of the endpoints that it was made with. */
  readonly encoding: RedisOptions;
}
