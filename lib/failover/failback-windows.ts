import { type FailbackWindow, WEEKDAYS } from '../options/failback-options.ts';
import { type Calendar, type WallClock, wallClockIn } from '../time/calendar.ts';
import type { UntilWindow } from './consider-failback.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** For how long a window is waited for without another look at the calendar, which may be set meanwhile. */
const LONGEST_WAIT_MS = 600_000;

/** 1970 began on a Thursday. */
const FIRST_WEEKDAY = 3;

/** One window of every week, by the clocks on the wall of its time zone. */
class WeeklyWindow {
  readonly #clock: WallClock;
  /** Both since the midnight before it begins. */
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #weekdays: ReadonlySet<number>;

  constructor({ from, to, days = WEEKDAYS, timeZone = 'UTC' }: FailbackWindow) {
    this.#clock = wallClockIn(timeZone);
    this.#fromMs = timeOfDay(from);
    const toMs = timeOfDay(to);
    this.#toMs = toMs > this.#fromMs ? toMs : toMs + DAY_MS;
    this.#weekdays = new Set(days.map((day) => WEEKDAYS.indexOf(day)));
  }

  /** @returns when it is open next, which is this moment while it is. */
  opensAt(at: number): number {
    const wall = this.#clock(at);
    if (this.#isOpen(wall)) return at;
    const opening = at + this.#nextStart(wall) - wall;
    const shift = wall - at;
    const isSameShift = (moment: number): boolean => this.#clock(moment) - moment === shift;
    // Before that the clocks are changed, perhaps right into the window, or past it.
    return isSameShift(opening) ? opening : this.opensAt(firstWithout(isSameShift, at, opening));
  }

  /** Today's window, or the one that began yesterday. */
  #isOpen(wall: number): boolean {
    const today = Math.floor(wall / DAY_MS);
    return [today, today - 1].some((day) => {
      const sinceMidnight = wall - day * DAY_MS;
      return this.#isOn(day) && sinceMidnight >= this.#fromMs && sinceMidnight < this.#toMs;
    });
  }

  #nextStart(wall: number): number {
    let day = Math.floor(wall / DAY_MS);
    while (!this.#isOn(day) || day * DAY_MS + this.#fromMs <= wall) day++;
    return day * DAY_MS + this.#fromMs;
  }

  #isOn(day: number): boolean {
    return this.#weekdays.has((day + FIRST_WEEKDAY) % 7);
  }
}

/**
 * Tells how long it is until a failback may happen: `0` within a window; else the time until the next one opens, or until
 * the calendar has to be looked at again.
 */
export function untilWindow(windows: readonly FailbackWindow[], calendar: Calendar): UntilWindow {
  const weekly = windows.map((window) => new WeeklyWindow(window));
  const untilOpenAt = (at: number): number => Math.min(...weekly.map((window) => window.opensAt(at) - at));
  return (jitterMs) => {
    const now = calendar.now();
    return Math.min(LONGEST_WAIT_MS, Math.max(untilOpenAt(now), untilOpenAt(now - jitterMs)));
  };
}

/** `02:30` */
function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return (hours * 60 + minutes) * MINUTE_MS;
}

/** The first millisecond for which it does not hold any more; it does for `from`, and not for `to`. */
function firstWithout(holds: (moment: number) => boolean, from: number, to: number): number {
  let [last, first] = [from, to];
  while (first - last > 1) {
    const middle = (last + first) / 2;
    if (holds(middle)) last = middle;
    else first = middle;
  }
  return Math.floor(first);
}
