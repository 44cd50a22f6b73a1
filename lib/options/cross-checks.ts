import type { RedisOptions } from 'ioredis';
import type { OptionProblem } from '../errors.ts';
import { DEFAULTS } from './defaults.ts';
import { ENCODING_NAMES, encodingOf } from './encoding.ts';
import { mergeRedisOptions, parseEndpointUrl } from './endpoint-url.ts';
import { isPlainObject, printValue } from './mask.ts';
import { PRESETS } from './presets.ts';
import { joinPath } from './problems.ts';
import type { PresentOptions } from './types.ts';

interface Reference {
  readonly name: string;
  readonly redis: RedisOptions;
}

/** Rules between several options. They look at the raw input, so that they are reported along with its other problems. */
export function crossCheckOptions(options: unknown): OptionProblem[] {
  const given = fieldsOf(options);
  const endpoints: readonly unknown[] = Array.isArray(given['endpoints']) ? given['endpoints'] : [];
  return [
    ...duplicateIds(endpoints),
    ...backoffProblems(given['retry']),
    ...silenceProblems(given['failover'], given['preset']),
    ...gracePeriodProblems(given['failback'], given['preset']),
    ...startProblems(given),
    ...windowProblems(fieldsOf(given['failback'])['windows']),
    ...encodings(endpoints, given['redis']),
    ...endpoints.flatMap((endpoint, index) =>
      sentinelProblems(usableOptions(endpoint, sharedOf(given['redis'])), `endpoints[${index}].redis`),
    ),
  ];
}

/** The same for one endpoint that joins others, or replaces one of them. */
export function crossCheckEndpoint(
  endpoint: unknown,
  shared: PresentOptions,
  path: string,
  replacedId?: string,
): OptionProblem[] {
  const problems: OptionProblem[] = [];
  const id = fieldsOf(endpoint)['id'];
  if (replacedId !== undefined) {
    if (id !== replacedId) {
      const rule = `must be ${printValue(replacedId)}, or left out`;
      problems.push({ path: joinPath(path, ['id']), rule, value: printValue(id) });
    }
  } else if (shared.endpoints.some((other) => other.id === id)) {
    problems.push({ path: joinPath(path, ['id']), rule: 'must be unique', value: printValue(id) });
  }
  const redis = usableOptions(endpoint, shared.redis);
  if (redis === undefined) return problems;
  const redisPath = joinPath(path, ['redis']);
  return [
    ...problems,
    ...encodingProblems(redis, referenceOf(shared), redisPath),
    ...sentinelProblems(redis, redisPath),
  ];
}

/** Commands are encoded by the same, whether an endpoint has such options or not. */
function referenceOf({ endpoints, encoding }: PresentOptions): Reference {
  for (const { id, redis } of endpoints) {
    if (typeof redis !== 'function') return { name: `endpoint ${printValue(id)}`, redis };
  }
  return { name: 'the client', redis: encoding };
}

function duplicateIds(endpoints: readonly unknown[]): OptionProblem[] {
  const first = new Map<unknown, number>();
  return endpoints.flatMap((endpoint, index) => {
    const id = fieldsOf(endpoint)['id'];
    if (typeof id !== 'string' || id === '') return [];
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
      return [];
    }
    const rule = `must be unique, and endpoints[${earlier}] has the same`;
    return [{ path: `endpoints[${index}].id`, rule, value: printValue(id) }];
  });
}

function backoffProblems(retry: unknown): OptionProblem[] {
  const given = fieldsOf(fieldsOf(retry)['backoff']);
  const initialMs = given['initialMs'] ?? DEFAULTS.retry.backoff.initialMs;
  const maxMs = given['maxMs'] ?? DEFAULTS.retry.backoff.maxMs;
  if (!isPause(initialMs) || !isPause(maxMs) || initialMs <= maxMs) return [];
  const rule = `must be >= retry.backoff.initialMs (${initialMs})`;
  const value = given['maxMs'] === undefined ? `${maxMs} (the default)` : printValue(maxMs);
  return [{ path: 'retry.backoff.maxMs', rule, value }];
}

/** Without a ceiling the floor is one, if need be. */
function silenceProblems(failover: unknown, preset: unknown): OptionProblem[] {
  const { silenceFloorMs: given, silenceCeilingMs } = fieldsOf(failover);
  const silenceFloorMs =
    given ?? presetOption(preset, 'failover', 'silenceFloorMs') ?? DEFAULTS.failover.silenceFloorMs;
  if (!isSilence(silenceFloorMs) || !isSilence(silenceCeilingMs) || silenceFloorMs <= silenceCeilingMs) return [];
  const rule = `must be >= failover.silenceFloorMs (${silenceFloorMs})`;
  return [{ path: 'failover.silenceCeilingMs', rule, value: printValue(silenceCeilingMs) }];
}

