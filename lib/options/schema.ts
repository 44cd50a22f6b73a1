import { z } from 'zod';
import type { CommandClass } from '../commands/declared-commands.ts';
import type { RetryCap, Topology } from '../commands/retry-decision.ts';
import { parseEndpointUrl, withoutUndefined } from './endpoint-url.ts';
import type { FailbackOptions, FailbackWindow } from './failback-options.ts';
import { isPlainObject } from './mask.ts';
import type {
  BackoffOptions,
  CircuitBreakerOptions,
  FailoverOptions,
  HealthCheckOptions,
  Preset,
  ProbingPolicy,
  RetryOptions,
} from './policy-options.ts';
import type { InitializationOptions, InitializationPolicy } from './initialization-options.ts';
import type { SwitchToOptions } from './switch-to-options.ts';
import { TIME_ZONE, closesAt, isTimeZone, opensAt, weekdays } from './time-rules.ts';
import type { EndpointOptions, EnvironmentOptions, GeoFailoverOptions, UpdateOptions } from './types.ts';

const NOT_AN_OBJECT = 'must be a plain object';
const SENTINELS_IN_URL = 'cannot name sentinels: give ioredis options with `sentinels` and `name`';
const SENTINELS = 'must be a non-empty array of { host, port }';
const REDIS_URL = 'must be a valid redis:// or rediss:// URL, or the path of a socket that begins with /';
const REDIS = 'must be a redis:// or rediss:// URL, ioredis options, or a function that returns a new client';
const NO_CLIENT = 'must be a function that returns a new client each time, not a client';
const CLUSTER = `${REDIS}; a Cluster is given by such a function`;

/** The type that a rule of ours asks for, if it is about a type; zod knows that only of its own rules. */
export interface RuleParams {
  readonly expected?: 'object' | 'function' | 'string' | undefined;
}

type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<T[K]> };

function section<S extends z.ZodRawShape>(shape: S) {
  return z.preprocess(
    // Zod takes any object, and would find nothing in one whose properties are inherited.
    (value) => (isPlainObject(value) ? withoutUndefined(value) : null),
    z.strictObject(shape, { error: NOT_AN_OBJECT }),
  );
}

function atLeast(minimum: number) {
  const rule = `must be a finite number >= ${minimum}`;
  return z.number({ error: rule }).min(minimum, rule).optional();
}

function countFrom(minimum: number) {
  const rule = `must be an integer >= ${minimum}`;
  return z.int({ error: rule }).min(minimum, rule).optional();
}

function oneOf<const T extends string>(...values: readonly [T, ...T[]]) {
  const rule = `must be one of ${values.map((value) => `"${value}"`).join(', ')}`;
  return z.enum(values, { error: rule }).optional();
}

type Refuse = (rule: string, about?: RuleParams & { readonly path?: string[] }) => void;

/** Zod hands these on by reference: ioredis's options hold sockets' options, functions and classes. */
function custom<T>(check: (value: unknown, refuse: Refuse) => void) {
  return z.unknown().superRefine((value, context) => {
    check(value, (message, { expected, path = [] } = {}) => {
      context.addIssue({ code: 'custom', message, path, params: { expected } satisfies RuleParams });
    });
  }) as z.ZodType<T>;
}

function optionalFunction<T>() {
  return custom<T>((value, refuse) => {
    if (value !== undefined && typeof value !== 'function') refuse('must be a function', { expected: 'function' });
  }).optional();
}

const noWindows = 'must be a non-empty array of { from, to }';
const positive = 'must be a finite number > 0';
const share = 'must be a finite number > 0 and <= 1';
const id = 'must be a non-empty string of at most 128 characters';
const cap = oneOf<RetryCap>('none', 'read-only', 'effect-and-reply', 'effect', 'any');

const classes: readonly [CommandClass, ...CommandClass[]] = ['read-only', 'effect-and-reply', 'effect', 'other-write'];
const commandClass = oneOf(...classes).unwrap();

const healthCheck = {
  check: optionalFunction<HealthCheckOptions['check']>(),
  intervalMs: atLeast(10),
  timeoutMs: atLeast(1),
  probes: countFrom(1),
  probeDelayMs: atLeast(0),
  policy: oneOf<ProbingPolicy>('all', 'any', 'majority'),
} satisfies Shape<HealthCheckOptions>;

const circuitBreaker = {
  windowMs: atLeast(100),
  failureRate: z.number({ error: share }).gt(0, share).max(1, share).optional(),
  minFailures: countFrom(1),
  consecutiveFailures: countFrom(1),
  halfOpenAfterMs: atLeast(0),
  breaker: optionalFunction<CircuitBreakerOptions['breaker']>(),
} satisfies Shape<CircuitBreakerOptions>;

const strategy = custom<BackoffOptions['strategy']>((value, refuse) => {
  const { next } = (value ?? {}) as { readonly next?: unknown };
  if (value !== undefined && typeof next !== 'function') refuse('must be a backoff of cockatiel, with next()');
}).optional();

const backoff = { initialMs: atLeast(1), maxMs: atLeast(1), strategy } satisfies Shape<BackoffOptions>;

const retry = {
  sameEndpoint: cap,
  otherEndpoint: cap,
  deadlineMs: atLeast(1),
  commands: z.record(z.string(), commandClass, { error: NOT_AN_OBJECT }).optional(),
  backoff: section(backoff).optional(),
} satisfies Shape<RetryOptions>;

const failover = {
  silenceFloorMs: atLeast(20),
  silenceCeilingMs: atLeast(20),
  verifyTimeoutMs: atLeast(10),
  localRecoveryMs: atLeast(0),
  maxWaitingCommands: countFrom(0),
  maxWaitingBytes: countFrom(0),
  drainMs: atLeast(0),
  selectEndpoint: optionalFunction<FailoverOptions['selectEndpoint']>(),
} satisfies Shape<FailoverOptions>;

