/** What can be told of one member of an object. */
export interface Member {
  readonly exists: boolean;
  readonly type: string;
  /** Own properties only: how they are described. */
  readonly descriptor: string;
  /** Of functions their name and number of parameters, of objects their class, of others the value. */
  readonly value: string;
  /** Whether it is the same each time, and which other members are the same as it. */
  readonly identity: string;
}

type Holder = Readonly<Record<PropertyKey, unknown>>;

/** Every name under which an object, or anything in its prototype chain, has something: methods, fields, symbols. */
export function memberNames(...objects: readonly object[]): PropertyKey[] {
  const names = new Set<PropertyKey>();
  for (const object of objects) {
    for (let holder: object | null = object; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
      for (const name of Reflect.ownKeys(holder)) names.add(name);
    }
  }
  return [...names];
}

/**
 * What all the members under these names look like.
 *
 * @param client Which may be among them.
 */
export function describeMembers(
  object: object,
  names: readonly PropertyKey[],
  client?: object,
): Map<PropertyKey, Member> {
  const holder = object as Holder;
  const aliases = new Map<unknown, PropertyKey[]>();
  for (const name of names) {
    const value = holder[name];
    if (typeof value === 'function') aliases.set(value, [...(aliases.get(value) ?? []), name]);
  }
  return new Map(
    names.map((name) => {
      const value = holder[name];
      const member: Member = {
        exists: name in object,
        type: typeof value,
        descriptor: describeProperty(object, name),
        value: value === client ? 'the client' : describeValue(value),
        identity: `${holder[name] === value ? 'same' : 'new'} ${(aliases.get(value) ?? []).map(String).join()}`,
      };
      return [name, member];
    }),
  );
}

export interface Side {
  readonly object: object;
  readonly client: object;
}

/** The names under which two objects differ, with what differs. */
export function differences(one: Side, other: Side, names: readonly PropertyKey[]): Map<string, string> {
  const ones = describeMembers(one.object, names, one.client);
  const others = describeMembers(other.object, names, other.client);
  const found = new Map<string, string>();
  for (const name of names) {
    const [a, b] = [ones.get(name)!, others.get(name)!];
    const aspects = (Object.keys(a) as (keyof Member)[]).filter((aspect) => a[aspect] !== b[aspect]);
    if (aspects.length === 0) continue;
    found.set(
      String(name),
      aspects.map((aspect) => `${aspect}: ${String(a[aspect])} / ${String(b[aspect])}`).join('; '),
    );
  }
  return found;
}

function describeProperty(object: object, name: PropertyKey): string {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  if (descriptor === undefined) return 'not its own';
  const { enumerable, configurable, writable } = descriptor;
  return JSON.stringify({ isAccessor: 'get' in descriptor, enumerable, configurable, writable });
}

function describeValue(value: unknown): string {
  if (typeof value === 'function') return `${value.name}(${value.length})`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { constructor } = value as { constructor?: { readonly name: string } };
  return `${constructor?.name ?? 'object'} of ${Object.keys(value).sort().join()}`;
}
