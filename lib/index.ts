export { createGeoFailoverRedis, type EndpointList, type GeoFailoverRedis } from './create-geo-failover-redis.ts';
export {
  GeoFailoverError,
  type GeoFailoverErrorCode,
  isGeoFailoverError,
  type OptionProblem,
  type Outcome,
} from './errors.ts';
export type {
  ActionFailedEvent,
  AllEndpointsUnhealthyEvent,
  CircuitState,
  ChecksOverruledEvent,
  CircuitStateChangedEvent,
  DegradedStartEvent,
  EndpointLostDataEvent,
  EndpointSwitchedEvent,
  GeoFailoverEventName,
  GeoFailoverEvents,
  HealthCheckReason,
  HealthStatus,
  HealthStatusChangedEvent,
  SwitchKind,
  OwnNetworkSuspectedEvent,
  OwnProcessStalledEvent,
  SubscriptionsMovedEvent,
  SwitchReason,
  SwitchReport,
  SwitchPhases,
} from './events.ts';
export type { EndpointStatus } from './endpoint-status.ts';
export type { GeoFailoverControl } from './geo-control.ts';
export type { EndpointSnapshot, GeoSnapshot } from './geo-snapshot.ts';
export type { CommandClass } from './commands/declared-commands.ts';
export type { RetryCap, Topology } from './commands/retry-decision.ts';
export type {
  FailbackGate,
  FailbackGateContext,
  FailbackOptions,
  FailbackWindow,
  Weekday,
} from './options/failback-options.ts';
export type {
  BackoffOptions,
  CircuitBreakerOptions,
  FailoverOptions,
  HealthCheckOptions,
  Preset,
  ProbingPolicy,
  RetryOptions,
} from './options/policy-options.ts';
export type { InitializationOptions, InitializationPolicy } from './options/initialization-options.ts';
export type { EndpointCandidate, SelectEndpoint } from './options/select-endpoint.ts';
export type {
  HealthCheck,
  HealthCheckAnswer,
  HealthCheckContext,
  HealthCheckTarget,
  HealthCheckVerdict,
  HealthyVerdict,
  UnhealthyVerdict,
} from './options/health-check.ts';
export { allOf, anyOf, gateFailbackOnly, majorityOf } from './health/combined-checks.ts';
export { lagAwareHealthCheck } from './health/lag-aware/lag-aware-health-check.ts';
export type { LagAwareOptions, LagAwareTls } from './health/lag-aware/lag-aware-options.ts';
export { pingHealthCheck } from './health/ping-health-check.ts';
export { replicationHealthCheck } from './health/replication/replication-health-check.ts';
export type { ReplicationOptions } from './health/replication/replication-options.ts';
export type { ConfigurationEntry } from './options/configuration.ts';
export type { SwitchToOptions } from './options/switch-to-options.ts';
export { geoFailoverOptionsFromEnv } from './options/options-from-env.ts';
export type {
  Credentials,
  CredentialsProvider,
  EndpointOptions,
  EndpointReplacement,
  EnvironmentOptions,
  GeoFailoverOptions,
  UpdateOptions,
} from './options/types.ts';
