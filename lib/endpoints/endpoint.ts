import type { HealthCheckReason } from '../events.ts';
import type { ResolvedEndpoint } from '../options/types.ts';
import type { Clock } from '../time/clock.ts';
import { type CircuitListener, type CurrentLimits, EndpointCircuitBreaker } from './circuit-breaker.ts';

/** One Redis that can serve, and what is attached to it for as long as it is in the registry. */
export interface Endpoint {
  readonly id: string;
  readonly options: ResolvedEndpoint;
  readonly breaker: EndpointCircuitBreaker;
  /** Somebody complained and the verification is not done: nothing is sent meanwhile. */
  isSuspected: boolean;
  /** When it was last found good or bad for certain; what was observed before that is out of date. */
  judgedAt: number;
  /** Why it is not healthy, or is held back. */
  lastError: Error | undefined;
  /** The same in a word. */
  lastReason: HealthCheckReason | undefined;
  /** Its last check is against going back to it. */
  isHeldBack: boolean;
}

export function createEndpoint(
  options: ResolvedEndpoint,
  circuitBreaker: CurrentLimits,
  clock: Clock,
  circuitListener: CircuitListener,
): Endpoint {
  return {
    id: options.id,
    options,
    breaker: new EndpointCircuitBreaker(circuitBreaker, clock, circuitListener),
    isSuspected: false,
    judgedAt: Number.NEGATIVE_INFINITY,
    lastError: undefined,
    lastReason: undefined,
    isHeldBack: false,
  };
}
