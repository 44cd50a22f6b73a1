import type { OptionProblem } from '../errors.ts';
import { withoutUndefined } from './endpoint-url.ts';
import { isPlainObject, printValue } from './mask.ts';

type Values = Readonly<Record<string, unknown>>;

/** Parts of the options that are merged option by option. Everything else is replaced as a whole. */
const SECTIONS: ReadonlySet<string> = new Set([
  ...['redis', 'healthCheck', 'circuitBreaker', 'retry', 'failover', 'failback', 'initialization'],
  ...['backoff', 'commands'],
]);

/** The options of one environment laid over those of all, whatever either of them holds. */
export function mergeOptions<T>(common: T, own: unknown): T {
  if (!isPlainObject(common) || !isPlainObject(own)) return common;
  const merged: Record<string, unknown> = { ...common };
  for (const [name, value] of Object.entries(withoutUndefined(own))) {
    const before = merged[name];
    const isMerged = SECTIONS.has(name) && isPlainObject(before) && isPlainObject(value);
    merged[name] = isMerged ? mergeOptions(name === 'commands' ? withoutNamesOf(value, before) : before, value) : value;
  }
  return merged as T;
}

/** A command goes by one name, however that is written. */
function withoutNamesOf(own: Values, common: Values): Values {
  const names = new Set(Object.keys(withoutUndefined(own)).map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(common).filter(([name]) => !names.has(name.toLowerCase())));
}

/** The name of the environment whose options apply: the one that is asked for, or that of the process if there are any for it. */
export function environmentOf({ environment, environments }: Values, nodeEnv: string | undefined): string | undefined {
  if (typeof environment === 'string') return environment;
  const isKnown = nodeEnv !== undefined && isPlainObject(environments) && Object.hasOwn(environments, nodeEnv);
  return isKnown ? nodeEnv : undefined;
}

/** The options as they apply: those of the environment laid over those of all. */
export function applyEnvironment<T>(given: T, nodeEnv: string | undefined): T {
  if (!isPlainObject(given)) return given;
  const { environments } = given;
  const name = environmentOf(given, nodeEnv);
  const own = name !== undefined && isPlainObject(environments) ? environments[name] : undefined;
  const merged: Record<string, unknown> = { ...mergeOptions(given, own) };
  delete merged['environment'];
  delete merged['environments'];
  return merged as T;
}

/** An environment that is asked for by name has to be there. */
export function environmentProblems(options: unknown): OptionProblem[] {
  if (!isPlainObject(options)) return [];
  const { environment, environments } = options;
  // What is no text is a problem of its own already.
  if (typeof environment !== 'string') return [];
  const names = isPlainObject(environments) ? Object.keys(environments) : [];
  if (names.includes(environment)) return [];
  const rule =
    names.length === 0
      ? 'must be one of `environments`, of which there are none'
      : `must be one of ${names.map((name) => printValue(name)).join(', ')}`;
  return [{ path: 'environment', rule, value: printValue(environment) }];
}
