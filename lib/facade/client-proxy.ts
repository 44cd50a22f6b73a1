import type { Redis } from 'ioredis';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * The Proxy that the application holds. Methods are bound to the instance behind it, once each: a method that ran on the
 * proxy would go through the traps again for everything that it reads.
 *
 * Unknown names are `undefined`, as on a plain client: an invented `then` would make `await redis` send a command.
 */
export function createClientProxy(target: Redis, extras: Readonly<Record<string, unknown>>): Redis {
  /** Every command comes through the `get` trap, so that it is one look-up. */
  const methods = new Map<PropertyKey, AnyFunction>();
  const assigned = new Set<PropertyKey>();

  const find = (property: PropertyKey): unknown => {
    const value: unknown = Reflect.get(target, property);
    if (typeof value !== 'function') return value === undefined ? extras[property as string] : value;
    if (property === 'constructor' || assigned.has(property)) return value;
    const method = adapt(property, value as AnyFunction);
    methods.set(property, method);
    return method;
  };

  const adapt = (property: PropertyKey, source: AnyFunction): AnyFunction => {
    const method = source.bind<AnyFunction>(CHAINABLE.has(property) ? proxy : target);
    if (!REDEFINING.has(property)) return method;
    const redefine: AnyFunction = (...args) => {
      methods.clear();
      return method(...args);
    };
    const { name, length } = source;
    return Object.defineProperties(redefine, { name: { value: name }, length: { value: length } });
  };

  const proxy: Redis = new Proxy(target, {
    get(_target, property) {
      return methods.get(property) ?? find(property);
    },
    set(_target, property, value) {
      assigned.add(property);
      methods.delete(property);
      return Reflect.set(target, property, value);
    },
    defineProperty(_target, property, descriptor) {
      assigned.add(property);
      methods.delete(property);
      return Reflect.defineProperty(target, property, descriptor);
    },
    deleteProperty(_target, property) {
      assigned.delete(property);
      methods.delete(property);
      return Reflect.deleteProperty(target, property);
    },
    has(_target, property) {
      return Reflect.has(target, property) || property in extras;
    },
  });
  // ioredis emits on its own instance, and listeners have to be called on the client that the application knows.
  const value = (Reflect.get(target, 'emit') as AnyFunction).bind(proxy);
  Object.defineProperty(target, 'emit', { value, configurable: true, writable: true, enumerable: false });
  return proxy;
}

/** EventEmitter's chainable methods: what they return, and listeners are called on, is what they were called on. */
const CHAINABLE: ReadonlySet<PropertyKey> = new Set([
  ...['on', 'once', 'off', 'addListener', 'removeListener', 'prependListener', 'prependOnceListener'],
  ...['removeAllListeners', 'setMaxListeners'],
]);

/** Methods that put other methods in their place. */
const REDEFINING: ReadonlySet<PropertyKey> = new Set(['defineCommand', 'addBuiltinCommand']);
