/** Lets one user of a name have it at a time, in the order of asking. */
export class Locks {
  readonly #last = new Map<string, Promise<unknown>>();

  async with<T>(name: string, use: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const used = before.then(use, use);
    this.#last.set(
      name,
      used.catch(() => undefined),
    );
    return used;
  }
}
