import type { SeenSwitch } from './protocol.ts';
import type { FaultRecord } from './faults/fault-log.ts';

/** How long the consequences of a fault may lead to a failover: a verification, or a check that was under way. */
const AFTERMATH_MS = 2_500;

/**
 * Failovers from an endpoint at which nothing was wrong. A figure, and no rule: on a busy machine a server may get no time
 * for longer than the client can wait.
 *
 * @param startedAt Of the round, by `Date.now()`.
 */
export function unexplainedFailovers<S extends SeenSwitch>(
  switches: readonly S[],
  faults: readonly FaultRecord[],
  startedAt: number,
): S[] {
  return switches.filter(({ kind, from, at }) => {
    const atMs = at - startedAt;
    const isExplained = faults.some(({ endpoints, fromMs, untilMs = Number.POSITIVE_INFINITY }) => {
      return endpoints.includes(from) && fromMs <= atMs && atMs <= untilMs + AFTERMATH_MS;
    });
    return kind === 'failover' && !isExplained;
  });
}
