/** The time of day and the date. Unlike a {@link Clock} it can be set, forwards and backwards. */
export interface Calendar {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

export const systemCalendar: Calendar = { now: () => Date.now() };

/** What clocks on the wall show at a moment: milliseconds since 1970 as if their time zone were UTC. */
export type WallClock = (at: number) => number;

/** @throws RangeError for a time zone that is not known. */
export function wallClockIn(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 0, day, hour, minute, second] = PARTS.map((part) => parts.get(part));
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1_000) + 1_000) % 1_000);
  };
}

const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;
