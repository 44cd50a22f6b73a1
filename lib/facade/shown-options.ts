import { Redis, type RedisOptions } from 'ioredis';

/** Options that say where an endpoint is and how it is entered, so that they differ from one to another. */
const OF_ENDPOINTS = ['host', 'port', 'path', 'family', 'tls', 'username', 'password', 'db'] as const;

type Options = Record<string, unknown>;

export interface OptionsSource {
  /** The options of the active endpoint, the same object each time; `undefined` if they are not known. */
  readonly activeOptions: RedisOptions | undefined;
  /** What holds for this client on every endpoint. */
  readonly override: RedisOptions;
}

/** The client's `options`: what the application asked for, and of the active endpoint where it is. */
export class ShownOptions {
  readonly #options: Options;
  readonly #initial: Options;

  /**
   * @param options Of the façade's own instance. They are changed.
   */
  constructor(options: Options, source: OptionsSource) {
    this.#options = options;
    this.#initial = { ...options };
    const resolved = new WeakMap<RedisOptions, Options>();
    const read = (name: string): unknown => {
      const given = source.activeOptions;
      if (given === undefined) return this.#initial[name];
      const known = resolved.get(given) ?? asIoredisReads(given);
      resolved.set(given, known);
      return known[name];
    };
    for (const name of OF_ENDPOINTS) {
      if (!(name in options) || name in source.override) continue;
      Object.defineProperty(options, name, {
        get: () => read(name),
        set: (value) => void Object.defineProperty(options, name, { value, writable: true }),
        enumerable: true,
        configurable: true,
      });
    }
  }

  /** What the application wrote on them. A plain client goes by that when it connects again, and in its duplicates. */
  get changed(): RedisOptions {
    const changed: Options = {};
    for (const name of Object.keys(this.#options)) {
      const written = Object.getOwnPropertyDescriptor(this.#options, name);
      if (written !== undefined && 'value' in written && written.value !== this.#initial[name]) {
        changed[name] = written.value;
      }
    }
    return changed;
  }
}

/** With ioredis's defaults, numbers that were given as text, and profiles of TLS. */
function asIoredisReads(given: RedisOptions): Options {
  const { options } = new Redis({ ...given, lazyConnect: true, sentinels: undefined, Connector: undefined });
  return { ...options };
}
