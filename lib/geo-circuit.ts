import type { CircuitListener } from './endpoints/circuit-breaker.ts';
import type { CircuitState } from './events.ts';
import type { GeoEvents } from './geo-events.ts';

export interface CircuitListenerSetup {
  readonly events: GeoEvents;
  /** Whether it is this endpoint that has the id: it may have been replaced, or be about to replace another one. */
  readonly isPresent: () => boolean;
  readonly onChange: (circuit: CircuitState) => void;
}

/** Tells everybody of what an endpoint's circuit breaker does. */
export function circuitListener(
  endpointId: string,
  { events, isPresent, onChange }: CircuitListenerSetup,
): CircuitListener {
  return {
    onChange: (from, to) => {
      if (!isPresent()) return;
      events.emit('circuitStateChanged', { endpointId, from, to });
      onChange(to);
    },
    onBreakerFailed: (error) => events.emit('actionFailed', { action: 'circuitBreaker.breaker', error }),
  };
}
