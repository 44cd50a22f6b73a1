import { expectTypeOf } from 'expect-type';
import type { Redis, RedisOptions } from 'ioredis';
import {
  createGeoFailoverRedis,
  type EndpointSwitchedEvent,
  type GeoFailoverOptions,
  type InitializationPolicy,
  type ProbingPolicy,
  type RetryCap,
} from '../../lib/index.ts';

declare const connectLater: () => Promise<Redis>;

const endpoints = [{ id: 'east', redis: 'redis://a' }] as const;

// Everything but the endpoints may be left out.
createGeoFailoverRedis({ endpoints });
expectTypeOf<{ endpoints: GeoFailoverOptions['endpoints'] }>().toExtend<GeoFailoverOptions>();
expectTypeOf<GeoFailoverOptions>().pick<'redis'>().toEqualTypeOf<{ readonly redis?: RedisOptions }>();

// Every option that there is.
createGeoFailoverRedis({
  endpoints: [{ id: 'east', weight: 1, redis: 'redis://a', healthCheck: { policy: 'majority', probes: 3 } }],
  redis: { username: 'app', password: 'secret' },
  healthCheck: { intervalMs: 1, timeoutMs: 1, probes: 1, probeDelayMs: 1, policy: 'any' },
  circuitBreaker: { windowMs: 1, failureRate: 1, minFailures: 1, consecutiveFailures: 1, halfOpenAfterMs: 1 },
  retry: {
    sameEndpoint: 'any',
    otherEndpoint: 'none',
    deadlineMs: 1,
    commands: { 'my.add': 'effect', 'fcall f': 'read-only' },
    backoff: { initialMs: 1, maxMs: 1 },
  },
  failover: { silenceFloorMs: 1, verifyTimeoutMs: 1, maxWaitingCommands: 1, maxWaitingBytes: 1, drainMs: 1 },
  failback: {
    ...{ enabled: false, gracePeriodMs: 1, maxGracePeriodMs: 1, consecutiveSuccesses: 1, jitterMs: 1 },
    windows: [{ from: '02:00', to: '05:00', days: ['mon'], timeZone: 'Europe/Berlin' }],
  },
  initialization: { policy: 'majority', timeoutMs: 1 },
  onSwitch: (event) => {
    expectTypeOf(event).toEqualTypeOf<EndpointSwitchedEvent>();
  },
});
createGeoFailoverRedis({ endpoints, onSwitch: () => Promise.resolve() });
expectTypeOf<ProbingPolicy>().toEqualTypeOf<'all' | 'any' | 'majority'>();
expectTypeOf<InitializationPolicy>().toEqualTypeOf<'one' | 'majority' | 'all'>();
expectTypeOf<RetryCap>().toEqualTypeOf<'none' | 'read-only' | 'effect-and-reply' | 'effect' | 'any'>();

// @ts-expect-error endpoints are required
createGeoFailoverRedis({});
// @ts-expect-error an endpoint needs an id
createGeoFailoverRedis({ endpoints: [{ redis: 'redis://a' }] });
// @ts-expect-error an endpoint needs to be somewhere
createGeoFailoverRedis({ endpoints: [{ id: 'east' }] });
// @ts-expect-error a port alone is no endpoint
createGeoFailoverRedis({ endpoints: [{ id: 'east', redis: 6379 }] });
// @ts-expect-error a factory returns an ioredis client
createGeoFailoverRedis({ endpoints: [{ id: 'east', redis: () => 'redis://a' }] });
// @ts-expect-error a factory is not asynchronous
createGeoFailoverRedis({ endpoints: [{ id: 'east', redis: connectLater }] });
// @ts-expect-error ioredis has no such option
createGeoFailoverRedis({ endpoints: [{ id: 'east', redis: { hostname: 'a' } }] });
// @ts-expect-error a weight is a number
createGeoFailoverRedis({ endpoints: [{ id: 'east', weight: '1', redis: 'redis://a' }] });
// @ts-expect-error there is no such option
createGeoFailoverRedis({ endpoints, timeoutMs: 1 });
// @ts-expect-error there is no such option of the group
createGeoFailoverRedis({ endpoints, healthCheck: { interval: 1 } });
// @ts-expect-error a number of milliseconds is a number
createGeoFailoverRedis({ endpoints, healthCheck: { intervalMs: '1s' } });
// @ts-expect-error there is no such policy
createGeoFailoverRedis({ endpoints, healthCheck: { policy: 'most' } });
// @ts-expect-error there is no such class
createGeoFailoverRedis({ endpoints, retry: { otherEndpoint: 'effects' } });
// @ts-expect-error a class is not one of a message
createGeoFailoverRedis({ endpoints, retry: { commands: { 'my.add': 'message' } } });
// @ts-expect-error days have three letters
createGeoFailoverRedis({ endpoints, failback: { windows: [{ from: '02:00', to: '05:00', days: ['monday'] }] } });
// @ts-expect-error the group is an object
createGeoFailoverRedis({ endpoints, failback: false });
// @ts-expect-error an action is a function
createGeoFailoverRedis({ endpoints, onSwitch: 'log' });
// @ts-expect-error the action is told of a switch
createGeoFailoverRedis({ endpoints, onSwitch: (event: number) => event });
