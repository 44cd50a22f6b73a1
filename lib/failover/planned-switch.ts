import type { DrainResult } from '../endpoints/connection.ts';
import type { SwitchReport } from '../events.ts';
import type { Clock } from '../time/clock.ts';
import type { SwitchParticipant } from './switch-participant.ts';

export interface SwitchRequest {
  /** Time for commands in flight. */
  readonly drainMs?: number | undefined;
  /** Whatever is known of the endpoint. */
  readonly isForced?: boolean | undefined;
  /** For how long it is pinned; without it until it is released. */
  readonly pinMs?: number | undefined;
  /** How long the target was looked at. */
  readonly checkMs?: number | undefined;
}

export interface PlannedSwitchSteps {
  /** Those that take part by now. */
  readonly participants: () => readonly SwitchParticipant[];
  readonly from: string;
  readonly drainMs: number;
  readonly clock: Clock;
  /** Whether it is still wanted: a failure, or a newer request, may have overtaken it. */
  readonly isCurrent: () => boolean;
  readonly performSwitch: () => void;
}

/** What became of commands, and how long that took. */
export interface PlannedSwitchOutcome extends Pick<SwitchReport, 'moved' | 'drained' | 'interrupted'> {
  readonly drainMs: number;
  readonly switchMs: number;
}

/** Holds new commands, lets those in flight finish, switches, and releases what waited, in order. */
export async function runPlannedSwitch(
  steps: PlannedSwitchSteps,
  onReleased: (outcome: PlannedSwitchOutcome) => void,
): Promise<void> {
  const { participants, from, drainMs, clock } = steps;
  const startedAt = clock.now();
  const held = new Set<SwitchParticipant>();
  const drains: DrainResult[] = [];
  let drainedAt: number;
  let moved: number;
  const newcomers = (): SwitchParticipant[] => participants().filter((participant) => !held.has(participant));
  try {
    // A client that is made meanwhile sends to the old endpoint as well.
    for (let joined = newcomers(); joined.length > 0; joined = newcomers()) {
      const leftMs = Math.max(0, drainMs - (clock.now() - startedAt));
      for (const participant of joined) {
        held.add(participant);
        participant.hold();
      }
      drains.push(...(await Promise.all(joined.map((participant) => participant.drained(from, leftMs)))));
    }
    drainedAt = clock.now();
    if (steps.isCurrent()) steps.performSwitch();
  } finally {
    moved = sum([...held].map((participant) => participant.release()));
  }
  onReleased({
    moved,
    drained: sum(drains.map(({ answered }) => answered)),
    interrupted: sum(drains.map(({ unanswered }) => unanswered)),
    drainMs: drainedAt - startedAt,
    switchMs: clock.now() - drainedAt,
  });
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
