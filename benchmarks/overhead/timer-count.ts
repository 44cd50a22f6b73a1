import { createHook } from 'node:async_hooks';

/** Counts the timers of this process, those among them that do not keep it alive. */
export class TimerCount {
  readonly #armed = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type !== 'Timeout') return;
      this.#armed.add(id);
      this.started++;
    },
    destroy: (id) => this.#armed.delete(id),
  });
  /** How many were started so far. */
  started = 0;

  constructor() {
    this.#hook.enable();
  }

  /** How many of them are armed now. */
  get armed(): number {
    return this.#armed.size;
  }

  stop(): void {
    this.#hook.disable();
  }
}
