import type { OptionProblem } from '../errors.ts';
import { checkOptions } from './check-options.ts';
import { mergeRedisOptions, parseEndpointUrl } from './endpoint-url.ts';
import { isPlainObject, printValue, printWithType } from './mask.ts';
import { invalidOptions } from './problems.ts';

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 6379;
// Leaves room for a port and a number within the longest id.
const MAX_HOST_IN_ID = 110;

/**
 * Turns the short form, a list of servers with the most preferred first, into the long one. What is in the long form
 * already is returned as it is.
 *
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` when the two arguments do not go together
 */
export function normalizeArguments(first: unknown, second?: unknown): unknown {
  const list: readonly unknown[] | undefined = Array.isArray(first) ? first : undefined;
  const long = list === undefined ? first : toLongForm(list, second);
  const problems = [...(list === undefined ? [] : misplacedEndpoints(list)), ...secondProblems(list, second)];
  if (problems.length === 0) return long;
  throw invalidOptions([...problems, ...(checkOptions(long, process.env['NODE_ENV']).problems ?? [])]);
}

function toLongForm(list: readonly unknown[], second: unknown): unknown {
  const rest = isPlainObject(second) ? second : {};
  const ids = new Set<string>();
  // `Array.from` also visits holes, which `map` would leave for nobody to report.
  const endpoints = Array.from(list, (redis, index) => {
    const id = unused(idOf(redis, rest['redis'], index), ids);
    ids.add(id);
    return { id, weight: 1 / (index + 1), redis };
  });
  return { ...rest, endpoints };
}

function secondProblems(list: readonly unknown[] | undefined, second: unknown): OptionProblem[] {
  if (second === undefined) return [];
  if (list === undefined) {
    const rule = 'must be absent unless the first argument is a list of servers';
    return [{ path: 'second argument', rule, value: printValue(second) }];
  }
  if (!isPlainObject(second)) {
    return [{ path: 'second argument', rule: 'must be a plain object', value: printWithType(second) }];
  }
  const { endpoints } = second;
  if (endpoints === undefined) return [];
  const rule = 'must be absent from the second argument, since the first one lists the endpoints';
  return [{ path: 'endpoints', rule, value: printValue(endpoints) }];
}

/** As ioredis options, `{ id, redis }` would mean the local host. */
function misplacedEndpoints(list: readonly unknown[]): OptionProblem[] {
  return list.flatMap((item, index) => {
    if (!isPlainObject(item) || item['redis'] === undefined) return [];
    const rule = 'must be a URL, ioredis options or a function; endpoints with an id go into { endpoints: […] }';
    return [{ path: `endpoints[${index}]`, rule, value: printValue(item) }];
  });
}

/** Host and port alone: an id is shown in events, errors and metrics. */
function idOf(redis: unknown, shared: unknown, index: number): string {
  if (!isPlainObject(redis) && !isPlainUrl(redis)) return `endpoint-${index + 1}`;
  const { host, port, path } = mergeRedisOptions(redis, isPlainObject(shared) ? shared : {});
  if (typeof path === 'string' && path !== '') return path.slice(0, MAX_HOST_IN_ID);
  const name = typeof host === 'string' && host !== '' ? host.slice(0, MAX_HOST_IN_ID) : DEFAULT_HOST;
  return `${name.includes(':') ? `[${name}]` : name}:${typeof port === 'number' ? port : DEFAULT_PORT}`;
}

/** With an `@` behind it, what looks like a host or a path may be the beginning of a password that is not encoded. */
function isPlainUrl(redis: unknown): redis is string {
  if (typeof redis !== 'string' || /^\/.*@|\/\/[^/?#]*[/?#].*@/s.test(redis)) return false;
  return parseEndpointUrl(redis) !== undefined;
}

function unused(id: string, taken: ReadonlySet<string>): string {
  let candidate = id;
  for (let count = 2; taken.has(candidate); count++) candidate = `${id}#${count}`;
  return candidate;
}
