import { SLOTS } from '../../commands/key-slot.ts';
import type { NodeAddress } from '../../ioredis-internals/cluster-source.ts';

/** A node by its address. */
export function nodeKey({ host, port }: Pick<NodeAddress, 'host' | 'port'>): string {
  return `${host}:${port}`;
}

/** Which node serves which slots. */
export class SlotMap {
  readonly #owners: (string | undefined)[];
  readonly #addresses: Map<string, NodeAddress>;

  constructor(owners: readonly (string | undefined)[] = [], addresses: ReadonlyMap<string, NodeAddress> = new Map()) {
    this.#owners = [...owners];
    this.#addresses = new Map(addresses);
  }

  /** @param reply To CLUSTER SLOTS. */
  static read(reply: unknown, mapped: (host: string, port: number) => NodeAddress): SlotMap {
    const map = new SlotMap();
    for (const range of Array.isArray(reply) ? (reply as unknown[][]) : []) {
      const [from, to, owner] = range as [unknown, unknown, [host: string | null, port: number] | undefined];
      // A node that does not know its own address names none.
      if (!owner?.[0]) continue;
      const address = mapped(owner[0], owner[1]);
      for (let slot = Number(from); slot <= Number(to); slot++) map.assign(slot, address);
    }
    return map;
  }

  ownerOf(slot: number): string | undefined {
    return this.#owners[slot];
  }

  assign(slot: number, address: NodeAddress): void {
    const key = nodeKey(address);
    this.#owners[slot] = key;
    this.#addresses.set(key, address);
  }

  /** The nodes that serve slots. */
  get owners(): NodeAddress[] {
    const keys = new Set(this.#owners);
    return [...this.#addresses].filter(([key]) => keys.has(key)).map(([, address]) => address);
  }

  get uncovered(): number {
    let covered = 0;
    for (const owner of this.#owners) if (owner !== undefined) covered++;
    return SLOTS - covered;
  }
}
