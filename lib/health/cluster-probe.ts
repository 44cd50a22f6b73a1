import type { Redis } from 'ioredis';
import { toError } from '../errors.ts';
import type { ClusterEndpoint } from '../endpoints/cluster/cluster-endpoint.ts';
import { nodeKey, type SlotMap } from '../endpoints/cluster/slot-map.ts';
import { connectNode, querySlots } from '../endpoints/cluster/slot-query.ts';
import type { NodeAddress } from '../ioredis-internals/cluster-source.ts';
import { discardClient } from '../ioredis-internals/discard-client.ts';
import type { Clock } from '../time/clock.ts';
import { type CheckResult, GOOD, failedCheck } from './check-result.ts';
import { isLoginRefusal } from './refused-login.ts';

interface ProbedNode {
  readonly client: Redis;
  readonly connected: Promise<void>;
  /** Why the server did not let it in. */
  refusal: Error | undefined;
}

/**
 * Looks at a Cluster: all slots have to be served, and each node that serves some has to answer and to agree. Roles are of no
 * interest, because a Cluster keeps replicas to itself.
 */
export class ClusterProbe {
  readonly #cluster: ClusterEndpoint;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #nodes = new Map<string, ProbedNode>();
  #known: readonly NodeAddress[] = [];
  readonly #closed = new AbortController();

  constructor(cluster: ClusterEndpoint, clock: Clock, timeoutMs: number) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** Never rejects. */
  async look(): Promise<CheckResult> {
    try {
      const map = await this.#learn();
      if (map.uncovered > 0) return notServed(map.uncovered);
      this.#known = map.owners;
      this.#forgetOthers();
      const results = await Promise.all(map.owners.map((address) => this.#lookAt(address)));
      return results.find(({ ok }) => !ok) ?? GOOD;
    } catch (error) {
      return failedCheck(error);
    }
  }

  close(): void {
    this.#closed.abort();
    for (const { client } of this.#nodes.values()) discardClient(client);
    this.#nodes.clear();
  }

  /** From a node that is connected already, if there is one that answers. */
  async #learn(): Promise<SlotMap> {
    const asked = [...this.#nodes.values()].map(async ({ client }) => client.call('CLUSTER', 'SLOTS'));
    const reply = await Promise.any(asked).catch(() => undefined);
    if (reply !== undefined) return this.#cluster.readSlots(reply);
    const setup = { cluster: this.#cluster, clock: this.#clock, timeoutMs: this.#timeoutMs };
    return querySlots({ ...setup, known: this.#known, signal: this.#closed.signal });
  }

  async #lookAt(address: NodeAddress): Promise<CheckResult> {
    if (this.#closed.signal.aborted) return failedCheck(new Error('closed'));
    const key = nodeKey(address);
    const node = this.#nodes.get(key) ?? this.#connect(address);
    this.#nodes.set(key, node);
    const result = await lookAt(node);
    // A connection that failed once proves nothing any more, nor does one that was not let in.
    if (!result.ok && (!result.isAnswer || node.refusal !== undefined)) this.#forget(key);
    return result;
  }

  #connect(address: NodeAddress): ProbedNode {
    const node = this.#cluster.createNode(address, 'probe');
    const connected = connectNode(node);
    const { client } = node;
    const probed: ProbedNode = { client, connected, refusal: undefined };
    client.on('error', (error: Error) => {
      if (isLoginRefusal(error)) probed.refusal = error;
    });
    // Whoever looks awaits it; when the probe is closed first, nobody does.
    connected.catch((error: unknown) => {
      probed.refusal ??= toError(error);
    });
    return probed;
  }

  #forgetOthers(): void {
    const keys = new Set(this.#known.map(nodeKey));
    for (const key of this.#nodes.keys()) if (!keys.has(key)) this.#forget(key);
  }

  #forget(key: string): void {
    const node = this.#nodes.get(key);
    this.#nodes.delete(key);
    if (node !== undefined) discardClient(node.client);
  }
}

async function lookAt(node: ProbedNode): Promise<CheckResult> {
  const { client, connected } = node;
  try {
    await connected;
    const [ping, state] = await Promise.all([client.ping().then(() => GOOD, failedCheck), stateOf(client)]);
    if (!ping.ok && ping.error.message.startsWith('NOAUTH')) node.refusal ??= ping.error;
    if (node.refusal !== undefined) return failedCheck(node.refusal);
    return ping.ok && state !== 'ok' ? notServed(undefined) : ping;
  } catch (error) {
    return failedCheck(error);
  }
}

/** What a node says of the whole; a user without the right to ask is told nothing, and takes it for good. */
async function stateOf(client: Redis): Promise<string> {
  const info: unknown = await client.call('CLUSTER', 'INFO').catch(() => undefined);
  return typeof info === 'string' ? (/cluster_state:(\w+)/.exec(info)?.[1] ?? 'ok') : 'ok';
}

function notServed(slots: number | undefined): CheckResult {
  const text = slots === undefined ? 'The cluster is down' : `${slots} slots are not served`;
  return { ok: false, isAnswer: true, error: new Error(`CLUSTERDOWN ${text}`), reason: 'rejected' };
}
