import { expectTypeOf } from 'expect-type';
import {
  allOf,
  anyOf,
  createGeoFailoverRedis,
  gateFailbackOnly,
  majorityOf,
  type EndpointStatus,
  type HealthCheck,
  type HealthCheckAnswer,
  type HealthCheckContext,
  type HealthCheckOptions,
  type HealthCheckReason,
  type HealthCheckVerdict,
  type HealthStatusChangedEvent,
  lagAwareHealthCheck,
  pingHealthCheck,
} from '../../lib/index.ts';

const endpoints = [{ id: 'east', redis: 'redis://a' }] as const;

// A check answers by a truth value or a verdict, at once or later.
createGeoFailoverRedis({ endpoints, healthCheck: { check: () => true } });
createGeoFailoverRedis({ endpoints, healthCheck: { check: async ({ call }) => (await call('PING')) === 'PONG' } });
createGeoFailoverRedis({
  endpoints: [{ id: 'east', redis: 'redis://a', healthCheck: { check: pingHealthCheck() } }],
  healthCheck: {
    check: (context) => {
      expectTypeOf(context).toEqualTypeOf<HealthCheckContext>();
      return context.isActive ? { ok: true } : { ok: false, reason: 'lag', message: 'behind', failbackOnly: true };
    },
  },
});
expectTypeOf<HealthCheckOptions['check']>().toEqualTypeOf<HealthCheck | undefined>();
expectTypeOf<HealthCheckAnswer>().toEqualTypeOf<boolean | HealthCheckVerdict>();
expectTypeOf<ReturnType<HealthCheck>>().toEqualTypeOf<HealthCheckAnswer | Promise<HealthCheckAnswer>>();
expectTypeOf<HealthCheckContext['signal']>().toEqualTypeOf<AbortSignal>();
expectTypeOf<HealthCheckContext['options']>().toEqualTypeOf<{
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly tls: boolean;
}>();
expectTypeOf<HealthCheckReason>().toEqualTypeOf<
  | ('timeout' | 'refused' | 'connection' | 'dns' | 'tls' | 'auth')
  | ('role' | 'loading' | 'rejected' | 'lag' | 'http' | 'custom')
>();

// The reason is told.
expectTypeOf<HealthStatusChangedEvent['reason']>().toEqualTypeOf<HealthCheckReason | undefined>();
expectTypeOf<EndpointStatus['lastReason']>().toEqualTypeOf<HealthCheckReason | undefined>();
expectTypeOf<EndpointStatus['isHeldBack']>().toEqualTypeOf<boolean>();

// @ts-expect-error a check is a function
createGeoFailoverRedis({ endpoints, healthCheck: { check: 'ping' } });
// @ts-expect-error a check answers
createGeoFailoverRedis({ endpoints, healthCheck: { check: () => undefined } });
// @ts-expect-error a bad verdict has a reason
createGeoFailoverRedis({ endpoints, healthCheck: { check: () => ({ ok: false }) } });
// @ts-expect-error there is no such reason
createGeoFailoverRedis({ endpoints, healthCheck: { check: () => ({ ok: false, reason: 'bored' }) } });
// @ts-expect-error the function makes the check
createGeoFailoverRedis({ endpoints, healthCheck: { check: pingHealthCheck } });

// Checks are combined to checks.
expectTypeOf(allOf(pingHealthCheck(), () => true)).toEqualTypeOf<HealthCheck>();
expectTypeOf(anyOf(() => Promise.resolve(true))).toEqualTypeOf<HealthCheck>();
expectTypeOf(majorityOf(gateFailbackOnly(pingHealthCheck()))).toEqualTypeOf<HealthCheck>();
// @ts-expect-error a name is no check
allOf('ping');

// The lag-aware check needs a user, and nothing else.
const credentials = { username: 'viewer', password: 'secret' };
expectTypeOf(lagAwareHealthCheck({ credentials })).toEqualTypeOf<HealthCheck>();
lagAwareHealthCheck({
  url: 'https://cluster.example.com:9443',
  credentials: () => Promise.resolve(credentials),
  bdbId: 7,
  lagToleranceMs: 1_000,
  extendedCheck: false,
  variant: 'local',
  evictUnavailable: true,
  tls: { ca: ['PEM'], cert: 'PEM', key: Buffer.from('PEM'), rejectUnauthorized: true, servername: 'cluster' },
});
// @ts-expect-error a user is needed
lagAwareHealthCheck({});
// @ts-expect-error there are two variants
lagAwareHealthCheck({ credentials, variant: 'node' });
// @ts-expect-error there is no such option
lagAwareHealthCheck({ credentials, bdbUid: 7 });
