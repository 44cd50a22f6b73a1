import type { GeoEvents } from '../geo-events.ts';
import type { CurrentOptions } from '../options/current-options.ts';
import { madeOf } from '../options/made-of.ts';
import type { Calendar } from '../time/calendar.ts';
import type { UntilWindow } from './consider-failback.ts';
import { untilWindow } from './failback-windows.ts';
import type { FailoverRules } from './failover-state.ts';
import { failoverRules } from './initial-state.ts';

/** What the application's options say about failover and failback. */
export interface FailoverPolicy {
  readonly rules: FailoverRules;
  readonly drainMs: number;
  readonly retryAfterMs: number;
  readonly jitterMs: number;
  /** How long it is until a failback may happen by the calendar. Without it one may happen at any time. */
  readonly untilWindowMs?: UntilWindow | undefined;
}

export function currentPolicy(
  options: CurrentOptions,
  calendar: Calendar,
  events: Pick<GeoEvents, 'emit'>,
): () => FailoverPolicy {
  // A calendar takes long to be made.
  const untilWindowMs = madeOf(
    () => options.failback.windows,
    (windows) => windows && untilWindow(windows, calendar),
  );
  return madeOf(
    () => options.values,
    ({ failback, failover, healthCheck }) => ({
      rules: failoverRules({ failback, failover }, events),
      drainMs: failover.drainMs,
      retryAfterMs: healthCheck.intervalMs,
      jitterMs: failback.jitterMs,
      untilWindowMs: untilWindowMs(),
    }),
  );
}