function presetOption(preset: unknown, group: string, name: string): unknown {
  return fieldsOf(fieldsOf(fieldsOf(PRESETS)[String(preset)])[group])[name];
}

/** The limit of the grace period against that itself, wherever it comes from. */
function gracePeriodProblems(failback: unknown, preset: unknown): OptionProblem[] {
  const { gracePeriodMs: given, maxGracePeriodMs: longest } = fieldsOf(failback);
  const gracePeriodMs = given ?? presetOption(preset, 'failback', 'gracePeriodMs') ?? DEFAULTS.failback.gracePeriodMs;
  if (typeof longest !== 'number' || !(longest >= 0) || typeof gracePeriodMs !== 'number') return [];
  if (!Number.isFinite(longest) || longest >= gracePeriodMs) return [];
  const rule = `must be >= failback.gracePeriodMs (${gracePeriodMs})`;
  return [{ path: 'failback.maxGracePeriodMs', rule, value: printValue(longest) }];
}

/** Nothing is given up before the client may start without the endpoints that it waits for. */
function startProblems({ initialization, retry, redis }: Readonly<Record<string, unknown>>): OptionProblem[] {
  const { policy, timeoutMs = DEFAULTS.initialization.timeoutMs } = fieldsOf(initialization);
  const { deadlineMs = DEFAULTS.retry.deadlineMs } = fieldsOf(retry);
  const mayWaitForever = fieldsOf(redis)['maxRetriesPerRequest'] === null;
  if ((policy !== 'majority' && policy !== 'all') || mayWaitForever) return [];
  if (!isPause(deadlineMs) || typeof timeoutMs !== 'number' || !(timeoutMs >= deadlineMs)) return [];
  const rule = `must be < retry.deadlineMs (${deadlineMs}) with the policy "${policy}"`;
  const isGiven = fieldsOf(initialization)['timeoutMs'] !== undefined;
  return [
    { path: 'initialization.timeoutMs', rule, value: isGiven ? printValue(timeoutMs) : `${timeoutMs} (the default)` },
  ];
}

/** A day without an end would be one that ends before it begins. */
function windowProblems(windows: unknown): OptionProblem[] {
  const list: readonly unknown[] = Array.isArray(windows) ? windows : [];
  return list.flatMap((window, index) => {
    const { from, to } = fieldsOf(window);
    if (typeof from !== 'string' || from !== to) return [];
    const rule = 'must differ from `from`; a whole day is from "00:00" to "24:00"';
    return [{ path: `failback.windows[${index}].to`, rule, value: printValue(to) }];
  });
}

/** Anything else is a problem of its own already. */
function isSilence(value: unknown): value is number {
  return isPause(value) && value >= 20;
}

/** The same. */
function isPause(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 1;
}

function encodings(endpoints: readonly unknown[], shared: unknown): OptionProblem[] {
  const sharedRedis = sharedOf(shared);
  let reference: Reference | undefined;
  return endpoints.flatMap((endpoint, index) => {
    const redis = usableOptions(endpoint, sharedRedis);
    if (redis === undefined) return [];
    if (reference !== undefined) return encodingProblems(redis, reference, `endpoints[${index}].redis`);
    reference = { name: `endpoints[${index}]`, redis };
    return [];
  });
}

function sharedOf(redis: unknown): RedisOptions {
  return isPlainObject(redis) ? redis : {};
}

/** The name may be shared by all endpoints. */
function sentinelProblems(redis: RedisOptions | undefined, path: string): OptionProblem[] {
  // What is no list is a problem of its own already.
  if (!Array.isArray(redis?.sentinels) || (typeof redis.name === 'string' && redis.name !== '')) return [];
  const rule = 'must be the name that the sentinels know their primary by';
  return [{ path: joinPath(path, ['name']), rule, value: printValue(redis.name) }];
}

/** `undefined` for a factory, whose clients are compared when they are made, and for what is refused anyway. */
function usableOptions(endpoint: unknown, shared: RedisOptions): RedisOptions | undefined {
  const redis = fieldsOf(endpoint)['redis'];
  if (typeof redis === 'string') {
    return parseEndpointUrl(redis) === undefined ? undefined : mergeRedisOptions(redis, shared);
  }
  return isPlainObject(redis) ? mergeRedisOptions(redis, shared) : undefined;
}

function encodingProblems(redis: RedisOptions, reference: Reference, path: string): OptionProblem[] {
  return ENCODING_NAMES.flatMap((name) => {
    const value = encodingOf(redis, name);
    const wanted = encodingOf(reference.redis, name);
    if (value === wanted) return [];
    const rule = `must be the same on all endpoints, and ${reference.name} has ${printValue(wanted)}`;
    return [{ path: joinPath(path, [name]), rule, value: printValue(value) }];
  });
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(value) ? value : {};
}
