import { expect } from 'chai';
import fc from 'fast-check';
import { untilWindow } from '../../lib/failover/failback-windows.ts';
import type { FailbackWindow } from '../../lib/options/failback-options.ts';
import { WEEKDAYS } from '../../lib/options/failback-options.ts';

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 600_000;

/** Goes from wait to wait, as the controller does. */
function opensAt(windows: readonly FailbackWindow[], at: number): number {
  let now = at;
  const until = untilWindow(windows, { now: () => now });
  for (let waitMs = until(0); waitMs > 0; waitMs = until(0)) {
    expect(waitMs).to.be.at.most(LONGEST_WAIT_MS);
    now += waitMs;
  }
  return now;
}

interface Case {
  readonly at: string;
  readonly opens: string;
}

const NIGHT: FailbackWindow = { from: '02:00', to: '05:00' };
const OVER_MIDNIGHT: FailbackWindow = { from: '22:00', to: '03:00' };
const BERLIN = { timeZone: 'Europe/Berlin' };

/** 9 March 2026 is a Monday. */
const table: readonly (readonly [name: string, windows: readonly FailbackWindow[], cases: readonly Case[]])[] = [
  [
    'by night',
    [NIGHT],
    [
      { at: '2026-03-10T01:59:59.999Z', opens: '2026-03-10T02:00:00.000Z' },
      { at: '2026-03-10T02:00:00.000Z', opens: '2026-03-10T02:00:00.000Z' },
      { at: '2026-03-10T04:59:59.999Z', opens: '2026-03-10T04:59:59.999Z' },
      { at: '2026-03-10T05:00:00.000Z', opens: '2026-03-11T02:00:00.000Z' },
    ],
  ],
  [
    'past midnight',
    [OVER_MIDNIGHT],
    [
      { at: '2026-03-10T21:00:00.000Z', opens: '2026-03-10T22:00:00.000Z' },
      { at: '2026-03-10T23:30:00.000Z', opens: '2026-03-10T23:30:00.000Z' },
      { at: '2026-03-11T00:00:00.000Z', opens: '2026-03-11T00:00:00.000Z' },
      { at: '2026-03-11T02:59:59.999Z', opens: '2026-03-11T02:59:59.999Z' },
      { at: '2026-03-11T03:00:00.000Z', opens: '2026-03-11T22:00:00.000Z' },
    ],
  ],
  [
    'until midnight',
    [{ from: '22:00', to: '00:00' }],
    [
      { at: '2026-03-10T23:59:59.999Z', opens: '2026-03-10T23:59:59.999Z' },
      { at: '2026-03-11T00:00:00.000Z', opens: '2026-03-11T22:00:00.000Z' },
    ],
  ],
  [
    'all day',
    [{ from: '00:00', to: '24:00', days: ['sat', 'sun'] }],
    [
      { at: '2026-03-13T12:00:00.000Z', opens: '2026-03-14T00:00:00.000Z' },
      { at: '2026-03-15T00:00:00.000Z', opens: '2026-03-15T00:00:00.000Z' },
      { at: '2026-03-15T23:59:59.999Z', opens: '2026-03-15T23:59:59.999Z' },
      { at: '2026-03-16T00:00:00.000Z', opens: '2026-03-21T00:00:00.000Z' },
    ],
  ],
  [
    'on one day, past midnight into the next',
    [{ ...OVER_MIDNIGHT, days: ['mon'] }],
    [
      { at: '2026-03-09T01:00:00.000Z', opens: '2026-03-09T22:00:00.000Z' },
      { at: '2026-03-10T02:00:00.000Z', opens: '2026-03-10T02:00:00.000Z' },
      { at: '2026-03-10T03:00:00.000Z', opens: '2026-03-16T22:00:00.000Z' },
      { at: '2026-03-11T02:00:00.000Z', opens: '2026-03-16T22:00:00.000Z' },
    ],
  ],
  [
    'from Sunday into Monday',
    [{ from: '23:00', to: '01:00', days: ['sun'] }],
    [
      { at: '2026-03-09T00:30:00.000Z', opens: '2026-03-09T00:30:00.000Z' },
      { at: '2026-03-09T23:30:00.000Z', opens: '2026-03-15T23:00:00.000Z' },
    ],
  ],
  [
    'of which there are several',
    [
      { ...NIGHT, days: ['mon'] },
      { from: '12:00', to: '12:30' },
    ],
    [
      { at: '2026-03-08T13:00:00.000Z', opens: '2026-03-09T02:00:00.000Z' },
      { at: '2026-03-09T05:00:00.000Z', opens: '2026-03-09T12:00:00.000Z' },
      { at: '2026-03-09T12:10:00.000Z', opens: '2026-03-09T12:10:00.000Z' },
    ],
  ],
  [
    'of other time zones',
    [{ from: '02:00', to: '03:00', timeZone: 'Asia/Kolkata' }],
    [{ at: '2026-03-09T12:00:00.000Z', opens: '2026-03-09T20:30:00.000Z' }],
  ],
  [
    'whose day is another one than in UTC',
    [{ from: '20:00', to: '21:00', days: ['mon'], timeZone: 'America/Los_Angeles' }],
    [{ at: '2026-03-09T12:00:00.000Z', opens: '2026-03-10T03:00:00.000Z' }],
  ],
  [
    'in winter and in summer',
    [{ ...NIGHT, ...BERLIN }],
    [
      { at: '2026-01-10T12:00:00.000Z', opens: '2026-01-11T01:00:00.000Z' },
      { at: '2026-07-10T12:00:00.000Z', opens: '2026-07-11T00:00:00.000Z' },
    ],
  ],
  [
    'when clocks are put forward from its beginning',
    [{ ...NIGHT, ...BERLIN }],
    [
      { at: '2026-03-28T12:00:00.000Z', opens: '2026-03-29T01:00:00.000Z' },
      { at: '2026-03-29T02:59:59.999Z', opens: '2026-03-29T02:59:59.999Z' },
      { at: '2026-03-29T03:00:00.000Z', opens: '2026-03-30T00:00:00.000Z' },
    ],
  ],
  [
    'when clocks are put forward over its beginning',
    [{ from: '02:30', to: '05:00', ...BERLIN }],
    [{ at: '2026-03-29T00:59:59.999Z', opens: '2026-03-29T01:00:00.000Z' }],
  ],
  [
    'when clocks are put forward over all of it',
    [{ from: '02:00', to: '02:45', ...BERLIN }],
    [{ at: '2026-03-28T12:00:00.000Z', opens: '2026-03-30T00:00:00.000Z' }],
  ],
  [
    'behind the hour that is left out',
    [{ from: '04:00', to: '05:00', days: ['sun'], ...BERLIN }],
    [{ at: '2026-03-26T12:00:00.000Z', opens: '2026-03-29T02:00:00.000Z' }],
  ],
  [
    'in the hour that comes twice',
    [{ from: '02:30', to: '02:45', ...BERLIN }],
    [
      { at: '2026-10-24T12:00:00.000Z', opens: '2026-10-25T00:30:00.000Z' },
      { at: '2026-10-25T00:45:00.000Z', opens: '2026-10-25T01:30:00.000Z' },
      { at: '2026-10-25T01:45:00.000Z', opens: '2026-10-26T01:30:00.000Z' },
    ],
  ],
  [
    'into which clocks are put back',
    [{ from: '01:00', to: '02:30', ...BERLIN }],
    [
      { at: '2026-10-25T00:29:59.999Z', opens: '2026-10-25T00:29:59.999Z' },
      { at: '2026-10-25T00:40:00.000Z', opens: '2026-10-25T01:00:00.000Z' },
      { at: '2026-10-25T01:30:00.000Z', opens: '2026-10-26T00:00:00.000Z' },
    ],
  ],
];

