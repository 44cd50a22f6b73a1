/** Health of an endpoint as its checks and verifications see it. */
export type HealthStatus = 'unknown' | 'healthy' | 'unhealthy';

/**
 * Why a health check failed.
 * - `timeout`: no answer in time.
 * - `refused`: nothing listens there.
 * - `connection`: there is no connection, for another reason: it was lost, or there is no way.
 * - `dns`: the name of the host leads nowhere.
 * - `tls`: the connection cannot be encrypted, or a certificate is not trusted.
 * - `auth`: user or password are wrong, or the user may not ask. The configuration is to be changed, here or there.
 * - `role`: it is a replica.
 * - `loading`: it reads its data.
 * - `rejected`: it refuses for another reason: `CLUSTERDOWN`, `MISCONF`, the maximum of clients.
 * - `lag`: it has not got what was written elsewhere.
 * - `replication`: it and the active endpoint do not replicate to each other.
 * - `http`: a REST interface says that it is not available, or nothing that can be understood.
 * - `custom`: a check of the application failed, without another reason.
 */
export type HealthCheckReason =
  | 'timeout'
  | 'refused'
  | 'connection'
  | 'dns'
  | 'tls'
  | 'auth'
  | 'role'
  | 'loading'
  | 'rejected'
  | 'lag'
  | 'replication'
  | 'http'
  | 'custom';

/** State of an endpoint's circuit breaker. */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

export type SwitchKind = 'failover' | 'failback' | 'manual';

export type SwitchReason =
  | 'connection-lost'
  | 'silence'
  | 'rejected'
  | 'circuit-breaker'
  | 'health-check'
  | 'failback'
  | 'manual'
  | 'endpoint-isolated'
  | 'endpoint-removed'
  | 'endpoint-replaced';

/** What a planned switch did: a failback, `switchTo()`, or `isolate()`, `remove()` or `replace()` of the active endpoint. */
export interface SwitchReport {
  readonly from: string;
  readonly to: string;
  /** `redis.geo.epoch` after the switch. */
  readonly epoch: number;
  /** Commands that waited for the switch, and then left for the new endpoint: those called meanwhile, and blocking ones. */
  readonly moved: number;
  /** Commands that were in flight when it began, and were answered by the old endpoint before the switch. */
  readonly drained: number;
  /** Commands in flight that were not answered in time. They may finish on the old endpoint for `retry.deadlineMs`; not so with `replace()`. */
  readonly interrupted: number;
  /** Whether all commands in flight finished in time: nothing was interrupted. */
  readonly isDrained: boolean;
  /** For how long new commands were held, in milliseconds. */
  readonly heldMs: number;
  readonly phases: SwitchPhases;
}

/** How long the parts of a planned switch took, in milliseconds. */
export interface SwitchPhases {
  /** Looking at the new endpoint, and asking `failback.gate`. Commands flow to the old one meanwhile. */
  readonly checkMs: number;
  /** Waiting for what was in flight, for `failover.drainMs` at most. New commands are held. */
  readonly drainMs: number;
  /** Changing over, until what waited goes out. */
  readonly switchMs: number;
}

export interface EndpointSwitchedEvent {
  /** The endpoint that was active before. */
  readonly from: string;
  /** The endpoint that is active now; the same as before when it was replaced, perhaps by another server. */
  readonly to: string;
  readonly kind: SwitchKind;
  readonly reason: SwitchReason;
  /** `redis.geo.epoch` from this switch on. */
  readonly epoch: number;
  /** From the first sign of trouble, or the decision, to the switch, in milliseconds. */
  readonly durationMs: number;
  /** Calendar time of the switch, milliseconds since 1970. */
  readonly at: number;
  /** What became of the commands. Only of a planned switch. */
  readonly report?: SwitchReport | undefined;
}

export interface HealthStatusChangedEvent {
  readonly endpointId: string;
  readonly from: HealthStatus;
  readonly to: HealthStatus;
  /** What was found, when it became unhealthy. */
  readonly error?: Error | undefined;
  /** The same in a word. */
  readonly reason?: HealthCheckReason | undefined;
}

