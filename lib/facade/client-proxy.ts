import type { Redis } from 'ioredis';
import { Substitutes } from './substitutes.ts';

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/**
 * The Proxy that the application holds. Methods are bound to the instance behind it, once each: a method that ran on the
 * proxy would go through the traps again for everything that it reads.
 *
 * Unknown names are `undefined`, as on a plain client: an invented `then` would make `await redis` send a command.
 */
export function createClientProxy(
  target: Redis,
  extras: Readonly<Record<string, unknown>>,
  substitutes = new Substitutes(target),
): Redis {
  /** Every command comes through the `get` trap, so that it is one look-up. */
  const methods = new Map<PropertyKey, AnyFunction>();
  /** By what they are made of, so that aliases stay aliases, and a method stays what it was when others are redefined. */
  const adapted = new WeakMap<AnyFunction, AnyFunction>();
  const assigned = new Set<PropertyKey>();

  const find = (property: PropertyKey): unknown => {
    const value: unknown = substitutes.shown(property) ?? Reflect.get(target, property);
    if (typeof value !== 'function') return value === undefined ? extras[property as string] : value;
    if (property === 'constructor' || assigned.has(property)) return value;
    const method = adapt(property, value as AnyFunction);
    methods.set(property, method);
    return method;
  };

  const adapt = (property: PropertyKey, source: AnyFunction): AnyFunction => {
    const known = adapted.get(source);
    if (known !== undefined) return known;
    const method = source.bind<AnyFunction>(OF_THE_CLIENT.has(property) ? proxy : target);
    const redefine: AnyFunction = (...args) => {
      methods.clear();
      return method(...args);
    };
    const { name, length } = source;
    const result = Object.defineProperties(REDEFINING.has(property) ? redefine : method, {
      name: { value: name, configurable: true },
      length: { value: length, configurable: true },
    });
    adapted.set(source, result);
    return result;
  };

  const claim = (property: PropertyKey): void => {
    assigned.add(property);
    methods.delete(property);
    substitutes.override(property);
  };

  const proxy: Redis = new Proxy(target, {
    get(_target, property) {
      return methods.get(property) ?? find(property);
    },
    set(_target, property, value, receiver) {
      // What inherits from the client, or wraps it, asks to have the property defined where it belongs.
      if (receiver !== proxy) return Reflect.set(target, property, value, receiver);
      claim(property);
      return Reflect.set(target, property, value);
    },
    defineProperty(_target, property, descriptor) {
      claim(property);
      return Reflect.defineProperty(target, property, descriptor);
    },
    deleteProperty(_target, property) {
      if (!Reflect.deleteProperty(target, property)) return false;
      assigned.delete(property);
      methods.delete(property);
      substitutes.restore(property);
      return true;
    },
    has(_target, property) {
      return Reflect.has(target, property) || property in extras;
    },
    getOwnPropertyDescriptor(_target, property) {
      return substitutes.isHidden(property) ? undefined : Reflect.getOwnPropertyDescriptor(target, property);
    },
    ownKeys() {
      return Reflect.ownKeys(target).filter((property) => !substitutes.isHidden(property));
    },
  });
  // ioredis emits on its own instance, and listeners have to be called on the client that the application knows.
  const emit = Reflect.get(target, 'emit') as AnyFunction;
  substitutes.install('emit', emit.bind(proxy), emit);
  return proxy;
}

/**
 * Methods that are bound to the proxy, because they give it back, call listeners on it, or look at what it shows.
 */
const OF_THE_CLIENT: ReadonlySet<PropertyKey> = new Set([
  ...Reflect.ownKeys(Object.prototype),
  ...['on', 'once', 'off', 'addListener', 'removeListener', 'prependListener', 'prependOnceListener'],
  ...['removeAllListeners', 'setMaxListeners', 'emit'],
]);

/** Methods that put other methods in their place. */
const REDEFINING: ReadonlySet<PropertyKey> = new Set(['defineCommand', 'addBuiltinCommand']);
