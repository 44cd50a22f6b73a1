import type sinon from 'sinon';
import { EndpointCircuitBreaker } from '../../lib/endpoints/circuit-breaker.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import type { ResolvedCircuitBreaker } from '../../lib/options/types.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';

/** For a limit that shall not matter. */
export const NEVER = Number.MAX_SAFE_INTEGER;

/** A breaker in faked time, and what it told. */
export class BreakerBench {
  readonly time: sinon.SinonFakeTimers = fakeSystemTime();
  changes: string[] = [];

  breaker(options: Partial<ResolvedCircuitBreaker> = {}): EndpointCircuitBreaker {
    const all = { ...DEFAULTS.circuitBreaker, ...options };
    return new EndpointCircuitBreaker(() => all, systemClock, {
      onChange: (from, to) => this.changes.push(`${from} -> ${to}`),
      onBreakerFailed: ({ message }) => this.changes.push(`failed: ${message}`),
    });
  }

  async fail(breaker: EndpointCircuitBreaker, times: number, isRound = true): Promise<void> {
    for (let i = 0; i < times; i++) breaker.recordFailure(new Error('refused'), { isRound });
    await this.time.tickAsync(0);
  }

  async goodRound(breaker: EndpointCircuitBreaker): Promise<void> {
    breaker.recordGoodRound();
    await this.time.tickAsync(0);
  }

  async opened(options: Partial<ResolvedCircuitBreaker> = {}): Promise<EndpointCircuitBreaker> {
    const breaker = this.breaker({ consecutiveFailures: 1, ...options });
    await this.fail(breaker, 1);
    this.changes = [];
    return breaker;
  }
}
