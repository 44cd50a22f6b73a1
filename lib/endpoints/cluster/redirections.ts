import { isNamed } from '../../commands/is-named.ts';
import type { IoredisCommand, QueuedCommand } from '../../ioredis-internals/types.ts';
import type { ClusterEndpoint } from './cluster-endpoint.ts';
import type { ClusterNodes } from './cluster-nodes.ts';
import type { ClusterSender } from './cluster-sender.ts';
import type { Flight, Flights } from './flights.ts';
import type { Holds } from './holds.ts';
import type { ClusterNode } from './node-pool.ts';
import { readRedirection, type Redirection } from './redirection.ts';
import type { SlotMap } from './slot-map.ts';

const DEFAULT_REDIRECTIONS = 16;
const DEFAULT_PAUSE_MS = 100;

export interface RedirectionsSetup {
  readonly cluster: ClusterEndpoint;
  readonly nodes: ClusterNodes;
  readonly sender: ClusterSender;
  readonly flights: Flights;
  readonly holds: Holds;
  readonly giveBack: (items: readonly QueuedCommand[]) => void;
  /** These were answered although no node has executed them. */
  readonly answered: (items: readonly QueuedCommand[]) => void;
}

/**
 * Sends commands to another node when one has said that it does not execute them, in the order in which they were called:
 * what comes later waits until all that the wrong node may still refuse has been answered.
 */
export class Redirections {
  readonly #setup: RedirectionsSetup;
  readonly #counts = new WeakMap<IoredisCommand, number>();

  constructor(setup: RedirectionsSetup) {
    this.#setup = setup;
  }

  /**
   * Takes an error reply of a node.
   *
   * @returns `true` when the command has been sent elsewhere, or waits for that; an error that its caller has to get
   * instead of the reply; `false` when it was something else.
   */
  take(node: ClusterNode, flight: Flight, error: Error): boolean | Error {
    const { chunk, item } = flight;
    const redirection = readRedirection(error.message, node.address);
    if (chunk === undefined)
      return redirection === undefined ? false : this.#redirect(node, flight, redirection, error);
    chunk.redirection ??= redirection;
    if (chunk.redirection === undefined) return false;
    // Its EXEC will be refused, or is: only then it is certain that nothing of it was executed.
    if (!chunk.isLast(item) || !isNamed(item.command.name, 'exec')) return true;
    if (chunk.isWatched) {
      this.#setup.answered(chunk.items);
      chunk.refuseAsConflict();
      return true;
    }
    return this.#redirect(node, flight, chunk.redirection, error);
  }

  /** Slots have other owners. What is in flight to the former ones may come back, and is older than what is called now. */
  reassigned(map: SlotMap): void {
    for (const node of this.#setup.nodes.pool.all) {
      this.#holdUntilAnswered(node, (slot) => map.ownerOf(slot) !== node.key);
    }
  }

  #redirect(node: ClusterNode, flight: Flight, redirection: Redirection, error: Error): true | Error {
    const { cluster, nodes, sender, holds, giveBack } = this.#setup;
    const { chunk, item } = flight;
    const items = chunk?.items ?? [item];
    if (this.#isTooOften(item.command)) return new Error(`Too many Cluster redirections. Last error: ${String(error)}`);
    if (redirection.kind === 'tryagain') {
      holds.beginFor(this.#pauseMs);
      giveBack(items);
      return true;
    }
    const { slot, host, port } = redirection;
    const address = cluster.source.mapped(host, port);
    if (redirection.kind === 'moved') {
      // In any case until the reply has been dealt with.
      queueMicrotask(holds.begin());
      this.#holdUntilAnswered(node, (other) => other === slot);
      nodes.assign(slot, address);
      giveBack(items);
      return true;
    }
    const target = nodes.pool.ensure(address);
    if (target.connection.isReady && !holds.isHolding) {
      sender.sendAsking(items, target, slot, chunk?.again());
    } else {
      holds.beginFor(this.#pauseMs);
      giveBack(items);
    }
    return true;
  }

  /** Commands of such slots that are in flight to the wrong node will come back too, and are older. */
  #holdUntilAnswered({ connection }: ClusterNode, isConcerned: (slot: number) => boolean): void {
    const { flights, holds } = this.#setup;
    const last = flights.of(connection.inFlight()).findLast(({ slot }) => slot !== undefined && isConcerned(slot));
    if (last !== undefined) last.onLanded = chain(last.onLanded, holds.begin());
  }

  #isTooOften(command: IoredisCommand): boolean {
    const count = (this.#counts.get(command) ?? 0) + 1;
    this.#counts.set(command, count);
    return count >= (this.#setup.cluster.source.settings.maxRedirections ?? DEFAULT_REDIRECTIONS);
  }

  get #pauseMs(): number {
    return this.#setup.cluster.source.settings.retryDelayOnTryAgain ?? DEFAULT_PAUSE_MS;
  }
}

function chain(first: (() => void) | undefined, second: () => void): () => void {
  return () => {
    first?.();
    second();
  };
}
