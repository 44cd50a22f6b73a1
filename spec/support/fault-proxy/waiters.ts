/** Lets specs wait for a condition that can only come true in a known event. */
export class Waiters {
  readonly #checks = new Set<() => void>();

  /** Looks at all conditions again. */
  notify(): void {
    for (const check of this.#checks) check();
  }

  async wait(condition: () => boolean, what: () => string, timeoutMs: number): Promise<void> {
    let cleanUp = (): void => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const check = (): void => {
          try {
            if (condition()) resolve();
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        const timer = setTimeout(() => reject(new Error(`Not within ${timeoutMs} ms: ${what()}`)), timeoutMs);
        cleanUp = () => {
          clearTimeout(timer);
          this.#checks.delete(check);
        };
        this.#checks.add(check);
        check();
      });
    } finally {
      cleanUp();
    }
  }
}
