import type { Operation } from '../../spec/support/checker/history.ts';
import { latencies, quantile } from '../../spec/support/checker/timeline.ts';
import type { EndpointStatus } from '../../lib/index.ts';
import type { Line, Tone } from './text.ts';

/** Something that happened. Times are those of `performance.now()`. */
export interface DemoEvent {
  readonly at: number;
  readonly name: string;
  readonly detail: string;
  readonly tone: Tone;
}

export interface Outage {
  readonly endpointId: string;
  readonly from: number;
  to?: number;
}

/** What a view looks at while the workload runs; it changes under its eyes. */
export interface Stage {
  readonly startedAt: number;
  /** The expected end. */
  readonly totalMs: number;
  readonly history: readonly Operation[];
  readonly outages: readonly Outage[];
  /** What goes on, in one sentence. */
  readonly caption: () => string;
  readonly endpoints: () => readonly EndpointStatus[];
}

export interface View {
  /** Shows text that stays. */
  print(...lines: Line[]): void;
  event(event: DemoEvent): void;
  /** Follows the workload until {@link close}. */
  follow(stage: Stage): void;
  /** Ends what {@link follow} began. May be called at any time, and more than once. */
  close(): void;
}

const RECENT_MS = 1_000;

export interface Figures {
  readonly opsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
}

/** The last second as callers saw it; errors since the start. */
export function figuresOf({ history, startedAt }: Stage, now: number): Figures {
  const spanMs = Math.min(RECENT_MS, now - startedAt);
  const recent = latencies(history, ({ settledAt = 0 }) => settledAt > now - spanMs);
  return {
    opsPerSecond: Math.round((recent.length / spanMs) * 1_000),
    p50: quantile(recent, 0.5),
    p99: quantile(recent, 0.99),
    errors: history.filter(({ status }) => status === 'error').length,
  };
}
