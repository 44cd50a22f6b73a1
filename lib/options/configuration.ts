import { changesIn } from './changes.ts';
import { DEFAULT_PRESET, DEFAULTS } from './defaults.ts';
import { environmentOf, mergeOptions } from './environments.ts';
import { healthCheckOf } from './health-check-of.ts';
import { type Layer, layersOf, originOf } from './layers.ts';
import { isPlainObject, printValue } from './mask.ts';
import type { Preset } from './policy-options.ts';
import { PRESETS } from './presets.ts';
import type { ResolvedEndpoint, ResolvedOptions } from './types.ts';

/** One value of the configuration as it is in effect. */
export interface ConfigurationEntry {
  /** E.g. `failover.silenceFloorMs`. */
  readonly path: string;
  /** As text, secrets masked. */
  readonly value: string;
  /**
   * `default`, `preset <name>`, `options`, `environment <name>`, `file <path>`, the name of a variable of the environment; or
   * the call that changed it since, `add()`, `replace()`, `setWeight()` or `update()`.
   */
  readonly origin: string;
}

const replacements = new WeakSet<ResolvedEndpoint>();

/** These options came by `replace()`. */
export function noteReplacement(endpoint: ResolvedEndpoint): void {
  replacements.add(endpoint);
}

const known = new WeakMap<ResolvedOptions, readonly Layer[]>();

/** Remembers what options were resolved from. */
export function noteLayers(resolved: ResolvedOptions, given: unknown, nodeEnv: string | undefined): void {
  const environment = isPlainObject(given) ? environmentOf(given, nodeEnv) : undefined;
  const own = environment === undefined ? undefined : optionAt(given, 'environments', environment);
  const preset = (optionAt(own, 'preset') ?? optionAt(given, 'preset') ?? DEFAULT_PRESET) as Preset;
  known.set(resolved, [
    { origin: 'default', options: DEFAULTS },
    { origin: `preset ${preset}`, options: PRESETS[preset] },
    ...layersOf(given),
    ...(isPlainObject(own) ? [{ origin: `environment ${environment}`, options: own }] : []),
  ]);
}

const UPDATE = 'update()';

/** Remembers what an update has changed, whether that was given or follows from it. */
export function noteUpdate(before: ResolvedOptions, updated: ResolvedOptions): void {
  const layers = known.get(before) ?? [];
  const earlier = layers.find(({ origin }) => origin === UPDATE)?.options ?? {};
  const options = mergeOptions(earlier, changesIn(before, updated));
  known.set(updated, [...layers.filter(({ origin }) => origin !== UPDATE), { origin: UPDATE, options }]);
}

/** An endpoint as it is now. */
export interface ConfiguredEndpoint {
  readonly options: ResolvedEndpoint;
  readonly weight: number;
}

export function configurationOf(
  options: ResolvedOptions,
  endpoints: readonly ConfiguredEndpoint[],
): readonly ConfigurationEntry[] {
  const layers = known.get(options) ?? [];
  const origin = layers.findLast((layer) => 'endpoints' in layer.options)?.origin ?? 'options';
  const policies = Object.entries(options).filter(([name]) => name !== 'endpoints');
  return [
    ...endpoints.flatMap((endpoint, index) =>
      endpointEntries(endpoint, index, {
        origin: options.endpoints.includes(endpoint.options) ? origin : callOf(endpoint),
        shared: options,
        layers,
      }),
    ),
    ...entriesOf(Object.fromEntries(policies), [], layers),
  ];
}

function callOf({ options }: ConfiguredEndpoint): string {
  return replacements.has(options) ? 'replace()' : 'add()';
}

interface Surroundings {
  readonly origin: string;
  readonly shared: ResolvedOptions;
  readonly layers: readonly Layer[];
}

function endpointEntries(
  { options, weight }: ConfiguredEndpoint,
  index: number,
  { origin, shared, layers }: Surroundings,
): ConfigurationEntry[] {
  const { id, redis } = options;
  const healthCheck = healthCheckOf(options, shared);
  const updated = optionAt(layers.find((layer) => layer.origin === UPDATE)?.options, 'healthCheck');
  const changed: ReadonlyMap<string, string> = new Map([
    ...(weight === options.weight ? [] : [['weight', 'setWeight()'] as const]),
    ...(isAnyShared(updated, options) ? [['healthCheck', UPDATE] as const] : []),
  ]);
  return Object.entries({ id, weight, redis, healthCheck }).map(([name, value]) => ({
    path: `endpoints[${index}].${name}`,
    value: printValue(value),
    origin: changed.get(name) ?? origin,
  }));
}

/** Whether one of these is what the endpoint is checked by: it has not its own. */
function isAnyShared(healthCheck: unknown, endpoint: ResolvedEndpoint): boolean {
  return (
    isPlainObject(healthCheck) && Object.keys(healthCheck).some((name) => !Object.hasOwn(endpoint.healthCheck, name))
  );
}

function entriesOf(group: object, path: readonly string[], layers: readonly Layer[]): ConfigurationEntry[] {
  return Object.entries(group).flatMap(([name, value]: [string, unknown]) => {
    const own = [...path, name];
    const isGroup = isPlainObject(value) && own[0] !== 'redis' && name !== 'commands';
    if (isGroup) return entriesOf(value, own, layers);
    if (value === undefined || (isPlainObject(value) && Object.keys(value).length === 0)) return [];
    return [{ path: own.join('.'), value: printValue(value), origin: originOf(own, value, layers) }];
  });
}

/** What an update has changed of the configuration. @param updated What it was made of before, and is made of now. */
export function changedEntries(
  updated: { readonly before: ResolvedOptions; readonly now: ResolvedOptions },
  endpoints: readonly ConfiguredEndpoint[],
): readonly ConfigurationEntry[] {
  const { before, now } = updated;
  const changes = changesIn(before, now);
  const isChangedOf = (index: number, name: string): boolean => {
    const options = endpoints[index]?.options;
    return name === 'healthCheck' && options !== undefined && isAnyShared(changes['healthCheck'], options);
  };
  return configurationOf(now, endpoints).filter(({ path }) => {
    const [, index, name = ''] = /^endpoints\[(\d+)\]\.(\w+)$/.exec(path) ?? [];
    return index === undefined ? optionAt(changes, ...path.split('.')) !== undefined : isChangedOf(Number(index), name);
  });
}

function optionAt(options: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isPlainObject(value) ? value[name] : undefined), options);
}
