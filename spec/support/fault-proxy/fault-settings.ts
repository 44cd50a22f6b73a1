import type { ErrorRule } from './resp-relay.ts';
import type { ConnectionFaults, Delays, Direction } from './types.ts';

/** Faults that stay until they are lifted; each can be lifted by itself. */
export type LastingFault = 'refusal' | 'blackhole' | 'swallowed replies' | 'delay' | 'error replies';

export const LASTING_FAULTS: readonly LastingFault[] = [
  'refusal',
  'blackhole',
  'swallowed replies',
  'delay',
  'error replies',
];

/** What a proxy does to all its connections, or to some of them. */
export class FaultSettings {
  readonly #latency: Delays;
  readonly blackholed = new Set<number>();
  isBlackhole = false;
  areRepliesSwallowed = false;
  rule: ErrorRule | undefined;
  #delays: Delays;

  constructor(latencyMs: number) {
    this.#latency = split(latencyMs, 'both');
    this.#delays = this.#latency;
  }

  /** With the permanent latency. */
  get delays(): Delays {
    return this.#delays;
  }

  delay(ms: number, direction: Direction): void {
    const added = split(ms, direction);
    this.#delays = {
      toServer: this.#latency.toServer + added.toServer,
      toClient: this.#latency.toClient + added.toClient,
    };
  }

  of(id: number): ConnectionFaults {
    return { blackholed: this.isBlackhole || this.blackholed.has(id), repliesSwallowed: this.areRepliesSwallowed };
  }

  lift(faults: readonly LastingFault[]): void {
    if (faults.includes('error replies')) this.rule = undefined;
    if (faults.includes('blackhole')) {
      this.isBlackhole = false;
      this.blackholed.clear();
    }
    if (faults.includes('swallowed replies')) this.areRepliesSwallowed = false;
    if (faults.includes('delay')) this.#delays = this.#latency;
  }
}

function split(ms: number, direction: Direction): Delays {
  if (direction === 'both') return { toServer: ms / 2, toClient: ms / 2 };
  return direction === 'toServer' ? { toServer: ms, toClient: 0 } : { toServer: 0, toClient: ms };
}
