import type { ChainableCommander, Redis } from 'ioredis';
import type { LoadClient } from './load.ts';

export interface Call {
  readonly command: string;
  readonly args: readonly unknown[];
  /** Passes the command on, every time it is called. */
  readonly send: () => Promise<unknown>;
}

const COMMANDS = new Set(['get', 'set', 'incr', 'rpush', 'sadd', 'hset', 'del', 'eval']);

/** Stands between the load and ioredis and does to single commands what a broken product might do. */
export function withFault(redis: Redis, fault: (call: Call) => Promise<unknown>): LoadClient {
  return new Proxy(redis, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      if (typeof property !== 'string' || !COMMANDS.has(property)) return value.bind(target) as unknown;
      return (...args: unknown[]) => {
        const send = () => Reflect.apply(value, target, args) as Promise<unknown>;
        return fault({ command: property, args, send });
      };
    },
  });
}

/** The same for whole pipelines or transactions: the fault gets the queued calls and answers for `exec`. */
export function withBatchFault(
  redis: Redis,
  kind: 'pipeline' | 'multi',
  exec: (calls: readonly (readonly [string, ...unknown[]])[]) => Promise<readonly unknown[]>,
): LoadClient {
  return new Proxy(redis, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (property === kind) return () => queueOf(exec);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function queueOf(
  exec: (calls: readonly (readonly [string, ...unknown[]])[]) => Promise<readonly unknown[]>,
): ChainableCommander {
  const calls: [string, ...unknown[]][] = [];
  const queue = new Proxy({} as ChainableCommander, {
    get(_, property) {
      if (property === 'exec') return () => exec(calls);
      return (...args: unknown[]) => {
        calls.push([String(property), ...args]);
        return queue;
      };
    },
  });
  return queue;
}

/** True at every n-th call: a rate that does not depend on luck. */
export function everyNth(n: number): () => boolean {
  let calls = 0;
  return () => ++calls % n === 0;
}
