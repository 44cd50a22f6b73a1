import type { SwitchReport } from '../events.ts';
import type { PlannedSwitchOutcome } from './planned-switch.ts';

export const NOTHING_TO_DO: PlannedSwitchOutcome = { moved: 0, drained: 0, interrupted: 0, drainMs: 0, switchMs: 0 };

/** @param checkMs How long the target was looked at. */
export function reportOf(
  { from, to, epoch }: Pick<SwitchReport, 'from' | 'to' | 'epoch'>,
  { moved, drained, interrupted, drainMs, switchMs }: PlannedSwitchOutcome,
  checkMs: number,
): SwitchReport {
  return {
    ...{ from, to, epoch, moved, drained, interrupted },
    isDrained: interrupted === 0,
    heldMs: drainMs + switchMs,
    phases: { checkMs, drainMs, switchMs },
  };
}
