import type { Operation } from '../../spec/support/checker/history.ts';
import { longestGap } from '../../spec/support/checker/timeline.ts';
import type { Report } from '../../spec/support/checker/verdict.ts';
import type { RuleCounts } from '../common/evidence.ts';

/** What the client is expected to do about a fault. */
export type Expectation = 'failover, failback' | 'failover' | 'manual' | 'failback' | 'no switch';

/** What one run showed. Times in milliseconds; a window is a time without any acknowledged command. */
export interface RunFigures {
  /** Longest window before the fault: what a pause of the machine or of the load looks like. */
  readonly quietMs: number | undefined;
  /** Longest time in which this process itself did not run, from the fault until half a second after the switch. */
  readonly stallMs: number | undefined;
  /** Longest window that overlaps that time. */
  readonly windowMs: number | undefined;
  /** The same for writes alone: reads may go on while writes are refused. */
  readonly writeWindowMs: number | undefined;
  readonly switchAfterMs: number | undefined;
  /** How long a silent failure may go on, by `geo.detectionBoundMs`. */
  readonly boundMs: number;
  readonly reason: string | undefined;
  /** Commands that the endpoint had refused when it was left. */
  readonly refused: number | undefined;
  /** By code and outcome, over the whole run. */
  readonly errors: Readonly<Record<string, number>>;
  readonly failback: Failback | undefined;
  readonly outages: number;
  /** All switches in their order. */
  readonly path: readonly string[];
  readonly asExpected: boolean;
  readonly operations: number;
  readonly violations: RuleCounts;
  readonly repeated: number;
  readonly inversions: number;
  /** Bytes that the proxy held when it was healed: of connections that were given up, and of those that were not. */
  readonly heldRequestBytes: { readonly dropped: number; readonly forwarded: number };
  readonly isClean: boolean;
}

export interface Failback {
  readonly afterHealMs: number;
  /** Longest window from the decision to half a second behind the switch. */
  readonly windowMs: number | undefined;
  readonly errors: number;
}

export interface Run {
  readonly figures: RunFigures;
  readonly report: Report;
}

/** `failover east>west (silence)` begins with the kind. */
export function kindsOf(path: readonly string[]): string {
  return path.length === 0 ? 'no switch' : path.map((step) => step.split(' ')[0]).join(', ');
}

/** Of the commands that were answered by then, so that the window of the fault itself is not among them. */
export function longestGapBefore(history: readonly Operation[], at: number): number | undefined {
  return longestGap(history.filter(({ settledAt = Number.POSITIVE_INFINITY }) => settledAt <= at))?.durationMs;
}
