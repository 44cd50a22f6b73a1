import type { FaultKind } from '../schedule.ts';

/** A fault as it happened. Times in milliseconds since the beginning of the round. */
export interface FaultRecord {
  readonly kind: FaultKind;
  /** On what, and how. */
  readonly detail: string;
  /** The endpoints that may fail by it. */
  readonly endpoints: readonly string[];
  readonly fromMs: number;
  untilMs: number | undefined;
  /** Whether it was seen to be in place. */
  isConfirmed: boolean;
  /** Why it was not. */
  note?: string;
}

export class FaultLog {
  readonly records: FaultRecord[] = [];
  /** By `Date.now()`. */
  readonly startedAt = Date.now();
  readonly #startedAt = performance.now();

  get nowMs(): number {
    return performance.now() - this.#startedAt;
  }

  open(kind: FaultKind, detail: string, endpoints: readonly string[]): FaultRecord {
    const record: FaultRecord = { kind, detail, endpoints, fromMs: this.nowMs, untilMs: undefined, isConfirmed: false };
    this.records.push(record);
    return record;
  }

  close(record: FaultRecord): void {
    record.untilMs = this.nowMs;
  }
}

export function describeFault({ kind, detail, fromMs, untilMs, isConfirmed, note }: FaultRecord): string {
  const span = `${Math.round(fromMs)}–${untilMs === undefined ? '?' : Math.round(untilMs)} ms`;
  return `${span}: ${kind} ${detail}${isConfirmed ? '' : ` (not confirmed${note === undefined ? '' : `: ${note}`})`}`;
}