export interface CircuitStateChangedEvent {
  readonly endpointId: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
}

export interface SubscriptionsMovedEvent {
  /** The endpoint whose messages were heard before. */
  readonly from: string;
  /** The one whose messages are heard now; the same one when only the connection was lost. */
  readonly to: string;
  /** For how long nothing was heard, from the moment when that was noticed, in milliseconds. */
  readonly blindMs: number;
}

export interface AllEndpointsUnhealthyEvent {
  /** The endpoint that stays active for want of a better one. */
  readonly activeEndpoint: string;
  /** In how many milliseconds the endpoints are checked again. */
  readonly retryAfterMs: number;
}

export interface OwnNetworkSuspectedEvent {
  /** The endpoints that fell silent at once, the active one first. */
  readonly silentEndpoints: readonly string[];
}

export interface OwnProcessStalledEvent {
  /** For how long it did not run, in milliseconds. */
  readonly stalledMs: number;
}

export interface ChecksOverruledEvent {
  /** The endpoint that serves all the same. */
  readonly endpointId: string;
  /** What its check says. */
  readonly error: Error;
  /** The same in a word. */
  readonly reason: HealthCheckReason;
}

export interface EndpointLostDataEvent {
  readonly endpointId: string;
  /** The database whose keys are counted: the one that the endpoint was configured with. */
  readonly database: number;
  /** How many keys it had, when they were counted last. */
  readonly keysBefore: number;
  /** Another server process answers than before. `undefined` where the server does not tell (`run_id` of `INFO`). */
  readonly isOtherProcess: true | undefined;
}

export interface DegradedStartEvent {
  /** The endpoint that serves. */
  readonly activeEndpoint: string;
  /** The endpoints that are not available. */
  readonly missing: readonly string[];
}

export interface ActionFailedEvent {
  readonly action:
    'onSwitch' | 'failback.gate' | 'failover.selectEndpoint' | 'circuitBreaker.breaker' | 'retry.backoff.strategy';
  readonly error: Error;
}

/** The events of `redis.geo`. */
export interface GeoFailoverEvents {
  /** Another endpoint is active now. */
  readonly endpointSwitched: EndpointSwitchedEvent;
  /** A health check, a verification or a forced switch changed what is known of an endpoint. */
  readonly healthStatusChanged: HealthStatusChangedEvent;
  /** An endpoint's circuit breaker changed its state. */
  readonly circuitStateChanged: CircuitStateChangedEvent;
  /** The active endpoint failed and no other can take over; commands wait. */
  readonly allEndpointsUnhealthy: AllEndpointsUnhealthyEvent;
  /**
   * The active endpoint and all others that were healthy fell silent at once, so that it is likely to be the network of this
   * process that fails. The endpoints are checked again sooner, and the active one stays when it answers again.
   */
  readonly ownNetworkSuspected: OwnNetworkSuspectedEvent;
  /**
   * This process did not run for as long as `failover.silenceFloorMs` or longer while commands were called: its event loop
   * was blocked, or it was stopped. Told when it runs again. Nothing follows: time in which it did not run is not held
   * against an endpoint.
   */
  readonly ownProcessStalled: OwnProcessStalledEvent;
  /**
   * The health check of the application fails for an endpoint whose server answers, and there is no other endpoint to go to:
   * it serves all the same. Told once, until the check passes or another endpoint can serve.
   */
  readonly checksOverruled: ChecksOverruledEvent;
  /** Subscriptions were made again on another connection; what was published meanwhile was not heard. */
  readonly subscriptionsMoved: SubscriptionsMovedEvent;
  /** An endpoint had keys, and came back without any. */
  readonly endpointLostData: EndpointLostDataEvent;
  /** The client serves, but not every endpoint is available. */
  readonly degradedStart: DegradedStartEvent;
  /** A function of the application's, or what it gave in the place of ours, threw, rejected, or answered what it cannot. */
  readonly actionFailed: ActionFailedEvent;
}

export type GeoFailoverEventName = keyof GeoFailoverEvents;
