import { ConsecutiveBreaker } from 'cockatiel';
import { expectTypeOf } from 'expect-type';
import {
  type ActionFailedEvent,
  type AllEndpointsUnhealthyEvent,
  type ChecksOverruledEvent,
  type CircuitState,
  type CircuitStateChangedEvent,
  type ConfigurationEntry,
  type DegradedStartEvent,
  type EndpointLostDataEvent,
  type EndpointOptions,
  type EndpointReplacement,
  type EndpointSnapshot,
  type EndpointStatus,
  type GeoSnapshot,
  type EndpointSwitchedEvent,
  type GeoFailoverControl,
  type GeoFailoverError,
  type GeoFailoverErrorCode,
  type GeoFailoverEventName,
  type GeoFailoverEvents,
  type HealthStatus,
  type HealthStatusChangedEvent,
  isGeoFailoverError,
  type OptionProblem,
  type OwnNetworkSuspectedEvent,
  type OwnProcessStalledEvent,
  type Outcome,
  type SwitchKind,
  type SubscriptionsMovedEvent,
  type SwitchReason,
  type SwitchPhases,
  type SwitchReport,
  type SwitchToOptions,
  type UpdateOptions,
} from '../../lib/index.ts';

declare const geo: GeoFailoverControl;
declare const endpoint: EndpointOptions;

// What is known.
expectTypeOf(geo.activeEndpoint).toEqualTypeOf<string>();
expectTypeOf(geo.epoch).toEqualTypeOf<number>();
expectTypeOf(geo.unavailableForMs).toEqualTypeOf<number>();
expectTypeOf(geo.endpoints()).toEqualTypeOf<EndpointStatus[]>();
expectTypeOf(geo.detectionBoundMs).toEqualTypeOf<number>();
expectTypeOf(geo.snapshot()).toEqualTypeOf<GeoSnapshot>();
expectTypeOf<GeoSnapshot['endpoints'][number]>().toEqualTypeOf<EndpointSnapshot>();
expectTypeOf<EndpointSnapshot['lastError']>().toEqualTypeOf<string | undefined>();
expectTypeOf<EndpointStatus['health']>().toEqualTypeOf<HealthStatus>();
expectTypeOf<EndpointStatus['circuit']>().toEqualTypeOf<CircuitState>();
expectTypeOf<EndpointStatus['holdDownMs']>().toEqualTypeOf<number>();
expectTypeOf<EndpointStatus['holdDownRemainingMs']>().toEqualTypeOf<number>();
expectTypeOf<EndpointStatus['lastError']>().toEqualTypeOf<Error | undefined>();
// @ts-expect-error an endpoint becomes active by switchTo()
geo.activeEndpoint = 'west';
// @ts-expect-error only switches count
geo.epoch = 2;

// What can be done.
expectTypeOf(geo.update({ failback: { enabled: true } })).toEqualTypeOf<readonly ConfigurationEntry[]>();
expectTypeOf<keyof UpdateOptions>().toEqualTypeOf<
  'healthCheck' | 'circuitBreaker' | 'retry' | 'failover' | 'failback'
>();
geo.update({ circuitBreaker: { windowMs: 500 }, healthCheck: { check: () => true } });
// @ts-expect-error what a breaker has counted belongs to it
geo.update({ circuitBreaker: { breaker: () => new ConsecutiveBreaker(3) } });
// @ts-expect-error endpoints come and go by add() and remove()
geo.update({ endpoints: [] });
// @ts-expect-error a name that does not exist
geo.update({ failover: { drain: 5 } });
expectTypeOf(geo.switchTo('west')).resolves.toEqualTypeOf<SwitchReport>();
expectTypeOf(geo.switchTo('west', { force: true, drainMs: 0 })).resolves.toEqualTypeOf<SwitchReport>();
expectTypeOf<SwitchToOptions>().toEqualTypeOf<{
  readonly force?: boolean;
  readonly drainMs?: number;
  readonly pinMs?: number;
}>();
expectTypeOf<GeoFailoverControl['failback']>().toEqualTypeOf<() => Promise<SwitchReport | undefined>>();
expectTypeOf<GeoFailoverControl['isolate']>().toEqualTypeOf<(id: string) => Promise<SwitchReport | undefined>>();
expectTypeOf<GeoFailoverControl['rejoin']>().toEqualTypeOf<(id: string) => void>();
expectTypeOf<GeoFailoverControl['release']>().toEqualTypeOf<() => void>();
expectTypeOf<GeoFailoverControl['setWeight']>().toEqualTypeOf<(id: string, weight: number) => void>();
expectTypeOf<GeoFailoverControl['add']>().toEqualTypeOf<(endpoint: EndpointOptions) => void>();
expectTypeOf(geo.remove('west')).resolves.toEqualTypeOf<SwitchReport | undefined>();
expectTypeOf(geo.replace('west', { redis: 'redis://a' })).resolves.toEqualTypeOf<SwitchReport | undefined>();
expectTypeOf<GeoFailoverControl['replace']>().parameters.toEqualTypeOf<[id: string, endpoint: EndpointReplacement]>();
expectTypeOf<EndpointReplacement>().toExtend<Partial<EndpointOptions>>();
expectTypeOf(endpoint).toExtend<EndpointReplacement>();
// @ts-expect-error nothing but id and weight is kept
void geo.replace('west', { weight: 1 });
// @ts-expect-error an endpoint is named by its id
void geo.switchTo(endpoint);
// @ts-expect-error a weight is needed
geo.setWeight('west');
// @ts-expect-error a URL has no id
geo.add('redis://a');

