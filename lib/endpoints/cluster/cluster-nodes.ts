import { SLOTS } from '../../commands/key-slot.ts';
import { blockingMs } from '../../commands/blocking-commands.ts';
import { toError } from '../../errors.ts';
import type { SlotLayout } from '../../ioredis-internals/cluster-look.ts';
import type { NodeAddress } from '../../ioredis-internals/cluster-source.ts';
import type { Clock } from '../../time/clock.ts';
import { ConnectionKeeper } from '../connection-keeper.ts';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import type { ClusterNode, NodePool } from './node-pool.ts';
import { nodeKey, SlotMap } from './slot-map.ts';
import { querySlots } from './slot-query.ts';

/** A node that answers nothing for so long after a good check is perhaps one that another node has replaced. */
const STILL_MS = 50;

export interface ClusterNodesSetup {
  readonly cluster: ClusterEndpoint;
  readonly pool: NodePool;
  readonly clock: Clock;
  readonly timeoutMs: () => number;
  /** Whether the Cluster can be used, so that its nodes need not be asked again. */
  readonly isUsable: () => boolean;
  /** It is known anew which nodes serve slots. */
  readonly onLearned: (keys: ReadonlySet<string>) => void;
  /** Called before that: slots may have another owner in the map than the node that commands are in flight to. */
  readonly onReassigned: (map: SlotMap) => void;
  readonly onError: (error: Error) => void;
}

/** The nodes that serve slots, and the connections to them. */
export class ClusterNodes {
  readonly pool: NodePool;
  readonly #setup: ClusterNodesSetup;
  readonly #keeper: ConnectionKeeper;
  #map = new SlotMap();
  #owners: readonly NodeAddress[] = [];
  #uncovered = SLOTS;
  #isAsking = false;
  /** Something happened since the nodes were asked last. */
  #isOutdated = true;
  readonly #closed = new AbortController();

  constructor(setup: ClusterNodesSetup) {
    this.#setup = setup;
    this.pool = setup.pool;
    this.#keeper = new ConnectionKeeper(() => this.#ask());
  }

  #isCertain(): boolean {
    return !this.#isOutdated && this.#setup.isUsable();
  }

  get #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Whether every slot is served by a node that is connected. */
  get isComplete(): boolean {
    return this.#uncovered === 0 && this.#owners.every((owner) => this.#nodeOf(owner)?.connection.isReady === true);
  }

  get layout(): SlotLayout {
    return this.#map.layout;
  }

  /** The address of the node that serves a slot; of a command without keys, always the same one. */
  ownerOf(slot: number | undefined): NodeAddress | undefined {
    const key = slot === undefined ? undefined : this.#map.ownerOf(slot);
    if (slot !== undefined) return this.#owners.find((owner) => nodeKey(owner) === key);
    // Not the same one in every process.
    return this.#owners[process.pid % this.#owners.length];
  }

  nodeFor(slot: number | undefined): ClusterNode | undefined {
    const key = slot === undefined ? undefined : this.#map.ownerOf(slot);
    if (slot !== undefined) return this.pool.get(key);
    const home = this.ownerOf(undefined);
    return home === undefined ? undefined : this.#nodeOf(home);
  }

  /** A node said that another one serves this slot. */
  assign(slot: number, address: NodeAddress): void {
    this.pool.ensure(address);
    this.#map.assign(slot, address);
    this.#survey();
    this.refresh();
  }

  /** Asks the nodes which of them serves what, until the Cluster can be used. */
  refresh(): void {
    this.#isOutdated = true;
    if (!this.#isAsking && !this.#isClosed) this.#keeper.start();
  }

  /** The Cluster is known to be good. */
  nudge(): void {
    if (this.#isClosed) return;
    for (const { connection } of this.pool.nodes) connection.nudge();
    if (!this.#setup.isUsable()) this.refresh();
    else this.#refreshIfStill();
  }

  close(): void {
    this.#closed.abort();
    this.#keeper.stop();
    this.pool.close();
  }

  /** A frozen node is silent for as long as nobody looks who serves its slots now. */
  #refreshIfStill(): void {
    const waiting = this.pool.all.flatMap((node) => {
      const { head, bytesRead } = node.connection;
      return head === undefined || blockingMs(head) > 0 ? [] : [{ node, head, bytesRead }];
    });
    if (waiting.length === 0) return;
    this.#setup.clock.after(STILL_MS, () => {
      const isStill = waiting.some(({ node: { connection }, head, bytesRead }) => {
        return connection.head === head && connection.bytesRead === bytesRead;
      });
      if (isStill) this.refresh();
    });
  }

  async #ask(): Promise<void> {
    const { cluster, clock, onError } = this.#setup;
    const timeoutMs = this.#setup.timeoutMs();
    // It has become usable in the pause.
    if (this.#isCertain()) return;
    this.#isAsking = true;
    this.#isOutdated = false;
    try {
      const map = await querySlots({ cluster, known: this.#owners, clock, timeoutMs, signal: this.#closed.signal });
      if (!this.#isClosed) this.#learn(map);
    } catch (error) {
      this.#isOutdated = true;
      if (!this.#isClosed) onError(toError(error));
      throw error;
    } finally {
      this.#isAsking = false;
    }
    if (this.#isClosed || this.#isCertain()) return;
    throw new Error('Not every slot is served, or not by whom it was.');
  }

  #learn(map: SlotMap): void {
    this.#setup.onReassigned(map);
    this.#map = map;
    this.#survey();
    for (const owner of this.#owners) this.pool.ensure(owner);
    const keys = new Set(this.#owners.map(nodeKey));
    this.pool.keep(keys);
    this.#setup.onLearned(keys);
  }

  #survey(): void {
    this.#owners = this.#map.owners;
    this.#uncovered = this.#map.uncovered;
  }

  #nodeOf(address: NodeAddress): ClusterNode | undefined {
    return this.pool.get(nodeKey(address));
  }
}