/** What a clock on the wall shows, read from its text. */
function isWithin({ from, to, days = WEEKDAYS, timeZone = 'UTC' }: FailbackWindow, at: number): boolean {
  const format: Intl.DateTimeFormatOptions = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit' };
  const [weekday = '', time = ''] = new Intl.DateTimeFormat('en-GB', format).format(at).replace(',', '').split(' ');
  const today = WEEKDAYS.findIndex((day) => day === weekday.toLowerCase());
  const isOn = (day: number): boolean => days.includes(WEEKDAYS[(day + 7) % 7] ?? 'mon');
  if (to > from) return isOn(today) && time >= from && time < to;
  return (isOn(today) && time >= from) || (isOn(today - 1) && time < to);
}

describe('A window for failbacks', () => {
  for (const [name, windows, cases] of table) {
    for (const { at, opens } of cases) {
      it(`${name}: from ${at} on it is open at ${opens}`, () => {
        expect(new Date(opensAt(windows, Date.parse(at))).toISOString()).to.equal(opens);
      });
    }
  }

  it('is waited for for ten minutes at a time, because the calendar may be set', () => {
    let now = Date.parse('2026-03-10T01:45:00.000Z');
    const until = untilWindow([NIGHT], { now: () => now });
    expect(until(0)).to.equal(LONGEST_WAIT_MS);
    now = Date.parse('2026-03-10T01:59:59.000Z');
    expect(until(0)).to.equal(1_000);
    now = Date.parse('2026-03-10T02:00:00.000Z');
    expect(until(0)).to.equal(0);
    now = Date.parse('2026-03-10T01:59:58.000Z');
    expect(until(0)).to.equal(2_000);
  });

  it('is for a failback as late as its random part, and closes for all at once', () => {
    let now = Date.parse('2026-03-10T01:59:59.000Z');
    const until = untilWindow([NIGHT], { now: () => now });
    expect([until(0), until(700)]).to.deep.equal([1_000, 1_700]);
    now = Date.parse('2026-03-10T02:00:00.300Z');
    expect([until(0), until(700)]).to.deep.equal([0, 400]);
    now = Date.parse('2026-03-10T02:00:00.700Z');
    expect([until(0), until(700)]).to.deep.equal([0, 0]);
    now = Date.parse('2026-03-10T04:59:59.999Z');
    expect([until(0), until(700)]).to.deep.equal([0, 0]);
    now = Date.parse('2026-03-10T05:00:00.000Z');
    expect([until(0), until(700)]).to.deep.equal([LONGEST_WAIT_MS, LONGEST_WAIT_MS]);
  });

  it('has no second beginning where one follows upon another', () => {
    const at = Date.parse('2026-03-10T00:00:00.000Z');
    const day: FailbackWindow = { from: '00:00', to: '24:00' };

    expect(untilWindow([day], { now: () => at })(30_000)).to.equal(0);
  });

  it('opens in the first minute in which clocks on the wall show that it is open, wherever they hang', () => {
    const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
      const text = (value: number): string => String(value).padStart(2, '0');
      return `${text(Math.floor(quarter / 4))}:${text((quarter % 4) * 15)}`;
    });
    const window = fc.record({
      ...{ from: time, to: time },
      days: fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 }),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'),
    });
    // Around the days on which clocks are changed somewhere.
    const changes = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'];
    const moment = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -1_440, max: 1_440 }))
      .map(([day, minutes]) => Date.parse(day) + minutes * MINUTE_MS);
    const differing = window.filter(({ from, to }) => from !== to);
    fc.assert(
      fc.property(differing, moment, (given, at) => {
        let expected = at;
        while (!isWithin(given, expected)) expected += 5 * MINUTE_MS;
        // Windows begin at quarters of an hour, and so do changes of the clocks.
        const first = Math.max(at, Math.floor(expected / (15 * MINUTE_MS)) * 15 * MINUTE_MS);
        expect(new Date(opensAt([given], at)).toISOString()).to.equal(new Date(first).toISOString());
      }),
      { numRuns: 60 },
    );
  }).timeout(60_000);
});
