import { DEFAULT_PRESET, DEFAULTS } from './defaults.ts';
import { environmentOf } from './environments.ts';
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
   * the call that changed it since, `add()`, `replace()` or `setWeight()`.
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
      endpointEntries(endpoint, index, options.endpoints.includes(endpoint.options) ? origin : callOf(endpoint)),
    ),
    ...entriesOf(Object.fromEntries(policies), [], layers),
  ];
}

function callOf({ options }: ConfiguredEndpoint): string {
  return replacements.has(options) ? 'replace()' : 'add()';
}

function endpointEntries({ options, weight }: ConfiguredEndpoint, index: number, origin: string): ConfigurationEntry[] {
  const { id, redis, healthCheck } = options;
  return Object.entries({ id, weight, redis, healthCheck }).map(([name, value]) => ({
    path: `endpoints[${index}].${name}`,
    value: printValue(value),
    origin: name === 'weight' && weight !== options.weight ? 'setWeight()' : origin,
  }));
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

function optionAt(options: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isPlainObject(value) ? value[name] : undefined), options);
}
