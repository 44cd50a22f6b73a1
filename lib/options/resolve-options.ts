import { isSame, keptIfSame } from './changes.ts';
import { checkEndpoint, checkOptions, checkUpdate } from './check-options.ts';
import { noteLayers, noteReplacement, noteUpdate } from './configuration.ts';
import type { Topology } from '../commands/retry-decision.ts';
import { DEFAULT_PRESET, DEFAULT_WEIGHT, DEFAULTS, defaultMaxGracePeriodMs } from './defaults.ts';
import { applyEnvironment, mergeOptions } from './environments.ts';
import { mergeRedisOptions, withoutUndefined } from './endpoint-url.ts';
import type { FailbackOptions } from './failback-options.ts';
import { isPlainObject } from './mask.ts';
import { PRESETS } from './presets.ts';
import { invalidOptions } from './problems.ts';
import type {
  EndpointOptions,
  GeoFailoverOptions,
  PresentOptions,
  ResolvedEndpoint,
  ResolvedFailback,
  ResolvedFailover,
  ResolvedOptions,
  ResolvedRetry,
} from './types.ts';

export { normalizeArguments } from './short-form.ts';

/**
 * Checks the options and fills in every default. Neither the options nor anything in them is changed.
 *
 * @param nodeEnv The environment of the process, for options that hold there only.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once
 */
export function resolveOptions(options: unknown, nodeEnv = process.env['NODE_ENV']): ResolvedOptions {
  const { given, problems } = checkOptions(options, nodeEnv);
  if (problems !== undefined) throw invalidOptions(problems);
  const { endpoints, onSwitch, ...rest } = applyEnvironment(given, nodeEnv);
  const shared = resolveShared(rest);
  const resolved = Object.freeze({
    ...shared,
    endpoints: Object.freeze(endpoints.map((endpoint) => mergeEndpoint(endpoint, shared))),
    ...(onSwitch !== undefined && { onSwitch }),
  });
  noteLayers(resolved, options, nodeEnv);
  resolvedFrom.set(resolved, rest);
  return resolved;
}

/**
 * Checks what shall be different from now on. Nothing of the present options is changed.
 *
 * @param isStarted Commands do not wait for the start any more.
 * @returns the same options when nothing is different.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once
 */
export function resolveUpdate(
  changes: unknown,
  present: ResolvedOptions,
  { isStarted = false }: { readonly isStarted?: boolean } = {},
): ResolvedOptions {
  const before = resolvedFrom.get(present) ?? {};
  const { given, problems } = checkUpdate(changes, before, isStarted);
  if (problems !== undefined) throw invalidOptions(problems);
  const merged = mergeOptions(before, given);
  const { healthCheck, circuitBreaker, retry, failover, failback } = resolveShared(merged);
  const updated = Object.freeze({
    ...present,
    healthCheck: keptIfSame(present.healthCheck, healthCheck),
    circuitBreaker: keptIfSame(present.circuitBreaker, circuitBreaker),
    retry: keptIfSame(present.retry, keepingParts(present.retry, retry)),
    failover: keptIfSame(present.failover, failover),
    failback: keptIfSame(present.failback, keepingWindows(present.failback, failback)),
  });
  if (isSame(present, updated)) return present;
  noteUpdate(present, updated);
  resolvedFrom.set(updated, merged);
  return updated;
}

type Shared = Omit<ResolvedOptions, 'endpoints' | 'onSwitch'>;
type GivenShared = Omit<GeoFailoverOptions, 'endpoints' | 'onSwitch'>;

/** What options were made of: an update is laid over it, so that what follows from other options follows from the new ones. */
const resolvedFrom = new WeakMap<ResolvedOptions, GivenShared>();

/** Who made something of these need not make it again. */
function keepingParts(present: ResolvedRetry, retry: ResolvedRetry): ResolvedRetry {
  const commands = retry.commands && { commands: keptIfSame(present.commands, retry.commands) };
  return Object.freeze({ ...retry, ...commands, backoff: keptIfSame(present.backoff, retry.backoff) });
}

function keepingWindows(present: ResolvedFailback, failback: ResolvedFailback): ResolvedFailback {
  const { windows } = failback;
  return Object.freeze({ ...failback, ...(windows && { windows: keptIfSame(present.windows, windows) }) });
}

