/**
 * Members of the façade in the place of ioredis's. They sit on the instance itself, where ioredis's own code finds them.
 * Who looks at the client does not see that they do: on a plain client they belong to the prototype.
 */
export class Substitutes {
  readonly #target: object;
  readonly #members = new Map<PropertyKey, { readonly installed: unknown; readonly shown: unknown }>();
  /** Those in whose place the application put something of its own. */
  readonly #overridden = new Set<PropertyKey>();

  constructor(target: object) {
    this.#target = target;
  }

  /** @param shown What the application reads, when that is not what ioredis finds. */
  install(name: PropertyKey, installed: unknown, shown: unknown = installed): void {
    this.#members.set(name, { installed, shown });
    if (!this.#overridden.has(name)) this.#put(name, installed);
  }

  /** What the application reads under this name; `undefined` when it is not one of these. */
  shown(name: PropertyKey): unknown {
    return this.#overridden.has(name) ? undefined : this.#members.get(name)?.shown;
  }

  isHidden(name: PropertyKey): boolean {
    // An object that takes no more properties has to tell all that it has.
    return this.#members.has(name) && !this.#overridden.has(name) && Object.isExtensible(this.#target);
  }

  /** The application is about to put something of its own there. */
  override(name: PropertyKey): void {
    if (this.isHidden(name)) Reflect.deleteProperty(this.#target, name);
    if (this.#members.has(name)) this.#overridden.add(name);
  }

  /** The application took away what it had put there. */
  restore(name: PropertyKey): void {
    this.#overridden.delete(name);
    const member = this.#members.get(name);
    if (member !== undefined) this.#put(name, member.installed);
  }

  #put(name: PropertyKey, value: unknown): void {
    Object.defineProperty(this.#target, name, { value, configurable: true, writable: true, enumerable: false });
  }
}
