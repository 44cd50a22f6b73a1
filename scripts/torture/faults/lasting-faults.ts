import { fault, type FaultyEndpoint } from '../../../spec/support/faults.ts';
import type { LastingKind } from '../schedule.ts';
import { refuseWritesForDisk, stopRefusingForDisk } from './misconf.ts';
import { answer, isSilent, refuses } from './probes.ts';

/** Faults of one resource cannot overlap: each would undo what the other did. */
type Resource = 'process' | 'listener' | 'paths' | 'replies' | 'delay' | 'errors';

export interface LastingFault {
  readonly resource: Resource;
  readonly apply: (endpoint: FaultyEndpoint) => Promise<unknown>;
  /** Looks by itself whether the fault is there. Others may be there as well, and hide it from whoever asks the endpoint. */
  readonly isInPlace: (endpoint: FaultyEndpoint) => Promise<boolean>;
  readonly lift: (endpoint: FaultyEndpoint) => Promise<unknown>;
}

const DELAY_MS = 1_500;
const LOADING = fault('every reply LOADING');
const REPLICA = fault('made a replica');
const FROZEN = fault('frozen');
const KILLED = fault('killed');

export const LASTING_FAULTS: Readonly<Record<LastingKind, LastingFault>> = {
  kill: {
    resource: 'process',
    apply: (endpoint) => KILLED.apply(endpoint),
    isInPlace: async ({ server }) => !server.running && (await refuses(server.port)),
    lift: (endpoint) => KILLED.heal(endpoint),
  },
  freeze: {
    resource: 'process',
    apply: (endpoint) => FROZEN.apply(endpoint),
    isInPlace: async ({ server }) => server.frozen && (await isSilent(server.port)),
    lift: (endpoint) => FROZEN.heal(endpoint),
  },
  replica: {
    resource: 'process',
    apply: (endpoint) => REPLICA.apply(endpoint),
    isInPlace: async ({ server }) => (await answer(server.port, 'SET', 'probe', 'x')).startsWith('READONLY'),
    lift: (endpoint) => REPLICA.heal(endpoint),
  },
  misconf: {
    resource: 'process',
    apply: refuseWritesForDisk,
    isInPlace: async ({ server }) => (await answer(server.port, 'SET', 'probe', 'x')).startsWith('MISCONF'),
    lift: stopRefusingForDisk,
  },
  noreplicas: {
    resource: 'process',
    apply: ({ server }) => server.cli('CONFIG', 'SET', 'min-replicas-to-write', '1'),
    isInPlace: async ({ server }) => (await answer(server.port, 'SET', 'probe', 'x')).startsWith('NOREPLICAS'),
    lift: ({ server }) => server.cli('CONFIG', 'SET', 'min-replicas-to-write', '0'),
  },
  refuse: {
    resource: 'listener',
    apply: ({ proxy }) => proxy.refuse(),
    isInPlace: ({ proxy }) => refuses(proxy.port),
    lift: ({ proxy }) => proxy.lift(['refusal']),
  },
  blackhole: {
    resource: 'paths',
    apply: ({ proxy }) => proxy.blackhole(),
    isInPlace: async ({ proxy }) => proxy.state.blackhole && (await isSilent(proxy.port)),
    lift: ({ proxy }) => proxy.lift(['blackhole']),
  },
  'swallow-replies': {
    resource: 'replies',
    apply: ({ proxy }) => proxy.swallowReplies(),
    isInPlace: async ({ proxy }) => proxy.state.repliesSwallowed && (await isSilent(proxy.port)),
    lift: ({ proxy }) => proxy.lift(['swallowed replies']),
  },
  delay: {
    resource: 'delay',
    apply: ({ proxy }) => proxy.delay(DELAY_MS, 'toClient'),
    isInPlace: async ({ proxy }) => proxy.state.delays.toClient >= DELAY_MS && (await isSilent(proxy.port)),
    lift: ({ proxy }) => proxy.lift(['delay']),
  },
  loading: {
    resource: 'errors',
    apply: (endpoint) => LOADING.apply(endpoint),
    isInPlace: async ({ proxy }) =>
      proxy.state.replyingWithErrors && !(await answer(proxy.port, 'PING')).startsWith('PONG'),
    lift: ({ proxy }) => proxy.lift(['error replies']),
  },
};