const window = {
  from: opensAt,
  to: closesAt,
  days: weekdays.optional(),
  timeZone: custom<FailbackWindow['timeZone']>((value, refuse) => {
    if (value !== undefined && !isTimeZone(value)) refuse(TIME_ZONE, { expected: 'string' });
  }).optional(),
} satisfies Shape<FailbackWindow>;

const failback = {
  enabled: z.boolean({ error: 'must be true or false' }).optional(),
  gracePeriodMs: atLeast(0),
  maxGracePeriodMs: atLeast(0),
  consecutiveSuccesses: countFrom(1),
  jitterMs: atLeast(0),
  allowEmptyEndpoint: z.boolean({ error: 'must be true or false' }).optional(),
  windows: z.array(section(window), { error: noWindows }).min(1, noWindows).optional(),
  gate: optionalFunction<FailbackOptions['gate']>(),
} satisfies Shape<FailbackOptions>;

const initialization = {
  policy: oneOf<InitializationPolicy>('one', 'majority', 'all'),
  timeoutMs: atLeast(0),
} satisfies Shape<InitializationOptions>;

function checkRedis(value: unknown, refuse: Refuse): void {
  if (typeof value === 'string') checkUrl(value, refuse);
  else if (isPlainObject(value)) checkRedisOptions(value, refuse);
  else if (typeof value !== 'function') refuse(redisRule(value), { expected: 'object' });
}

function redisRule(value: unknown): string {
  if (Array.isArray(value)) return CLUSTER;
  const isClient = typeof (value as { defineCommand?: unknown } | null | undefined)?.defineCommand === 'function';
  return isClient ? NO_CLIENT : REDIS;
}

function checkUrl(value: string, refuse: Refuse): void {
  const parsed = parseEndpointUrl(value);
  if (parsed === undefined) refuse(REDIS_URL);
  else if (parsed['sentinels'] !== undefined) refuse(SENTINELS_IN_URL);
}

function checkRedisOptions(value: Readonly<Record<string, unknown>>, refuse: Refuse): void {
  const { sentinels } = value;
  if (sentinels === undefined || sentinels === null) return;
  if (!Array.isArray(sentinels) || sentinels.length === 0) refuse(SENTINELS, { path: ['sentinels'] });
}

const endpoint = {
  id: z.string({ error: id }).min(1, id).max(128, id),
  weight: z.number({ error: positive }).gt(0, positive).optional(),
  redis: custom<EndpointOptions['redis']>(checkRedis),
  credentialsProvider: optionalFunction<EndpointOptions['credentialsProvider']>(),
  healthCheck: section(healthCheck).optional(),
} satisfies Shape<EndpointOptions>;

const noEndpoints = 'must be a non-empty array';

const endpoints = z.array(section(endpoint), { error: noEndpoints }).min(1, noEndpoints);

const common = {
  redis: custom<GeoFailoverOptions['redis']>((value, refuse) => {
    if (isPlainObject(value)) checkRedisOptions(value, refuse);
    else if (value !== undefined) refuse('must be a plain object of ioredis options', { expected: 'object' });
  }).optional(),
  preset: oneOf<Preset>('fast', 'balanced', 'conservative'),
  topology: oneOf<Topology>('active-active', 'independent'),
  healthCheck: section(healthCheck).optional(),
  circuitBreaker: section(circuitBreaker).optional(),
  retry: section(retry).optional(),
  failover: section(failover).optional(),
  failback: section(failback).optional(),
  initialization: section(initialization).optional(),
  onSwitch: optionalFunction<GeoFailoverOptions['onSwitch']>(),
} satisfies Shape<Omit<GeoFailoverOptions, 'endpoints' | 'environment' | 'environments'>>;

const ofEnvironment = { endpoints: endpoints.optional(), ...common } satisfies Shape<EnvironmentOptions>;

const options = {
  endpoints,
  ...common,
  environment: z.string({ error: 'must be the name of an environment' }).optional(),
  environments: z.record(z.string(), section(ofEnvironment), { error: NOT_AN_OBJECT }).optional(),
} satisfies Shape<GeoFailoverOptions>;

export const optionsSchema: z.ZodType<GeoFailoverOptions> = section(options);
export const endpointSchema: z.ZodType<EndpointOptions> = section(endpoint);

const update = {
  ...{ healthCheck: common.healthCheck, circuitBreaker: common.circuitBreaker, retry: common.retry },
  ...{ failover: common.failover, failback: common.failback },
} satisfies Shape<UpdateOptions>;

export const updateSchema: z.ZodType<UpdateOptions> = section(update);

const switchTo = {
  force: z.boolean({ error: 'must be true or false' }).optional(),
  drainMs: atLeast(0),
  pinMs: atLeast(1),
} satisfies Shape<SwitchToOptions>;

export const switchToSchema: z.ZodType<SwitchToOptions> = section(switchTo);

/** The names of each part of the options. A part is named by its path without indices. */
export const KNOWN_NAMES: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(options),
  environments: Object.keys(ofEnvironment),
  endpoints: Object.keys(endpoint),
  'endpoints.healthCheck': Object.keys(healthCheck),
  healthCheck: Object.keys(healthCheck),
  circuitBreaker: Object.keys(circuitBreaker),
  retry: Object.keys(retry),
  'retry.backoff': Object.keys(backoff),
  failover: Object.keys(failover),
  failback: Object.keys(failback),
  'failback.windows': Object.keys(window),
  initialization: Object.keys(initialization),
  switchTo: Object.keys(switchTo),
  update: Object.keys(update),
};
