import { setTimeout as delay } from 'node:timers/promises';
import { fault, FAULT_NAMES, type FaultName, type FaultyEndpoint } from '../../spec/support/faults.ts';
import type { GeoPairOptions } from '../../spec/support/geo-pair.ts';
import type { Expectation } from './run-figures.ts';

/** A fault of the active endpoint under the default load. */
export interface FaultScenario {
  readonly name: string;
  readonly expected: Expectation;
  /** What the proxies add to every round trip. */
  readonly roundTripMs?: number;
  readonly pair?: GeoPairOptions;
  /** How long the fault stays; long enough to see that commands flow elsewhere. */
  readonly faultMs?: number;
  /** Whether it is noticed without a command. */
  readonly showsWhenIdle?: boolean;
  /** Whether refused commands are counted. */
  readonly isRefusing?: boolean;
  /** How much of every so many ms this process's event loop is blocked meanwhile. */
  readonly blockedLoop?: { readonly ms: number; readonly everyMs: number };
  apply(endpoint: FaultyEndpoint): Promise<void>;
  heal(endpoint: FaultyEndpoint): Promise<void>;
}

const EXPECTATIONS: Readonly<Partial<Record<FaultName, Expectation>>> = { reset: 'no switch' };
const REFUSING: ReadonlySet<FaultName> = new Set<FaultName>(['every reply LOADING', 'writes READONLY, checks good']);

/** What a client without a command to send cannot know, because the checks are good. */
const UNSEEN_WHEN_IDLE: ReadonlySet<FaultName> = new Set<FaultName>(['writes READONLY, checks good']);

const ROUND_TRIP_MS = 50;

export const FAULT_SCENARIOS: readonly FaultScenario[] = [
  ...FAULT_NAMES.map(faultScenario),
  killedAtDistance(),
  dataConnectionDropped(),
  connectionsReset(),
  partitionHeals(),
  frozenWhileBlocked(),
];

function faultScenario(name: FaultName): FaultScenario {
  return {
    ...fault(name),
    expected: EXPECTATIONS[name] ?? 'failover, failback',
    showsWhenIdle: !UNSEEN_WHEN_IDLE.has(name),
    isRefusing: REFUSING.has(name),
  };
}

function killedAtDistance(): FaultScenario {
  return {
    ...faultScenario('killed'),
    name: `killed with ${ROUND_TRIP_MS} ms round trip`,
    roundTripMs: ROUND_TRIP_MS,
    pair: { proxy: { latencyMs: ROUND_TRIP_MS } },
  };
}

/** The endpoint is well, so the connection has to be replaced and the endpoint kept. */
function dataConnectionDropped(): FaultScenario {
  return {
    name: 'one data connection dropped',
    expected: 'no switch',
    async apply({ proxy }) {
      const [busiest] = proxy
        .connections()
        .filter(({ clientGone }) => !clientGone)
        .sort((left, right) => right.bytesFromClient - left.bytesFromClient);
      if (busiest === undefined) throw new Error('the client is not connected');
      await proxy.blackhole({ connections: ({ id }) => id === busiest.id });
    },
    heal: ({ proxy }) => proxy.heal(),
  };
}

function connectionsReset(): FaultScenario {
  return {
    name: 'connections reset',
    expected: 'no switch',
    faultMs: 500,
    async apply({ proxy }) {
      for (let times = 0; times < 3; times += 1) {
        await proxy.reset();
        await delay(500);
      }
    },
    heal: ({ proxy }) => proxy.heal(),
  };
}

/** What comes late proves nothing, and yet it must not take for ever. */
function frozenWhileBlocked(): FaultScenario {
  return { ...faultScenario('frozen'), name: 'frozen, own loop blocked', blockedLoop: { ms: 80, everyMs: 90 } };
}

/** Unlike `blackholed`, the network delivers what it held, unless the client had reset the connection. */
function partitionHeals(): FaultScenario {
  return {
    ...faultScenario('blackholed'),
    name: 'partition heals',
    faultMs: 2_000,
    pair: { proxy: { endedClients: 'deliver' } },
  };
}
