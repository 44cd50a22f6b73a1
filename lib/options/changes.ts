import { isPlainObject } from './mask.ts';

/** Whether they say the same. What is no text, number, list or group is the same only if it is the same object. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSame(item, other[index]));
  }
  if (!isPlainObject(one) || !isPlainObject(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
  );
}

/** What is different in a group now, in groups of the same names. */
export function changesIn(before: unknown, now: unknown): Readonly<Record<string, unknown>> {
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(isPlainObject(now) ? now : {})) {
    const known = isPlainObject(before) ? before[name] : undefined;
    if (isSame(known, value)) continue;
    changes[name] =
      isPlainObject(value) && isPlainObject(known) && name !== 'commands' ? changesIn(known, value) : value;
  }
  return changes;
}

/** What was there before, if the other one says the same: who made something of it need not make it again. */
export function keptIfSame<T>(before: T, now: T): T {
  return isSame(before, now) ? before : now;
}
