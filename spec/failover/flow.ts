import type { CircuitState, HealthStatus, SwitchReason } from '../../lib/events.ts';
import type { Action, FailoverRules, FailoverState, Signal } from '../../lib/failover/failover-state.ts';
import { initialStanding, initialState } from '../../lib/failover/initial-state.ts';
import { transition } from '../../lib/failover/transition.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import type { ResolvedEndpoint } from '../../lib/options/types.ts';

export const RULES: FailoverRules = {
  isFailbackEnabled: true,
  gracePeriodMs: 60_000,
  maxGracePeriodMs: 60_000,
  consecutiveSuccesses: 3,
  allowEmptyEndpoint: false,
};

/** The random part of the delay before a failback, here always the same. */
export const JITTER_MS = 500;

export function resolvedEndpoint(id: string, weight: number): ResolvedEndpoint {
  return { id, weight, redis: {}, healthCheck: DEFAULTS.healthCheck };
}

/** `a 2, b 1` are two endpoints with their weights. */
export function stateOf(endpoints: string): FailoverState {
  return initialState(
    endpoints.split(', ').map((text) => {
      const [id = '', weight = '1'] = text.split(' ');
      return resolvedEndpoint(id, Number(weight));
    }),
  );
}

/** Reads a signal as a person would write it, such as `a healthy 3` or `verdict a silence`. */
export function parseSignal(text: string): Signal {
  const [first = '', second = '', third = '', fourth = ''] = text.split(' ');
  switch (first) {
    case 'verdict':
      return {
        type: 'verdict',
        endpointId: second,
        failure: { reason: third as SwitchReason, isAnswering: fourth === 'answered' },
      };
    case 'weight':
      return { type: 'weight', endpointId: second, weight: Number(third) };
    case 'add':
      return { type: 'added', endpoint: initialStanding(resolvedEndpoint(second, Number(third))) };
    case 'remove':
      return { type: 'removed', endpointId: second };
    case 'plan':
    case 'force': {
      const reason = (third || 'manual') as SwitchReason;
      const isForced = first === 'force';
      const pinMs = fourth === '' ? undefined : Number(fourth);
      return { type: 'plan', planned: { to: second, kind: 'manual', reason, isForced, isRequested: true, pinMs } };
    }
    case 'pin':
      return { type: 'pinned', isForced: second === 'forced' };
    case 'release':
      return { type: 'released' };
    case 'planned-ready':
    case 'planned-failed':
    case 'time':
      return { type: first };
    default:
      return parseStanding(first, second, third);
  }
}

function parseStanding(endpointId: string, what: string, more: string): Signal {
  if (what === 'ready' || what === 'lost') return { type: 'ready', endpointId, isReady: what === 'ready' };
  if (what === 'empty' || what === 'filled') return { type: 'data', endpointId, hasLostData: what === 'empty' };
  if (what === 'circuit') return { type: 'circuit', endpointId, circuit: more as CircuitState };
  return { type: 'health', endpointId, health: what as HealthStatus, successes: Number(more || '0') };
}

/** Writes an action as a person would, such as `switch a>b failover silence`. */
export function printAction(action: Action): string {
  switch (action.type) {
    case 'switch':
      return `switch ${action.from}>${action.to} ${action.kind} ${action.reason}${action.isPlanned ? ', planned' : ''}`;
    case 'prepare':
      return `prepare ${action.planned.to} ${action.planned.kind}`;
    case 'trusted':
      return `trust ${action.endpointId}, ${action.health}`;
    case 'look-again':
      return `look again at ${action.at}`;
    default:
      return action.type;
  }
}

/** Goes from signal to signal, from time 0 on. */
export class Flow {
  state: FailoverState;
  now = 0;
  readonly #rules: FailoverRules;

  constructor(endpoints: string, rules: Partial<FailoverRules> = {}) {
    this.state = stateOf(endpoints);
    this.#rules = { ...RULES, ...rules };
  }

  /** @param step A signal, or `wait 100` for the time. */
  tell(step: string): string {
    const signal = step.startsWith('wait ') ? 'time' : step;
    if (signal !== step) this.now += Number(step.slice(5));
    const result = transition(this.state, parseSignal(signal), this.#rules, this.now, () => JITTER_MS);
    this.state = result.state;
    return result.actions.map(printAction).join('; ');
  }
}
