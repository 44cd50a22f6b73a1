import type { OptionProblem } from '../errors.ts';
import { isPlainObject, printValue, printWithType, typeName } from '../options/mask.ts';
import { invalidOptions, joinPath, nearestName } from '../options/problems.ts';

/** What holds for one option of a check. */
export interface OptionRule {
  readonly rule: string;
  readonly holds: (value: unknown) => boolean;
  /** Its value is shown to nobody. */
  readonly isSecret?: boolean;
}

export type OptionRules = Readonly<Record<string, OptionRule>>;

export const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

export function isInteger(value: unknown, minimum: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= minimum;
}

export const BOOLEAN: OptionRule = { rule: 'must be true or false', holds: (value) => typeof value === 'boolean' };
export const TEXT: OptionRule = { rule: 'must be a non-empty string', holds: isText };

/** @throws GeoFailoverError `GEO_INVALID_OPTIONS` for what is no object at all */
export function assertOptions(given: unknown, path: string): asserts given is Readonly<Record<string, unknown>> {
  if (!isPlainObject(given)) throw invalidOptions([problem(path, 'must be a plain object', printWithType(given))]);
}

/** What is wrong with options that were given to a function, each with its path. `undefined` is as good as nothing. */
export function problemsOf(
  given: Readonly<Record<string, unknown>>,
  rules: OptionRules,
  path: string,
): OptionProblem[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const own = joinPath(path, [name]);
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (value === undefined) return [];
    if (rule === undefined) return [problem(own, unknownRule(name, Object.keys(rules)), typeName(value))];
    if (rule.holds(value)) return [];
    return [problem(own, rule.rule, rule.isSecret === true ? typeName(value) : printValue(value))];
  });
}

export function problem(path: string, rule: string, value: string): OptionProblem {
  return { path, rule, value };
}

export function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function unknownRule(name: string, known: readonly string[]): string {
  const meant = nearestName(name, known);
  return meant === undefined ? 'is not an option' : `is not an option; did you mean "${meant}"?`;
}
