import type { CircuitListener } from './endpoints/circuit-breaker.ts';
import type { CircuitState } from './events.ts';
import type { GeoEvents } from './geo-events.ts';

/** Tells everybody of what an endpoint's circuit breaker does. */
export function circuitListener(
  endpointId: string,
  events: GeoEvents,
  onChange: (circuit: CircuitState) => void,
): CircuitListener {
  return {
    onChange: (from, to) => {
      events.emit('circuitStateChanged', { endpointId, from, to });
      onChange(to);
    },
    onBreakerFailed: (error) => events.emit('actionFailed', { action: 'circuitBreaker.breaker', error }),
  };
}
