import type { Redis } from 'ioredis';
import { internals } from './types.ts';

/** Which nodes serve which slots, as ioredis's pipelines want to know it. */
export interface SlotLayout {
  /** By slot, the addresses of the nodes that serve it. */
  readonly slots: readonly (readonly string[])[];
  /** By slot, a number that stands for these nodes. */
  readonly groups: readonly number[];
}

interface ErrorHandlers {
  defaults(): void;
}

/**
 * Gives an instance what ioredis's pipelines look at on a Cluster, so that they apply the same rules. Sending commands again,
 * which they would do themselves, is left to whoever sent them.
 */
export function lookLikeCluster(client: Redis, layout: () => SlotLayout): void {
  // With another value auto-pipelining would let reads overtake writes.
  internals(client).options['scaleReads'] = 'master';
  const noNodes = { nodes: { all: {}, master: {}, slave: {} } };
  const members: Record<string, PropertyDescriptor> = {
    isCluster: { value: true, enumerable: true, writable: true },
    slots: { get: () => layout().slots },
    _groupsBySlot: { get: () => layout().groups },
    _groupsIds: { value: {} },
    connectionPool: { value: noNodes },
    handleError: { value: (_error: Error, _left: unknown, handlers: ErrorHandlers) => handlers.defaults() },
  };
  for (const [name, member] of Object.entries(members)) {
    Object.defineProperty(client, name, { configurable: true, ...member });
  }
}
