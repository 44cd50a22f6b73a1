import type { EndpointSwitchedEvent } from '../../lib/index.ts';
import { type Fault, type FaultKind, isLasting } from './faults.ts';
import type { ApplicationCheck } from './set-up.ts';

/** How long after a fault its consequences may still lead to a switch: a verification, or a check that was under way. */
const AFTERMATH_MS = 3_000;

/** An endpoint with an open circuit serves while there is no better one, and is left for whatever comes back. */
const OPEN_CIRCUIT_MS = 10_000;

/** How long an endpoint may be lost without that anybody who is idle there notices: a round of checks and its timeouts. */
const UNNOTICED_MS = 2_500;

/** What is wrong with the way to a server. */
const OF_THE_WAY: ReadonlySet<FaultKind> = new Set(['refuse', 'swallow-all', 'swallow-replies', 'blackout']);

/** With these nobody is there. */
const ABSENT: ReadonlySet<FaultKind> = new Set([
  ...(['kill', 'refuse', 'swallow-all', 'swallow-replies', 'freeze', 'loading', 'replica', 'misconf', 'busy'] as const),
]);

export function describeSwitch({ from, to, kind, reason }: EndpointSwitchedEvent, atMs: number): string {
  return `${from} > ${to} at ${Math.round(atMs)} ms: ${kind}, ${reason}`;
}

/** @returns what is wrong with a switch: that it had no reason, or went to where nobody is. */
export function judgeSwitch(
  event: EndpointSwitchedEvent,
  atMs: number,
  faults: readonly Fault[],
  check: ApplicationCheck,
): string | undefined {
  const isOf = ({ kind, target }: Fault, name: string): boolean => kind === 'blackout' || 'abc'[target] === name;
  const hadReason = faults.some((fault) => {
    const isReason = isLasting(fault.kind) && !isOurOwn(fault, faults) && isOf(fault, event.from);
    const aftermathMs = AFTERMATH_MS + (event.reason === 'circuit-breaker' ? OPEN_CIRCUIT_MS : 0);
    return isReason && fault.atMs <= atMs && atMs <= fault.atMs + fault.forMs + stoppedMs(fault, faults) + aftermathMs;
  });
  // The application's check is against the endpoint.
  const isUnwelcome = check === 'fails' && event.reason === 'health-check';
  if (event.kind === 'failover' && !hadReason && !isUnwelcome) return `no reason: ${describeSwitch(event, atMs)}`;
  // Whoever forces a switch has it.
  if (event.kind === 'manual') return undefined;
  const isLost = faults.some((fault) => {
    const noticedAt = fault.atMs + UNNOTICED_MS + stoppedMs(fault, faults);
    return ABSENT.has(fault.kind) && isOf(fault, event.to) && noticedAt < atMs && atMs < endOf(fault, faults);
  });
  return isLost ? `nobody is there: ${describeSwitch(event, atMs)}` : undefined;
}

/** No reason to leave an endpoint: the process stands still, or its own network brings nothing, from all of them. */
function isOurOwn({ kind, atMs, forMs }: Fault, faults: readonly Fault[]): boolean {
  if (kind !== 'blackout') return kind === 'stop-process';
  const isOpened = (at: number): boolean => at > atMs && at < atMs + forMs;
  return !faults.some((fault) => OF_THE_WAY.has(fault.kind) && isOpened(fault.atMs + fault.forMs));
}

/** Faults of one kind overlap, and the end of the first one ends all. */
function endOf({ kind, target, atMs, forMs }: Fault, faults: readonly Fault[]): number {
  const ends = faults
    .filter((fault) => isLasting(fault.kind) && (fault.target === target || fault.kind === 'blackout'))
    .map((fault) => fault.atMs + fault.forMs)
    .filter((end) => end > atMs);
  return Math.min(atMs + forMs, ...(ENDED_BY_OTHERS.has(kind) ? ends : []));
}

/** The mode of a server, and the way to it, are set back by whatever fault ends first. */
const ENDED_BY_OTHERS: ReadonlySet<FaultKind> = new Set([
  ...(['refuse', 'swallow-all', 'swallow-replies', 'loading', 'replica', 'misconf', 'busy', 'freeze', 'kill'] as const),
]);

/** While the process is stopped it notices nothing. */
function stoppedMs({ atMs, forMs }: Fault, faults: readonly Fault[]): number {
  return faults
    .filter(({ kind, atMs: at }) => kind === 'stop-process' && at < atMs + forMs + AFTERMATH_MS)
    .reduce((sum, { forMs: ms }) => sum + ms, 0);
}
