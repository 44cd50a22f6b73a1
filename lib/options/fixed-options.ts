import type { OptionProblem } from '../errors.ts';
import { isPlainObject, printValue } from './mask.ts';

/** What `update()` leaves alone, by its path, and what there is instead. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['endpoints', 'use add(), remove(), replace() and setWeight()'],
  ['redis', 'use replace() for each endpoint'],
  ['topology', 'it holds for as long as the client does'],
  ['preset', 'give the options that it stands for'],
  ['environment', 'give the options themselves'],
  ['environments', 'give the options themselves'],
  ['initialization', 'the start is over'],
  ['onSwitch', "use on('endpointSwitched', …)"],
  ['circuitBreaker.breaker', 'what it has counted belongs to it'],
]);

export function fixedProblems(changes: unknown): OptionProblem[] {
  return [...INSTEAD].flatMap(([path, instead]) => {
    const value = path
      .split('.')
      .reduce<unknown>((group, name) => (isPlainObject(group) ? group[name] : undefined), changes);
    if (value === undefined) return [];
    return [{ path, rule: `cannot be changed by update(): ${instead}`, value: printValue(value) }];
  });
}

/** The rest, in which they are not to be told of once more. */
export function withoutFixed(changes: unknown): unknown {
  if (!isPlainObject(changes)) return changes;
  const rest = Object.entries(changes).filter(([name]) => !INSTEAD.has(name));
  return Object.fromEntries(rest.map(([name, group]) => [name, withoutFixedOf(name, group)]));
}

function withoutFixedOf(name: string, group: unknown): unknown {
  if (!isPlainObject(group)) return group;
  return Object.fromEntries(Object.entries(group).filter(([option]) => !INSTEAD.has(`${name}.${option}`)));
}
