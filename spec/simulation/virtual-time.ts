import { Task, TimerQueue } from './timer-queue.ts';

/** Timers of everything outside of the process that is looked at: they go on while it is stopped. */
export interface WorldTimers {
  after(ms: number, run: () => void): { cancel(): void };
}

/** The real time, for servers and a network that are used without a simulation. */
export const REAL_TIMERS: WorldTimers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** What `setTimeout()` returns while time is virtual. */
class VirtualTimer {
  readonly #set: (timer: VirtualTimer) => Task;
  readonly #repeats: boolean;
  readonly #run: () => void;
  task: Task;

  constructor(set: (timer: VirtualTimer) => Task, run: () => void, repeats: boolean) {
    this.#set = set;
    this.#run = run;
    this.#repeats = repeats;
    this.task = set(this);
  }

  fire(): void {
    if (this.#repeats) this.task = this.#set(this);
    this.#run();
  }

  refresh(): this {
    this.task.isCancelled = true;
    this.task = this.#set(this);
    return this;
  }

  close(): void {
    this.task.isCancelled = true;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** Captured before anything is faked. One turn of the real loop runs every microtask and tick that waits. */
const REAL = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, Date };

/** Unlike zero it is true, as a calendar's time always is. */
const START_MS = 1_000;

/**
 * Time that passes from one event to the next, with nothing real in it: no socket, no timer, no clock. Ticks and
 * microtasks stay the engine's own; their order follows from the program alone.
 */
export class VirtualTime {
  #now = START_MS;
  #order = 0;
  /** Of the process: its timers and immediates. */
  readonly #process = new TimerQueue();
  readonly #world = new TimerQueue();
  #stoppedUntil: number | undefined;
  #stoppedMs = 0;
  /** How many events there were. */
  events = 0;
  /** Called when the process goes on after {@link stopProcess}. */
  onResumed: (() => void) | undefined;

  constructor() {
    this.#fake();
  }

  get now(): number {
    return this.#now;
  }

  /** Timers that the process has set. */
  get timers(): number {
    return this.#process.size;
  }

  /** Whether the process is stopped, so that it hears of nothing. */
  get isStopped(): boolean {
    return this.#stoppedUntil !== undefined;
  }

  readonly world: WorldTimers = {
    after: (ms, run) => {
      const task = new Task(this.#now + ms, this.#order++, run);
      this.#world.add(task);
      return { cancel: () => void (task.isCancelled = true) };
    },
  };

  /** For how long the process has been stopped in all. */
  get stoppedMs(): number {
    return this.#stoppedMs;
  }

  /** Stops the process for a while, as SIGSTOP does, or something that blocks its event loop. The world goes on. */
  stopProcess(ms: number): void {
    const before = this.#stoppedUntil ?? this.#now;
    this.#stoppedUntil = Math.max(before, this.#now + ms);
    this.#stoppedMs += this.#stoppedUntil - before;
  }

  /** Runs whatever happens until something holds, or the time is up. @returns whether it holds. */
  runUntil(holds: () => boolean, limitMs: number): Promise<boolean> {
    const until = this.#now + limitMs;
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          if (holds()) return resolve(true);
          if (!this.#runNext(until)) return resolve(holds());
        } catch (error) {
          return reject(error instanceof Error ? error : new Error(String(error)));
        }
        REAL.setImmediate(step);
      };
      REAL.setImmediate(step);
    });
  }

  async run(ms: number): Promise<void> {
    await this.runUntil(() => false, ms);
  }

  /** Gives the real time back. */
  end(): void {
    const { Date: realDate, ...timers } = REAL;
    Object.assign(globalThis, timers, { Date: realDate });
    delete (performance as { now?: unknown }).now;
  }

  /** @returns whether there was something to run by then. */
  #runNext(until: number): boolean {
    const queue = this.#queueOfNext();
    const next = queue?.first;
    const resumesAt = this.#stoppedUntil;
    if (resumesAt !== undefined && resumesAt <= Math.min(until, next?.at ?? Number.POSITIVE_INFINITY)) {
      this.#now = Math.max(this.#now, resumesAt);
      this.#stoppedUntil = undefined;
      this.onResumed?.();
      return true;
    }
    if (queue === undefined || next === undefined || next.at > until) {
      this.#now = until;
      return false;
    }
    queue.takeFirst();
    this.#now = Math.max(this.#now, next.at);
    this.events++;
    next.run();
    return true;
  }

  #queueOfNext(): TimerQueue | undefined {
    const own = this.isStopped ? undefined : this.#process.first;
    const others = this.#world.first;
    if (own === undefined || others === undefined) return own === undefined ? this.#world : this.#process;
    return own.isBefore(others) ? this.#process : this.#world;
  }

  #fake(): void {
    const timer = (run: (...args: unknown[]) => void, ms: unknown, args: unknown[], repeats: boolean): VirtualTimer => {
      const length = Math.max(1, Math.trunc(Number(ms)) || 0);
      const set = (self: VirtualTimer): Task => {
        const task = new Task(this.#now + length, this.#order++, () => self.fire());
        this.#process.add(task);
        return task;
      };
      return new VirtualTimer(set, () => run(...args), repeats);
    };
    const clear =
      (real: (timer: never) => void) =>
      (known: unknown): void => {
        if (known instanceof VirtualTimer) known.close();
        else real(known as never);
      };
    // As in Node, one that is set by another one runs behind whatever is to be read from sockets by then.
    const immediate = (run: (...args: unknown[]) => void, ...args: unknown[]): VirtualTimer => {
      const set = (self: VirtualTimer): Task => {
        const task = new Task(this.#now, this.#order++, () => self.fire());
        this.#process.add(task);
        return task;
      };
      return new VirtualTimer(set, () => run(...args), false);
    };
    const now = (): number => this.#now;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms?: unknown, ...args: unknown[]) => timer(run, ms, args, false),
      setInterval: (run: () => void, ms?: unknown, ...args: unknown[]) => timer(run, ms, args, true),
      setImmediate: immediate,
      clearTimeout: clear(REAL.clearTimeout),
      clearInterval: clear(REAL.clearInterval),
      clearImmediate: clear(REAL.clearImmediate),
      Date: virtualDate(now),
    });
    performance.now = now;
  }
}

function virtualDate(now: () => number): DateConstructor {
  return class extends REAL.Date {
    constructor(...args: unknown[]) {
      super(...((args.length === 0 ? [Math.trunc(now())] : args) as [number]));
    }

    static override now(): number {
      return Math.trunc(now());
    }
  } as DateConstructor;
}