/**
 * Checks an endpoint that joins those of `shared`, from which it must differ by its id.
 *
 * @param path - how the endpoint is called in problems
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once
 */
export function resolveEndpoint(endpoint: unknown, shared: PresentOptions, path = 'endpoint'): ResolvedEndpoint {
  const { given, problems } = checkEndpoint(endpoint, shared, path);
  if (problems !== undefined) throw invalidOptions(problems);
  return mergeEndpoint(given, shared);
}

/**
 * Checks what shall have the place of one of the endpoints of `shared`.
 *
 * @param replaced Keeps its id, and its weight unless another one is given.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once
 */
export function resolveReplacement(
  endpoint: unknown,
  replaced: Pick<ResolvedEndpoint, 'id' | 'weight'>,
  shared: PresentOptions,
): ResolvedEndpoint {
  const { id, weight } = replaced;
  const completed = isPlainObject(endpoint) ? { id, weight, ...withoutUndefined(endpoint) } : endpoint;
  const { given, problems } = checkEndpoint(completed, shared, 'endpoint', id);
  if (problems !== undefined) throw invalidOptions(problems);
  const resolved = mergeEndpoint(given, shared);
  noteReplacement(resolved);
  return resolved;
}

function resolveShared(given: GivenShared): Shared {
  const topology = given.topology ?? DEFAULTS.topology;
  const preset = PRESETS[given.preset ?? DEFAULT_PRESET];
  return {
    redis: Object.freeze(withoutUndefined(given.redis ?? {})),
    topology,
    healthCheck: Object.freeze({ ...DEFAULTS.healthCheck, ...preset.healthCheck, ...given.healthCheck }),
    circuitBreaker: Object.freeze({ ...DEFAULTS.circuitBreaker, ...preset.circuitBreaker, ...given.circuitBreaker }),
    retry: resolveRetry(given.retry),
    failover: resolveFailover({ ...DEFAULTS.failover, ...preset.failover, ...given.failover }),
    failback: resolveFailback({ ...DEFAULTS.failback, ...preset.failback, ...given.failback }, topology),
    initialization: Object.freeze({ ...DEFAULTS.initialization, ...given.initialization }),
  };
}

/** A floor that is given alone raises the ceiling. */
function resolveFailover(failover: ResolvedFailover): ResolvedFailover {
  const silenceCeilingMs = Math.max(failover.silenceFloorMs, failover.silenceCeilingMs);
  return Object.freeze({ ...failover, silenceCeilingMs });
}

type GivenFailback = Omit<ResolvedFailback, 'allowEmptyEndpoint' | 'maxGracePeriodMs'> & FailbackOptions;

function resolveFailback(given: GivenFailback, topology: Topology): ResolvedFailback {
  const allowEmptyEndpoint = topology === 'independent';
  const maxGracePeriodMs = defaultMaxGracePeriodMs(given.gracePeriodMs);
  const windows = given.windows?.map(({ days, ...window }) =>
    Object.freeze({ ...window, ...(days && { days: Object.freeze([...days]) }) }),
  );
  return Object.freeze({
    ...{ allowEmptyEndpoint, maxGracePeriodMs, ...given },
    ...(windows && { windows: Object.freeze(windows) }),
  });
}

function resolveRetry(given: GeoFailoverOptions['retry']): ResolvedRetry {
  const backoff = Object.freeze({ ...DEFAULTS.retry.backoff, ...given?.backoff });
  const commands = given?.commands && { commands: Object.freeze({ ...given.commands }) };
  return Object.freeze({ ...DEFAULTS.retry, ...given, ...commands, backoff });
}

function mergeEndpoint(given: EndpointOptions, shared: Shared): ResolvedEndpoint {
  const { id, weight = DEFAULT_WEIGHT, redis } = given;
  return Object.freeze({
    id,
    weight,
    ...(given.credentialsProvider !== undefined && { credentialsProvider: given.credentialsProvider }),
    redis: typeof redis === 'function' ? redis : Object.freeze(mergeRedisOptions(redis, shared.redis)),
    healthCheck: Object.freeze({ ...given.healthCheck }),
  });
}