// Every event has the payload of its name.
geo.on('endpointSwitched', (event) => expectTypeOf(event).toEqualTypeOf<EndpointSwitchedEvent>());
geo.on('healthStatusChanged', (event) => expectTypeOf(event).toEqualTypeOf<HealthStatusChangedEvent>());
geo.on('circuitStateChanged', (event) => expectTypeOf(event).toEqualTypeOf<CircuitStateChangedEvent>());
geo.on('allEndpointsUnhealthy', (event) => expectTypeOf(event).toEqualTypeOf<AllEndpointsUnhealthyEvent>());
geo.on('ownNetworkSuspected', (event) => expectTypeOf(event).toEqualTypeOf<OwnNetworkSuspectedEvent>());
geo.on('ownProcessStalled', (event) => expectTypeOf(event).toEqualTypeOf<OwnProcessStalledEvent>());
geo.on('checksOverruled', (event) => expectTypeOf(event).toEqualTypeOf<ChecksOverruledEvent>());
geo.on('endpointLostData', (event) => expectTypeOf(event).toEqualTypeOf<EndpointLostDataEvent>());
geo.on('degradedStart', (event) => expectTypeOf(event).toEqualTypeOf<DegradedStartEvent>());
geo.on('subscriptionsMoved', (event) => expectTypeOf(event).toEqualTypeOf<SubscriptionsMovedEvent>());
geo.on('actionFailed', (event) => expectTypeOf(event).toEqualTypeOf<ActionFailedEvent>());
geo.once('endpointSwitched', (event) => expectTypeOf(event).toEqualTypeOf<EndpointSwitchedEvent>());
geo.off('endpointSwitched', (event) => expectTypeOf(event).toEqualTypeOf<EndpointSwitchedEvent>());
expectTypeOf(geo.on('degradedStart', () => undefined)).toEqualTypeOf<GeoFailoverControl>();
expectTypeOf<GeoFailoverEventName>().toEqualTypeOf<keyof GeoFailoverEvents>();
// Fails when an event is added and its payload is not looked at above.
expectTypeOf<GeoFailoverEventName>().toEqualTypeOf<
  | 'endpointSwitched'
  | 'healthStatusChanged'
  | 'circuitStateChanged'
  | 'allEndpointsUnhealthy'
  | 'ownNetworkSuspected'
  | 'ownProcessStalled'
  | 'checksOverruled'
  | 'endpointLostData'
  | 'degradedStart'
  | 'subscriptionsMoved'
  | 'actionFailed'
>();
// @ts-expect-error there is no such event
geo.on('switched', () => undefined);
// @ts-expect-error the payload is of another event
geo.on('degradedStart', (event: EndpointSwitchedEvent) => event);

expectTypeOf<EndpointLostDataEvent>().toEqualTypeOf<{
  readonly endpointId: string;
  readonly database: number;
  readonly keysBefore: number;
  readonly isOtherProcess: true | undefined;
}>();
expectTypeOf<EndpointSwitchedEvent>().toEqualTypeOf<{
  readonly from: string;
  readonly to: string;
  readonly kind: SwitchKind;
  readonly reason: SwitchReason;
  readonly epoch: number;
  readonly durationMs: number;
  readonly at: number;
  readonly report?: SwitchReport | undefined;
}>();
expectTypeOf<SwitchReport>().toEqualTypeOf<{
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
  readonly moved: number;
  readonly drained: number;
  readonly interrupted: number;
  readonly isDrained: boolean;
  readonly heldMs: number;
  readonly phases: SwitchPhases;
}>();
expectTypeOf<SwitchPhases>().toEqualTypeOf<{
  readonly checkMs: number;
  readonly drainMs: number;
  readonly switchMs: number;
}>();
expectTypeOf<HealthStatusChangedEvent['error']>().toEqualTypeOf<Error | undefined>();
expectTypeOf<AllEndpointsUnhealthyEvent['retryAfterMs']>().toEqualTypeOf<number>();
expectTypeOf<DegradedStartEvent['missing']>().toEqualTypeOf<readonly string[]>();
expectTypeOf<ActionFailedEvent['error']>().toEqualTypeOf<Error>();

// Errors are told apart by their code.
const caught: unknown = new Error();
if (isGeoFailoverError(caught, 'GEO_AMBIGUOUS')) {
  expectTypeOf(caught).toEqualTypeOf<GeoFailoverError>();
  expectTypeOf(caught.code).toEqualTypeOf<GeoFailoverErrorCode>();
  expectTypeOf(caught.outcome).toEqualTypeOf<Outcome | undefined>();
  expectTypeOf(caught.problems).toEqualTypeOf<readonly OptionProblem[] | undefined>();
}
expectTypeOf<GeoFailoverError>().toExtend<Error>();
// @ts-expect-error there is no such code
isGeoFailoverError(caught, 'GEO_UNKNOWN');
