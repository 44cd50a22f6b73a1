import { ProgressWatch, type WatchedConnection } from './progress-watch.ts';

/** Watches each socket of a connection: a Cluster has several, and one of its nodes may be silent while others answer. */
export class FlowWatches<F extends WatchedConnection> {
  readonly #watches = new Map<F, ProgressWatch>();

  /** The longest silence of any of them. */
  get silentMs(): number {
    return Math.max(0, ...[...this.#watches.values()].map(({ silentMs }) => silentMs));
  }

  /** The one that has been silent for the longest time. */
  get mostSilent(): F | undefined {
    let most: F | undefined;
    let longestMs = -1;
    for (const [flow, { silentMs }] of this.#watches) {
      if (silentMs > longestMs) [most, longestMs] = [flow, silentMs];
    }
    return most;
  }

  isLost(flow: F, silenceFloorMs: number): boolean {
    return this.#watches.get(flow)?.isLost(silenceFloorMs) ?? false;
  }

  forgive(): void {
    for (const watch of this.#watches.values()) watch.forgive();
  }

  /**
   * @param flows All that there are now.
   * @returns how long the longest silence was that has just ended, in milliseconds.
   */
  tick(flows: readonly F[], elapsedMs: number): number {
    for (const flow of this.#watches.keys()) if (!flows.includes(flow)) this.#watches.delete(flow);
    let longestMs = 0;
    for (const flow of flows) {
      const watch = this.#watches.get(flow) ?? new ProgressWatch();
      this.#watches.set(flow, watch);
      longestMs = Math.max(longestMs, watch.tick(flow, elapsedMs));
    }
    return longestMs;
  }
}
