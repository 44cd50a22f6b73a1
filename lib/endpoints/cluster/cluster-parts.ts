import type { QueuedCommand } from '../../ioredis-internals/types.ts';
import type { Clock } from '../../time/clock.ts';
import type { ConnectionListener } from '../connection.ts';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import { ClusterNodes } from './cluster-nodes.ts';
import { ClusterSender } from './cluster-sender.ts';
import { ClusterSubscribers } from './cluster-subscribers.ts';
import { Flights } from './flights.ts';
import { Holds } from './holds.ts';
import { type ClusterNode, NodePool } from './node-pool.ts';
import { Redirections } from './redirections.ts';

export interface ClusterPartsSetup {
  readonly endpointId: string;
  readonly cluster: ClusterEndpoint;
  readonly clock: Clock;
  readonly handshakeTimeoutMs: () => number;
  /** For a node to answer that serves nothing any more. */
  readonly retireMs: () => number;
  readonly isUsable: () => boolean;
  readonly onLearned: (keys: ReadonlySet<string>) => void;
  readonly onRefused: (error: Error) => void;
  /** Commands have to wait for a moment, or no longer. */
  readonly onHeld: () => void;
  readonly onNoSubscriber: () => void;
  readonly giveBack: (items: readonly QueuedCommand[]) => void;
  readonly answered: (items: readonly QueuedCommand[]) => void;
  readonly listenerOfNode: (node: ClusterNode) => ConnectionListener;
  readonly listenerOfSubscriber: (node: ClusterNode) => ConnectionListener;
  readonly onShardMoved: (node: ClusterNode) => void;
}

/** What a connection to a Cluster consists of. */
export interface ClusterParts {
  readonly nodes: ClusterNodes;
  readonly subscribers: ClusterSubscribers;
  readonly flights: Flights;
  readonly holds: Holds;
  readonly sender: ClusterSender;
  readonly redirections: Redirections;
}

export function createClusterParts(setup: ClusterPartsSetup): ClusterParts {
  const { cluster, clock, handshakeTimeoutMs } = setup;
  const flights = new Flights();
  const holds = new Holds(clock, setup.onHeld);
  const nodes = new ClusterNodes({
    cluster,
    pool: new NodePool({ ...setup, listenerOf: setup.listenerOfNode, onShardMoved: undefined }),
    clock,
    timeoutMs: handshakeTimeoutMs,
    isUsable: setup.isUsable,
    onLearned: setup.onLearned,
    onReassigned: (map) => redirections.reassigned(map),
    onError: setup.onRefused,
  });
  const subscribers = new ClusterSubscribers({
    pool: new NodePool({ ...setup, listenerOf: setup.listenerOfSubscriber }),
    clock,
    handshakeTimeoutMs,
    ownerOf: (slot) => nodes.ownerOf(slot),
  });
  const { endpointId, giveBack, answered, onNoSubscriber } = setup;
  const shared = { nodes, flights, holds, giveBack, answered };
  const sender = new ClusterSender({ ...shared, endpointId, subscribers, onNoSubscriber });
  const redirections = new Redirections({ ...shared, cluster, sender });
  return { nodes, subscribers, flights, holds, sender, redirections };
}
