import { KNOWN_NAMES } from './schema.ts';

/** How the variables are called that this package reads. */
const PREFIX = 'GEO_FAILOVER_';

export const FILE_VARIABLE = `${PREFIX}FILE`;
export const ENVIRONMENT_VARIABLE = `${PREFIX}ENVIRONMENT`;
export const ENDPOINTS_VARIABLE = `${PREFIX}ENDPOINTS`;
export const WEIGHTS_VARIABLE = `${PREFIX}WEIGHTS`;

const GROUPS = [
  ...['healthCheck', 'circuitBreaker', 'retry', 'retry.backoff', 'failover', 'failback', 'initialization'],
];

/** Those that are no text: functions, and what holds further options. */
const NOT_AS_TEXT = new Set([
  'healthCheck.check',
  'circuitBreaker.breaker',
  'failback.gate',
  'failback.windows',
  'retry.commands',
  'retry.backoff',
  'retry.backoff.strategy',
  'failover.selectEndpoint',
]);

/** ioredis's options that are the same everywhere but in one environment. Others go into URLs, or into a file. */
const OF_REDIS = ['username', 'password', 'db', 'keyPrefix', 'connectionName'];

/** By the name of a variable, the path of the option that it sets. */
export const VARIABLES: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ...['preset', 'topology'],
    ...OF_REDIS.map((name) => `redis.${name}`),
    ...GROUPS.flatMap((group) => (KNOWN_NAMES[group] ?? []).map((name) => `${group}.${name}`)),
  ]
    .filter((path) => !NOT_AS_TEXT.has(path))
    .map((path) => [variableName(path), path.split('.')]),
);

export const VARIABLE_NAMES: readonly string[] = [
  ...[FILE_VARIABLE, ENVIRONMENT_VARIABLE, ENDPOINTS_VARIABLE, WEIGHTS_VARIABLE],
  ...VARIABLES.keys(),
];

/** The variables that are meant for this package. */
export function variablesIn(env: Readonly<Record<string, string | undefined>>): [name: string, text: string][] {
  return Object.entries(env).flatMap(([name, text]) =>
    name.startsWith(PREFIX) && text !== undefined ? [[name, text] as [string, string]] : [],
  );
}

/** Numbers and truth values as such; anything else is text, which the rules for options judge. */
export function readText(path: readonly string[], text: string): unknown {
  const name = path.at(-1) ?? '';
  const isText = path[0] === 'redis' && name !== 'db';
  if (isText) return text;
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text.replaceAll('_', ''));
  return text.trim() === '' || Number.isNaN(number) ? text : number;
}

function variableName(path: string): string {
  return (
    PREFIX +
    path
      .replaceAll('.', '_')
      .replace(/[A-Z]/g, (letter) => `_${letter}`)
      .toUpperCase()
  );
}
