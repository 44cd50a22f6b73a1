import type { Redis } from 'ioredis';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

interface BoundMethod {
  readonly source: AnyFunction;
  readonly bound: AnyFunction;
}

/**
 * The Proxy that the application holds. Methods are bound to the instance behind it, once each: a method that ran on the
 * proxy would go through the traps again for everything that it reads.
 *
 * Unknown names are `undefined`, as on a plain client: an invented `then` would make `await redis` send a command.
 */
export function createClientProxy(target: Redis, extras: Readonly<Record<string, unknown>>): Redis {
  const methods = new Map<PropertyKey, BoundMethod>();
  const assigned = new Set<PropertyKey>();

  const bind = (property: PropertyKey, source: AnyFunction): AnyFunction => {
    const known = methods.get(property);
    if (known?.source === source) return known.bound;
    const bound = returnsItself(property) ? returnProxy(source) : source.bind<AnyFunction>(target);
    methods.set(property, { source, bound });
    return bound;
  };

  const returnProxy =
    (source: AnyFunction): AnyFunction =>
    (...args) => {
      const result = source.apply(target, args);
      return result === target ? proxy : result;
    };

  const proxy: Redis = new Proxy(target, {
    get(_target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value === undefined ? extras[property as string] : value;
      if (property === 'constructor' || assigned.has(property)) return value;
      return bind(property, value as AnyFunction);
    },
    set(_target, property, value) {
      assigned.add(property);
      return Reflect.set(target, property, value);
    },
    defineProperty(_target, property, descriptor) {
      assigned.add(property);
      return Reflect.defineProperty(target, property, descriptor);
    },
    deleteProperty(_target, property) {
      assigned.delete(property);
      return Reflect.deleteProperty(target, property);
    },
    has(_target, property) {
      return Reflect.has(target, property) || property in extras;
    },
  });
  return proxy;
}

/** EventEmitter's chainable methods: their `this` has to be the client that the application knows. */
const CHAINABLE: ReadonlySet<PropertyKey> = new Set([
  ...['on', 'once', 'off', 'addListener', 'removeListener', 'prependListener', 'prependOnceListener'],
  ...['removeAllListeners', 'setMaxListeners'],
]);

function returnsItself(property: PropertyKey): boolean {
  return CHAINABLE.has(property);
}
