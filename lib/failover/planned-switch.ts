import type { Clock } from '../time/clock.ts';
import type { SwitchParticipant } from './switch-participant.ts';

export interface PlannedSwitchSteps {
  readonly participants: readonly SwitchParticipant[];
  readonly from: string;
  readonly drainMs: number;
  readonly clock: Clock;
  /** Whether it is still wanted: a failure, or a newer request, may have overtaken it. */
  readonly isCurrent: () => boolean;
  readonly performSwitch: () => void;
}

export interface PlannedSwitchOutcome {
  readonly isDone: boolean;
  readonly isDrained: boolean;
  readonly heldMs: number;
}

/** Holds new commands, lets those in flight finish, switches, and releases what waited, in order. */
export async function runPlannedSwitch(steps: PlannedSwitchSteps): Promise<PlannedSwitchOutcome> {
  const { participants, from, drainMs, clock } = steps;
  const startedAt = clock.now();
  for (const participant of participants) participant.hold();
  try {
    const drained = await Promise.all(participants.map((participant) => participant.drained(from, drainMs)));
    const isDone = steps.isCurrent();
    if (isDone) steps.performSwitch();
    return { isDone, isDrained: drained.every(Boolean), heldMs: clock.now() - startedAt };
  } finally {
    for (const participant of participants) participant.release();
  }
}
