import type { FaultRecord } from './faults/fault-log.ts';
import type { SeenSwitch } from './protocol.ts';

/** How long the consequences of a fault may lead to a failover: a verification, or a check that was under way. */
const AFTERMATH_MS = 2_500;

/** For how long the connection of a verification may be there, to be lost as well. */
const VERIFICATION_MS = 1_000;

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
    const isExplained = faults.some((fault) => {
      return (
        fault.endpoints.includes(from) && fault.fromMs <= atMs && atMs <= noticedUntil(fault, faults) + AFTERMATH_MS
      );
    });
    return kind === 'failover' && !isExplained && countLosses(faults, atMs) < 2;
  });
}

/** A process that does not run notices a fault when it runs again. */
function noticedUntil(fault: FaultRecord, faults: readonly FaultRecord[]): number {
  const isStall = ({ kind }: FaultRecord): boolean => kind === 'stop' || kind === 'block';
  const stalls = faults.filter(
    (other) => isStall(other) && other.fromMs <= endOf(fault) && fault.fromMs <= endOf(other),
  );
  return Math.max(endOf(fault), ...stalls.map(endOf));
}

/** A connection that is lost is no reason to leave an endpoint, unless the one by which that is found out is lost as well. */
function countLosses(faults: readonly FaultRecord[], atMs: number): number {
  return faults.filter(({ kind, fromMs }) => {
    return (kind === 'reset' || kind === 'cut-reply') && fromMs <= atMs && atMs - fromMs <= VERIFICATION_MS;
  }).length;
}

function endOf({ untilMs = Number.POSITIVE_INFINITY }: FaultRecord): number {
  return untilMs;
}
