/** Timers of this process that were set and neither fired nor were cleared, unref'd ones included. */
export class TimerWatch {
  readonly #timers = new Map<unknown, string>();

  /** Everybody who calls the global functions from now on is seen. */
  constructor() {
    this.#watchSetter('setTimeout', true);
    this.#watchSetter('setInterval', false);
    for (const name of ['clearTimeout', 'clearInterval'] as const) {
      const clear = globalThis[name];
      globalThis[name] = ((timer: NodeJS.Timeout) => {
        this.#timers.delete(timer);
        clear(timer);
      }) as typeof clear;
    }
  }

  /** What each of them is for, as far as its source tells. */
  get pending(): string[] {
    return [...this.#timers.values()];
  }

  #watchSetter(name: 'setTimeout' | 'setInterval', isOnce: boolean): void {
    const set = globalThis[name] as (callback: (...args: unknown[]) => void, ...rest: unknown[]) => NodeJS.Timeout;
    const watching = (callback: (...args: unknown[]) => void, ...rest: unknown[]): NodeJS.Timeout => {
      const fire = (...args: unknown[]): void => {
        if (isOnce) this.#timers.delete(timer);
        callback(...args);
      };
      const timer = set(fire, ...rest);
      this.#timers.set(
        timer,
        `${name} ${String(rest[0])} ms: ${callback.toString().replace(/\s+/g, ' ').slice(0, 100)}`,
      );
      return timer;
    };
    // util.promisify() looks for the original's own way.
    Object.defineProperties(watching, Object.getOwnPropertyDescriptors(set));
    Reflect.set(globalThis, name, watching);
  }
}
