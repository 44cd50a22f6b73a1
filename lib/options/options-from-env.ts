import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { OptionProblem } from '../errors.ts';
import { checkOptions } from './check-options.ts';
import { applyEnvironment, environmentOf, environmentProblems, mergeOptions } from './environments.ts';
import { type Layer, layersOf, withLayers } from './layers.ts';
import { isPlainObject, printValue, typeName } from './mask.ts';
import { invalidOptions, nearestName } from './problems.ts';
import type { GeoFailoverOptions } from './types.ts';
import {
  ENDPOINTS_VARIABLE,
  ENVIRONMENT_VARIABLE,
  FILE_VARIABLE,
  VARIABLE_NAMES,
  VARIABLES,
  WEIGHTS_VARIABLE,
  readText,
  variablesIn,
} from './variables.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Values = Readonly<Record<string, unknown>>;

/**
 * Options from variables of the process's environment and from a file, so that one build runs everywhere. A variable wins
 * over the options of an environment (`environments`), these over the file, and that over `base`.
 *
 * @param base What the program itself says, such as functions.
 * @param env The variables, by default those of the process. All of them begin with `GEO_FAILOVER_`.
 * @throws GeoFailoverError `GEO_INVALID_OPTIONS` with all problems at once: unknown variables, a file that cannot be read,
 * and whatever is wrong with the options, by the names of the variables that they come from.
 */
export function geoFailoverOptionsFromEnv(
  base: Partial<GeoFailoverOptions> = {},
  env: Environment = process.env,
): GeoFailoverOptions {
  const problems: OptionProblem[] = [];
  const layers: Layer[] = [...layersOf(base), ...fileLayer(env[FILE_VARIABLE], problems)];
  const common: Values = {
    ...layers.reduce<Values>((merged, { options }) => mergeOptions(merged, options), {}),
    ...(env[ENVIRONMENT_VARIABLE] !== undefined && { environment: env[ENVIRONMENT_VARIABLE] }),
  };
  problems.push(...environmentProblems(common));
  layers.push(...environmentLayer(common, env['NODE_ENV']));
  const applied = applyEnvironment(common, env['NODE_ENV']);
  const variables = variablesIn(env).flatMap(([name, text]) => variableLayer(name, text, env, problems));
  layers.push(...variables);
  const options = variables.reduce((merged, layer) => mergeOptions(merged, layer.options), applied);
  problems.push(...(checkOptions(options).problems ?? []).map((problem) => byVariable(problem, variables)));
  if (problems.length > 0) throw invalidOptions(problems);
  return withLayers({ ...(options as unknown as GeoFailoverOptions) }, layers);
}

function fileLayer(path: string | undefined, problems: OptionProblem[]): Layer[] {
  if (path === undefined) return [];
  const refuse = (rule: string, value: string): Layer[] => {
    problems.push({ path: FILE_VARIABLE, rule, value });
    return [];
  };
  let options: unknown;
  try {
    // JSON is YAML.
    options = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // What the parser says quotes the file, and with it its passwords.
    const { code = 'a file that is neither' } = error as { code?: string };
    return refuse('must be the path of a JSON or YAML file', `${printValue(path)} (${code})`);
  }
  if (!isPlainObject(options)) return refuse('must be the path of a file with an object of options', typeName(options));
  return [{ origin: `file ${path}`, options }];
}

function environmentLayer(options: Values, nodeEnv: string | undefined): Layer[] {
  const name = environmentOf(options, nodeEnv);
  const { environments } = options;
  const own = name !== undefined && isPlainObject(environments) ? environments[name] : undefined;
  return isPlainObject(own) ? [{ origin: `environment ${name}`, options: own }] : [];
}

function variableLayer(name: string, text: string, env: Environment, problems: OptionProblem[]): Layer[] {
  if (name === FILE_VARIABLE || name === ENVIRONMENT_VARIABLE) return [];
  if (name === ENDPOINTS_VARIABLE) {
    return [{ origin: name, options: { endpoints: endpointsIn(text, env[WEIGHTS_VARIABLE], problems) } }];
  }
  if (name === WEIGHTS_VARIABLE) {
    if (env[ENDPOINTS_VARIABLE] === undefined) problems.push(withoutEndpoints(text));
    return [];
  }
  const path = VARIABLES.get(name);
  if (path !== undefined) return [{ origin: name, options: nested(path, readText(path, text)) }];
  const meant = nearestName(name, VARIABLE_NAMES);
  const rule =
    meant === undefined ? 'is not a variable of this package' : `is not a variable; did you mean "${meant}"?`;
  problems.push({ path: name, rule, value: 'string' });
  return [];
}

/** `id=url`, separated by commas or white space; the most preferred first. */
function endpointsIn(text: string, weights: string | undefined, problems: OptionProblem[]): object[] {
  const weightOf = new Map(pairsIn(weights ?? ''));
  const endpoints = pairsIn(text).map(([id, redis], index) => ({
    id,
    redis,
    weight: weightOf.has(id) ? Number(weightOf.get(id)) : 1 / (index + 1),
  }));
  const ids = new Set(endpoints.map(({ id }) => id));
  for (const id of weightOf.keys()) {
    if (ids.has(id)) continue;
    const rule = `must name endpoints of ${ENDPOINTS_VARIABLE}`;
    problems.push({ path: WEIGHTS_VARIABLE, rule, value: printValue(id) });
  }
  return endpoints;
}

function pairsIn(text: string): [id: string, value: string][] {
  const items = text.split(/[\s,]+/).filter((item) => item !== '');
  return items.map((item) => {
    const at = item.indexOf('=');
    // Without an id the rules for endpoints have something to say, and no part of a URL is taken for a name.
    return at < 0 ? ['', item] : [item.slice(0, at), item.slice(at + 1)];
  });
}

function withoutEndpoints(text: string): OptionProblem {
  const rule = `must be absent without ${ENDPOINTS_VARIABLE}`;
  return { path: WEIGHTS_VARIABLE, rule, value: printValue(text) };
}

function nested([name = '', ...rest]: readonly string[], value: unknown): Values {
  return { [name]: rest.length === 0 ? value : nested(rest, value) };
}

/** Who sets a variable does not know where in the options it ends. */
function byVariable(problem: OptionProblem, variables: readonly Layer[]): OptionProblem {
  const name = [...VARIABLES].find(([, path]) => path.join('.') === problem.path)?.[0];
  const isEndpoint = /^endpoints\b/.test(problem.path);
  const origin = isEndpoint ? ENDPOINTS_VARIABLE : name;
  if (!variables.some((layer) => layer.origin === origin)) return problem;
  return { ...problem, path: isEndpoint ? `${ENDPOINTS_VARIABLE}: ${problem.path}` : (origin ?? problem.path) };
}
