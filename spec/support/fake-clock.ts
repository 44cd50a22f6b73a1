import sinon from 'sinon';
import type { Clock, Timer } from '../../lib/time/clock.ts';

interface PendingTimer {
  readonly dueAt: number;
  readonly callback: () => void;
  readonly keepAlive: boolean;
}

/** A clock whose hands a spec turns. Time stands still in between. */
export class FakeClock implements Clock {
  #now = 1_000;
  #timers: PendingTimer[] = [];
  #polls: (() => void)[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void, options?: { readonly keepAlive?: boolean }): Timer {
    const timer = { dueAt: this.#now + ms, callback, keepAlive: options?.keepAlive === true };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  afterPoll(callback: () => void): void {
    this.#polls.push(callback);
  }

  /** Timers that are set and not due yet. */
  get timers(): readonly { readonly dueInMs: number; readonly keepAlive: boolean }[] {
    return this.#timers.map(({ dueAt, keepAlive }) => ({ dueInMs: dueAt - this.#now, keepAlive }));
  }

  /** Lets time pass on an idle loop: every timer runs when it is due, and sockets are read behind each. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#nextDue(until); next !== undefined; next = this.#nextDue(until)) {
      this.#now = Math.max(this.#now, next.dueAt);
      this.#run(next);
      this.pollUntilIdle();
    }
    this.#now = until;
  }

  /** The process stood still for so long: timers that are due by now run late, once each, before any socket is read. */
  freeze(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter(({ dueAt }) => dueAt <= this.#now);
    for (const timer of due.sort((a, b) => a.dueAt - b.dueAt)) if (this.#timers.includes(timer)) this.#run(timer);
  }

  /** Reads the sockets once. */
  poll(): void {
    const callbacks = this.#polls;
    this.#polls = [];
    for (const callback of callbacks) callback();
  }

  pollUntilIdle(): void {
    while (this.#polls.length > 0) this.poll();
  }

  #nextDue(until: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueAt <= until && (next === undefined || timer.dueAt < next.dueAt)) next = timer;
    }
    return next;
  }

  #run(timer: PendingTimer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.callback();
  }
}

/** Fakes what the system's clock and the libraries wait with. Microtasks stay real, so that `tickAsync` lets them run. */
export function fakeSystemTime(): sinon.SinonFakeTimers {
  return sinon.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
  });
}

/**
 * Fakes time anew for each test of the suite in which this is called. Chance is ruled out with it, because pauses are
 * jittered.
 */
export function fakeTimeForEachTest(): Pick<sinon.SinonFakeTimers, 'tickAsync' | 'countTimers' | 'now'> {
  let clock: sinon.SinonFakeTimers;
  let random: sinon.SinonStub;
  beforeEach(() => {
    clock = fakeSystemTime();
    random = sinon.stub(Math, 'random').returns(0.5);
  });
  afterEach(() => {
    random.restore();
    clock.restore();
  });
  return {
    get now() {
      return clock.now;
    },
    tickAsync: (ms) => clock.tickAsync(ms),
    countTimers: () => clock.countTimers(),
  };
}
