import { toError } from '../../errors.ts';
import type { NodeAddress } from '../../ioredis-internals/cluster-source.ts';
import { discardClient } from '../../ioredis-internals/discard-client.ts';
import { withoutCommand } from '../../ioredis-internals/without-command.ts';
import type { Clock } from '../../time/clock.ts';
import { patientTimeout } from '../../time/patient-timeout.ts';
import type { ClusterEndpoint, NodeClient } from './cluster-endpoint.ts';
import { nodeKey, type SlotMap } from './slot-map.ts';

/** How many nodes are asked at once: one of them may be silent. */
const ASKED_AT_ONCE = 5;

export interface SlotQuery {
  readonly cluster: ClusterEndpoint;
  /** Nodes that are known to serve slots, or did. */
  readonly known: readonly NodeAddress[];
  readonly clock: Clock;
  /** For a node to answer. */
  readonly timeoutMs: number;
  /** Nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Asks the nodes of a Cluster which of them serves what, over new connections: those for commands may be blocked.
 *
 * @throws Error why the last ones did not answer
 */
export async function querySlots({ cluster, known, clock, timeoutMs, signal }: SlotQuery): Promise<SlotMap> {
  const candidates = new Map(known.map((address) => [nodeKey(address), address]));
  const named = await cluster.startupNodes().catch((error: unknown) => {
    if (known.length === 0) throw error;
    return [];
  });
  for (const address of named) candidates.set(nodeKey(address), address);
  const open = [...candidates.values()];
  let reason = new Error('No node of the Cluster is known.');
  while (open.length > 0 && !signal.aborted) {
    const asked = open.splice(0, ASKED_AT_ONCE);
    const nodes = asked.map((address) => cluster.createNode(address, 'probe'));
    const discard = (): void => nodes.forEach(({ client }) => discardClient(client));
    const limit = patientTimeout(clock, timeoutMs, discard);
    signal.addEventListener('abort', discard);
    try {
      return cluster.readSlots(await Promise.any(nodes.map(ask)));
    } catch (error) {
      reason = reasonOf(error);
    } finally {
      limit.cancel();
      signal.removeEventListener('abort', discard);
      discard();
    }
  }
  throw reason;
}

/** Connects a client of a node. @throws Error what the client said by an `error` event, which tells more. */
export async function connectNode({ client, authenticate }: NodeClient): Promise<void> {
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason = withoutCommand(error);
  });
  try {
    if (authenticate !== undefined) await authenticate();
    await client.connect();
  } catch (error) {
    throw reason ?? toError(error);
  }
}

async function ask(node: NodeClient): Promise<unknown> {
  await connectNode(node);
  return node.client.call('CLUSTER', 'SLOTS');
}

function reasonOf(error: unknown): Error {
  return error instanceof AggregateError ? withoutCommand(toError(error.errors.at(-1))) : toError(error);
}
