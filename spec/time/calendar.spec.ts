import { expect } from 'chai';
import { systemCalendar, wallClockIn } from '../../lib/time/calendar.ts';

describe('A clock on the wall', () => {
  const moments: readonly (readonly [timeZone: string, at: string, shows: string])[] = [
    ['UTC', '2026-03-29T00:59:59.999Z', '2026-03-29T00:59:59.999Z'],
    ['Europe/Berlin', '2026-03-29T00:59:59.999Z', '2026-03-29T01:59:59.999Z'],
    ['Europe/Berlin', '2026-03-29T01:00:00.000Z', '2026-03-29T03:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T00:59:59.999Z', '2026-10-25T02:59:59.999Z'],
    ['Europe/Berlin', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z'],
    ['America/Los_Angeles', '2026-01-01T07:30:15.250Z', '2025-12-31T23:30:15.250Z'],
    ['Asia/Kolkata', '2026-12-31T18:30:00.001Z', '2027-01-01T00:00:00.001Z'],
  ];

  for (const [timeZone, at, shows] of moments) {
    it(`of ${timeZone} shows ${shows} at ${at}`, () => {
      expect(new Date(wallClockIn(timeZone)(Date.parse(at))).toISOString()).to.equal(shows);
    });
  }

  it('hangs nowhere that is not known', () => {
    expect(() => wallClockIn('Berlin')).to.throw(RangeError);
  });
});

describe("The system's calendar", () => {
  it('counts from 1970', () => {
    const before = Date.now();

    expect(systemCalendar.now()).to.be.within(before, Date.now());
  });
});
