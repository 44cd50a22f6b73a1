import { slower, split, usualPace } from './pace.ts';
import type { ErrorRule } from './resp-relay.ts';
import type { ConnectionFaults, Delays, Direction, FaultState, Pace, Spikes } from './types.ts';

/** Faults that stay until they are lifted; each can be lifted by itself. */
export type LastingFault =
  'refusal' | 'blackhole' | 'swallowed replies' | 'delay' | 'spikes' | 'drip' | 'stalled replies' | 'error replies';

export const LASTING_FAULTS: readonly LastingFault[] = [
  'refusal',
  'blackhole',
  'swallowed replies',
  'delay',
  'spikes',
  'drip',
  'stalled replies',
  'error replies',
];

/** What a proxy does to all its connections, or to some of them. */
export class FaultSettings {
  readonly #latency: Delays;
  readonly blackholed = new Set<number>();
  isBlackhole = false;
  areRepliesSwallowed = false;
  rule: ErrorRule | undefined;
  #pace: Pace;

  constructor(latencyMs: number) {
    this.#latency = split(latencyMs, 'both');
    this.#pace = usualPace(this.#latency);
  }

  /** With the permanent latency. */
  get pace(): Pace {
    return this.#pace;
  }

  get state(): Omit<FaultState, 'listening' | 'heldRequestBytes' | 'heldReplyBytes'> {
    const { delays, spikes, drip } = this.#pace;
    return {
      ...{ delays, spikes, drip },
      blackhole: this.isBlackhole,
      repliesSwallowed: this.areRepliesSwallowed,
      replyingWithErrors: this.rule !== undefined,
    };
  }

  delay(ms: number, direction: Direction): void {
    this.#pace = { ...this.#pace, delays: slower(this.#latency, split(ms, direction)) };
  }

  spike(spikes: Spikes): void {
    this.#pace = { ...this.#pace, spikes };
  }

  drip(msPerByte: number, direction: Direction): void {
    this.#pace = { ...this.#pace, drip: split(msPerByte, direction) };
  }

  stallReplies(afterBytes: number): void {
    this.#pace = { ...this.#pace, replyBytes: afterBytes };
  }

  of(id: number): ConnectionFaults {
    return { blackholed: this.isBlackhole || this.blackholed.has(id), repliesSwallowed: this.areRepliesSwallowed };
  }

  lift(faults: readonly LastingFault[]): void {
    const { delays, spikes, drip, replyBytes } = usualPace(this.#latency);
    if (faults.includes('error replies')) this.rule = undefined;
    if (faults.includes('blackhole')) {
      this.isBlackhole = false;
      this.blackholed.clear();
    }
    if (faults.includes('swallowed replies')) this.areRepliesSwallowed = false;
    if (faults.includes('delay')) this.#pace = { ...this.#pace, delays };
    if (faults.includes('spikes')) this.#pace = { ...this.#pace, spikes };
    if (faults.includes('drip')) this.#pace = { ...this.#pace, drip };
    if (faults.includes('stalled replies')) this.#pace = { ...this.#pace, replyBytes };
  }
}
