import { z } from 'zod';
import { wallClockIn } from '../time/calendar.ts';
import { WEEKDAYS } from './failback-options.ts';

const NO_DAYS = 'must be a non-empty array of "mon" to "sun"';
const FROM = 'must be a time from "00:00" to "23:59"';
const TO = 'must be a time from "00:00" to "24:00"';

export const TIME_ZONE = 'must be the name of a time zone, such as "Europe/Berlin"';

export const opensAt = z.string({ error: FROM }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, FROM);
export const closesAt = z.string({ error: TO }).regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, TO);
export const weekdays = z.array(z.enum(WEEKDAYS, { error: NO_DAYS }), { error: NO_DAYS }).min(1, NO_DAYS);

/** Which there are depends on Node's own list. */
export function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    wallClockIn(value);
    return true;
  } catch {
    return false;
  }
}
