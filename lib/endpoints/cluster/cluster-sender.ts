import { isNamed } from '../../commands/is-named.ts';
import { keySlot } from '../../commands/key-slot.ts';
import { subscriptionCommand } from '../../commands/subscription-commands.ts';
import { ownCommand } from '../../ioredis-internals/own-command.ts';
import type { IoredisCommand, QueuedCommand } from '../../ioredis-internals/types.ts';
import { asksForIdentity, isConnectionSetting, unsupportedByCluster } from './cluster-commands.ts';
import type { ClusterNodes } from './cluster-nodes.ts';
import type { ClusterSubscribers } from './cluster-subscribers.ts';
import type { Flights } from './flights.ts';
import type { Holds } from './holds.ts';
import type { ClusterNode } from './node-pool.ts';
import { keysOf, type TransactionChunk, TransactionCollector } from './transaction-chunk.ts';
import { Watches } from './watches.ts';

export interface ClusterSenderSetup {
  readonly endpointId: string;
  readonly nodes: ClusterNodes;
  readonly subscribers: ClusterSubscribers;
  readonly flights: Flights;
  readonly holds: Holds;
  /** These were not executed, and cannot be sent now. */
  readonly giveBack: (items: readonly QueuedCommand[]) => void;
  /** These were answered without having been sent. */
  readonly answered: (items: readonly QueuedCommand[]) => void;
  /** A connection over which messages come could not be made. */
  readonly onNoSubscriber: () => void;
}

/** Sends each command to the node of its keys. */
export class ClusterSender {
  readonly #setup: ClusterSenderSetup;
  readonly #collector: TransactionCollector;
  readonly #watches = new Watches();
  #refusedMulti: Error | undefined;

  constructor(setup: ClusterSenderSetup) {
    this.#setup = setup;
    this.#collector = new TransactionCollector((chunk) => this.#sendChunk(chunk));
  }

  send(item: QueuedCommand): void {
    if (this.#collector.takes(item)) return;
    const { command } = item;
    const unsupported = this.#unsupported(command);
    if (unsupported !== undefined) {
      this.#setup.answered([item]);
      command.reject(unsupported);
    } else if (subscriptionCommand(command.name) !== undefined) {
      this.#sendToSubscriber(item);
    } else {
      if (isConnectionSetting(command)) this.#tellOthers(command);
      this.#sendByKey(item);
    }
  }

  /** A node has asked for this: it serves the keys although others do not know that yet. */
  sendAsking(items: readonly QueuedCommand[], node: ClusterNode, slot: number, chunk?: TransactionChunk): void {
    const { flights } = this.#setup;
    const { connection } = node;
    connection.batch(() => {
      connection.sendOwn(ownCommand('asking')).catch(() => undefined);
      for (const item of items) flights.depart(item, connection, { slot, chunk });
    });
  }

  /** Sends a command of our own. */
  async sendOwn(command: IoredisCommand): Promise<unknown> {
    const { nodes, subscribers } = this.#setup;
    if (asksForIdentity(command)) throw new Error('Each of its connections has another.');
    if (subscriptionCommand(command.name) !== undefined) return subscribers.sendOwn(command);
    if (isConnectionSetting(command)) {
      return Promise.all([...nodes.pool.nodes].map(({ connection }) => connection.sendOwn(copyOf(command))));
    }
    const [key] = keysOf(command);
    const node = nodes.nodeFor(key === undefined ? undefined : keySlot(key));
    if (node === undefined) throw new Error('Connection is closed.');
    return node.connection.sendOwn(command);
  }

  #sendByKey(item: QueuedCommand): void {
    const { nodes } = this.#setup;
    const { command } = item;
    const [key] = keysOf(command);
    const slot = key === undefined ? undefined : keySlot(key);
    const node = nodes.nodeFor(slot);
    if (isNamed(command.name, 'unwatch')) this.#watches.end(node?.connection);
    if (isNamed(command.name, 'watch') && node !== undefined) this.#watches.add(node.connection);
    this.#transmit(item, node, slot);
  }

  /** Without its MULTI the rest of a transaction would be executed by itself. */
  #unsupported(command: IoredisCommand): Error | undefined {
    const refused = this.#refusedMulti;
    const isEnd = isNamed(command.name, 'exec') || isNamed(command.name, 'discard');
    if (refused !== undefined && isEnd) this.#refusedMulti = undefined;
    if (refused !== undefined) return refused;
    const unsupported = unsupportedByCluster(command, this.#setup.endpointId);
    if (unsupported === undefined || !isNamed(command.name, 'multi')) return unsupported;
    this.#refusedMulti = unsupported;
    // What is called later, is called by somebody who can know.
    queueMicrotask(() => {
      this.#refusedMulti = undefined;
    });
    return unsupported;
  }

  #transmit(item: QueuedCommand, node: ClusterNode | undefined, slot: number | undefined): void {
    const { flights, giveBack } = this.#setup;
    if (node?.connection.isReady !== true) return giveBack([item]);
    flights.depart(item, node.connection, { slot });
  }

  #sendChunk(chunk: TransactionChunk): void {
    const { endpointId, nodes, flights, giveBack, answered } = this.#setup;
    const { items, slots } = chunk;
    const errors = new Map(
      items.flatMap((item) => {
        const error = unsupportedByCluster(item.command, endpointId);
        return error === undefined ? [] : [[item, error] as const];
      }),
    );
    if (errors.size > 0 || slots.length > 1) {
      answered(items);
      if (errors.size > 0) chunk.refuseFor(errors);
      else chunk.refuseAsCrossSlot();
      return;
    }
    const [slot] = slots;
    const connection = nodes.nodeFor(slot)?.connection;
    if (connection?.isReady !== true) return giveBack(items);
    if (!this.#watches.holdOn(connection)) {
      answered(items);
      this.#watches.end();
      return chunk.refuseAsConflict();
    }
    chunk.isWatched = !this.#watches.isEmpty;
    this.#watches.end(connection);
    connection.batch(() => {
      for (const item of items) flights.depart(item, connection, { slot, chunk });
    });
  }

  #sendToSubscriber(item: QueuedCommand): void {
    const { subscribers, flights, holds, giveBack, onNoSubscriber } = this.#setup;
    const node = subscribers.nodeFor(item.command);
    if (node?.connection.isReady === true) {
      subscribers.unsubscribeEverywhere(item.command);
      const answered = subscribers.follow(item, node);
      return flights.depart(item, node.connection, { onLanded: answered });
    }
    if (node !== undefined) {
      const release = holds.begin();
      subscribers.whenReady(node, (isReady) => {
        if (!isReady) {
          subscribers.expect(node);
          onNoSubscriber();
        }
        release();
      });
    }
    giveBack([item]);
  }

  /** The node that the command itself goes to speaks for all. */
  #tellOthers(command: IoredisCommand): void {
    const home = this.#setup.nodes.nodeFor(undefined);
    for (const node of this.#setup.nodes.pool.nodes) {
      if (node === home) continue;
      node.connection.sendOwn(copyOf(command)).catch(() => undefined);
    }
  }
}

function copyOf({ name, args }: IoredisCommand): IoredisCommand {
  return ownCommand(name, args as (string | Buffer)[]);
}
