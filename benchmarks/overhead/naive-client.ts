import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleAll, retry, wrap } from 'cockatiel';
import type { Redis } from 'ioredis';
import type { BenchClient } from './workloads.ts';

/** What one writes first: every call through a retry and a circuit breaker. It has one endpoint and no failover. */
export function createNaiveClient(redis: Redis): BenchClient {
  const policy = wrap(
    retry(handleAll, { maxAttempts: 3, backoff: new ExponentialBackoff() }),
    circuitBreaker(handleAll, { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) }),
  );
  const throughPolicy = <A extends readonly unknown[], R>(method: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => policy.execute(() => method(...args));
  };
  const withPolicy = <T extends { exec: (...args: never[]) => Promise<unknown> }>(chain: T): T => {
    chain.exec = throughPolicy(chain.exec.bind(chain));
    return chain;
  };
  return {
    get: throughPolicy((key: string) => redis.get(key)),
    set: throughPolicy((key: string, value: string) => redis.set(key, value)),
    pipeline: () => withPolicy(redis.pipeline()),
    multi: () => withPolicy(redis.multi()),
  };
}
