import { DEFAULTS } from '../../../lib/options/defaults.ts';
import type { CaseStep, FailoverCase } from '../../failover/case-runner/case-file.ts';
import type { CaseSignal } from '../../failover/case-runner/case-signal.ts';

/** What a signal needs, so that it can be brought about by servers, a network and an application. */
interface Situation {
  readonly activeId: string;
  readonly consecutiveSuccesses: number;
  /** Endpoints that do not answer as they should. */
  readonly ill: Set<string>;
  readonly isLast: boolean;
}

/** @returns why a case cannot be brought about from outside; nothing if it can. */
export function obstacleOf({ given, steps }: FailoverCase): string | undefined {
  if (given.random.length > 0) return 'chance is not ruled';
  const { consecutiveSuccesses } = { ...DEFAULTS.failback, ...given.options['failback'] };
  const ill = new Set(given.start === 'nothing is known' ? Object.keys(given.endpoints) : []);
  let activeId = firstOf(given.endpoints);
  for (const step of steps) {
    const isLast = step === steps.at(-1);
    for (const { signal, text } of step.signal ?? []) {
      const situation = { activeId, consecutiveSuccesses, ill, isLast };
      if (!isFeasible(signal, situation)) return text;
      noteIllness(signal, ill);
    }
    activeId = step.active ?? activeId;
  }
  return circuitTimesOf(steps).length > 1 ? 'circuits that stay open for different times' : undefined;
}

/** For how long circuits stay open, in milliseconds, each time once. */
export function circuitTimesOf(steps: readonly CaseStep[]): number[] {
  const openedAt = new Map<string, number>();
  const times = new Set<number>();
  let now = 0;
  for (const { at, signal: signals = [] } of steps) {
    now = at ?? now;
    for (const { signal } of signals) {
      if (signal.type !== 'circuit') continue;
      if (signal.circuit === 'open') openedAt.set(signal.id, now);
      if (signal.circuit === 'closed') times.add(now - (openedAt.get(signal.id) ?? now));
    }
  }
  return [...times];
}

function isFeasible(signal: CaseSignal, { activeId, consecutiveSuccesses, ill, isLast }: Situation): boolean {
  switch (signal.type) {
    case 'verdict':
      // An endpoint that refuses commands says so itself.
      return signal.id === activeId && (signal.reason !== 'rejected' || signal.isAnswering);
    case 'call': {
      const { call } = signal;
      // Whoever is forced to an endpoint that fails is told again that it does.
      return isLast || call.name !== 'switchTo' || !call.force || !ill.has(call.id);
    }
    case 'up':
    case 'gate':
    case 'gate-time':
      return true;
    case 'down':
      return signal.id !== activeId;
    case 'check-failed':
      return true;
    case 'checks-passed':
      // Checks go on: there are never only so many.
      return signal.count >= consecutiveSuccesses;
    case 'circuit':
      // Commands that fail open it, and only the active endpoint gets commands.
      return signal.circuit === 'closed' || (signal.circuit === 'open' && signal.id === activeId);
    default:
      return false;
  }
}

function noteIllness(signal: CaseSignal, ill: Set<string>): void {
  if (signal.type === 'up' || signal.type === 'checks-passed') ill.delete(signal.id);
  if (signal.type === 'down' || signal.type === 'check-failed' || signal.type === 'verdict') ill.add(signal.id);
}

/** The heaviest, of equal ones the first. */
function firstOf(endpoints: FailoverCase['given']['endpoints']): string {
  const [first] = Object.entries(endpoints).sort(([, a], [, b]) => b - a);
  return first?.[0] ?? '';
}
