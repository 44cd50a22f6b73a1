import type { EndpointSwitchedEvent } from '../../lib/index.ts';
import type { Fault } from './faults.ts';

/** How long after a fault its consequences may still lead to a switch: a verification, or a check that was under way. */
const AFTERMATH_MS = 2_500;

/** How long an endpoint may be lost without that anybody who is idle there notices: a round of checks and its timeouts. */
const UNNOTICED_MS = 2_500;

export function describeSwitch({ from, to, kind, reason }: EndpointSwitchedEvent, atMs: number): string {
  return `${from} > ${to} at ${Math.round(atMs)} ms: ${kind}, ${reason}`;
}

/** @returns what is wrong with a switch: that it had no reason, or went to where nobody is. */
export function judgeSwitch(event: EndpointSwitchedEvent, atMs: number, faults: readonly Fault[]): string | undefined {
  const lasting = faults.filter(({ forMs }) => forMs > 0);
  const isOf = ({ target }: Fault, name: string): boolean => 'ab'[target] === name;
  const hadReason = lasting.some((fault) => {
    return isOf(fault, event.from) && fault.atMs <= atMs && atMs <= fault.atMs + fault.forMs + AFTERMATH_MS;
  });
  if (event.kind === 'failover' && !hadReason) return `no reason: ${describeSwitch(event, atMs)}`;
  const isLost = lasting.some((fault) => {
    return isOf(fault, event.to) && fault.atMs + UNNOTICED_MS < atMs && atMs < fault.atMs + fault.forMs;
  });
  return isLost ? `nobody is there: ${describeSwitch(event, atMs)}` : undefined;
}
