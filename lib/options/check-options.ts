import type { z } from 'zod';
import type { OptionProblem } from '../errors.ts';
import { crossCheckEndpoint, crossCheckOptions } from './cross-checks.ts';
import { applyEnvironment, environmentOf, environmentProblems, mergeOptions } from './environments.ts';
import { fixedProblems, withoutFixed } from './fixed-options.ts';
import { isPlainObject, printValue, printWithType, typeName } from './mask.ts';
import { joinPath, nearestName } from './problems.ts';
import { KNOWN_NAMES, type RuleParams, endpointSchema, optionsSchema, switchToSchema, updateSchema } from './schema.ts';
import type { SwitchToOptions } from './switch-to-options.ts';
import type { EndpointOptions, GeoFailoverOptions, PresentOptions, UpdateOptions } from './types.ts';

/** The options, in the form that their type promises, or everything that is wrong with them. */
export type Checked<T> =
  | { readonly given: T; readonly problems?: undefined }
  | { readonly given?: undefined; readonly problems: readonly OptionProblem[] };

interface Place {
  /** How the checked value is called in a path. */
  readonly path: string;
  /** The part of the options that it is. */
  readonly part: string;
}

type Issue = z.core.$ZodIssue;

/** @param nodeEnv The environment of the process. */
export function checkOptions(options: unknown, nodeEnv?: string): Checked<GeoFailoverOptions> {
  const crossed = crossCheckOptions(applyEnvironment(options, nodeEnv));
  const more = [...environmentProblems(options), ...crossed.map((problem) => locate(problem, options, nodeEnv))];
  return check(optionsSchema, options, { path: '', part: '' }, more);
}

/** Rules between options look at them as they apply. Here it is said where they were given. */
function locate(problem: OptionProblem, options: unknown, nodeEnv: string | undefined): OptionProblem {
  const name = isPlainObject(options) ? environmentOf(options, nodeEnv) : undefined;
  const own = name === undefined ? undefined : fieldOf(fieldOf(options, 'environments'), name);
  const [root = ''] = problem.path.split(/[.[]/);
  if (name === undefined || fieldOf(own, root) === undefined) return problem;
  return { ...problem, path: `${joinPath('environments', [name])}.${problem.path}` };
}

/** @param replacedId Of the endpoint that it replaces. */
export function checkEndpoint(
  endpoint: unknown,
  shared: PresentOptions,
  path: string,
  replacedId?: string,
): Checked<EndpointOptions> {
  const more = crossCheckEndpoint(endpoint, shared, path, replacedId);
  return check(endpointSchema, endpoint, { path, part: 'endpoints' }, more);
}

export function checkSwitchToOptions(options: unknown): Checked<SwitchToOptions> {
  return check(switchToSchema, options, { path: '', part: 'switchTo' }, []);
}

/**
 * @param given What the options in effect are made of, without the endpoints.
 * @param isStarted Nothing can contradict how the start was to be made any more.
 */
export function checkUpdate(changes: unknown, given: object, isStarted: boolean): Checked<UpdateOptions> {
  const effective = { ...mergeOptions(given, changes), ...(isStarted && { initialization: undefined }) };
  const more = [...fixedProblems(changes), ...crossCheckOptions(effective)];
  return check(updateSchema, withoutFixed(changes), { path: '', part: 'update' }, more);
}

function check<T>(schema: z.ZodType<T>, input: unknown, place: Place, more: readonly OptionProblem[]): Checked<T> {
  const { data, error } = schema.safeParse(input);
  if (error === undefined && more.length === 0) return { given: data };
  const issues = error?.issues ?? [];
  return { problems: [...issues.flatMap((issue) => problemsOf(issue, input, place)), ...more] };
}

function problemsOf(issue: Issue, input: unknown, place: Place): OptionProblem[] {
  const value = valueAt(input, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownName(key, issue.path, fieldOf(value, key), place));
  }
  const path = joinPath(place.path, issue.path);
  const printed = isOfWrongType(issue, value) ? printWithType(value) : printValue(value);
  return [{ path: path === '' ? 'options' : path, rule: issue.message, value: printed }];
}

function unknownName(key: string, parent: readonly PropertyKey[], value: unknown, place: Place): OptionProblem {
  const part = partOf([place.part, ...parent.filter((step) => typeof step === 'string')].filter(Boolean));
  // Only the type: a misspelt name says nothing about whether its value is a secret.
  return { path: joinPath(place.path, [...parent, key]), rule: unknownNameRule(key, part), value: typeName(value) };
}

/**
 * The options of an environment are those of all, except that it has no environments itself. An update has some of them.
 */
function partOf([first, ...rest]: readonly string[]): string {
  if (first === 'update' && rest.length > 0) return rest.join('.');
  if (first !== 'environments' || rest.length === 0) return [first, ...rest].filter(Boolean).join('.');
  return rest.length === 1 ? first : rest.slice(1).join('.');
}

function unknownNameRule(key: string, part: string): string {
  const meant = nearestName(key, KNOWN_NAMES[part] ?? []);
  return meant === undefined ? 'is not an option' : `is not an option; did you mean "${meant}"?`;
}

function isOfWrongType(issue: Issue, value: unknown): boolean {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(value) !== (issue.expected === 'int' ? 'number' : issue.expected);
    case 'invalid_value':
      return typeof value !== 'string';
    case 'custom': {
      const expected = (issue.params as RuleParams | undefined)?.expected;
      return expected !== undefined && typeName(value) !== expected;
    }
    default:
      return false;
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => fieldOf(value, step), input);
}

function fieldOf(value: unknown, key: PropertyKey): unknown {
  if (!isPlainObject(value) && !Array.isArray(value)) return undefined;
  return (value as Readonly<Record<PropertyKey, unknown>>)[key];
}
