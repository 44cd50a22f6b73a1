import type { FaultProxy } from './fault-proxy.ts';
import type { RedisServer } from './redis-server.ts';

/** An endpoint of a test: a real server behind a fault proxy. */
export interface FaultyEndpoint {
  readonly id: string;
  readonly server: RedisServer;
  readonly proxy: FaultProxy;
}

export interface Fault {
  readonly name: string;
  /** Resolves when the fault is in place. */
  apply(endpoint: FaultyEndpoint): Promise<void>;
  heal(endpoint: FaultyEndpoint): Promise<void>;
}

const healProxy = ({ proxy }: FaultyEndpoint): Promise<void> => proxy.heal();

/** Commands which a server answers while it loads its data. */
const ANSWERED_WHILE_LOADING = new Set(['HELLO', 'AUTH', 'CLIENT', 'SELECT', 'INFO', 'ROLE']);

/** The writes of the checker's load. */
export const WRITES = new Set(['SET', 'INCR', 'RPUSH', 'SADD', 'HSET', 'DEL', 'EVAL', 'EVALSHA', 'MULTI']);

const faults = {
  killed: {
    apply: ({ server }) => server.kill(),
    heal: ({ server }) => server.restart(),
  },
  refused: {
    apply: ({ proxy }) => proxy.refuse(),
    heal: healProxy,
  },
  reset: {
    apply: ({ proxy }) => proxy.reset(),
    heal: healProxy,
  },
  blackholed: {
    apply: ({ proxy }) => proxy.blackhole(),
    heal: healProxy,
  },
  frozen: {
    apply: ({ server }) => server.freeze(),
    heal: ({ server }) => {
      server.thaw();
      return Promise.resolve();
    },
  },
  'replies swallowed': {
    apply: ({ proxy }) => proxy.swallowReplies(),
    heal: healProxy,
  },
  'delayed by 1.5 s': {
    apply: ({ proxy }) => proxy.delay(1_500),
    heal: healProxy,
  },
  'every reply LOADING': {
    apply: ({ proxy }) =>
      proxy.replyWithErrors({
        message: 'LOADING Redis is loading the dataset in memory',
        match: (name) => !ANSWERED_WHILE_LOADING.has(name),
      }),
    heal: healProxy,
  },
  'made a replica': {
    // Of nobody: a real master would replace the data that the checker reads.
    apply: async ({ server }) => {
      await server.cli('REPLICAOF', '127.0.0.1', '1');
    },
    heal: async ({ server }) => {
      await server.cli('REPLICAOF', 'NO', 'ONE');
    },
  },
  'writes READONLY, checks good': {
    apply: ({ proxy }) =>
      proxy.replyWithErrors({
        message: "READONLY You can't write against a read only replica.",
        match: (name) => WRITES.has(name),
      }),
    heal: healProxy,
  },
} as const satisfies Record<string, Omit<Fault, 'name'>>;

export type FaultName = keyof typeof faults;

export const FAULT_NAMES = Object.keys(faults) as FaultName[];

export function fault(name: FaultName): Fault {
  return { name, ...faults[name] };
}
