import { SLOTS } from '../../commands/key-slot.ts';
import type { SlotLayout } from '../../ioredis-internals/cluster-look.ts';
import type { NodeAddress } from '../../ioredis-internals/cluster-source.ts';

/** A node by its address. */
export function nodeKey({ host, port }: Pick<NodeAddress, 'host' | 'port'>): string {
  return `${host}:${port}`;
}

/** Which node serves which slots. */
export class SlotMap {
  readonly #owners: (string | undefined)[];
  readonly #addresses: Map<string, NodeAddress>;
  #layout: SlotLayout | undefined;

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
    this.#layout = undefined;
    this.#addresses.set(key, address);
  }

  /** The nodes that serve slots. */
  get owners(): NodeAddress[] {
    const keys = new Set(this.#owners);
    return [...this.#addresses].filter(([key]) => keys.has(key)).map(([, address]) => address);
  }

  /** As ioredis's pipelines want to know it. Of a slot that nobody serves the server will say so. */
  get layout(): SlotLayout {
    return (this.#layout ??= layoutOf(Array.from({ length: SLOTS }, (_, slot) => this.#owners[slot] ?? '')));
  }

  get uncovered(): number {
    let covered = 0;
    for (const owner of this.#owners) if (owner !== undefined) covered++;
    return SLOTS - covered;
  }
}

function layoutOf(owners: readonly string[]): SlotLayout {
  const keys = [...new Set(owners)];
  const nodes = new Map(keys.map((key) => [key, [key]]));
  const groups = new Map(keys.map((key, index) => [key, index + 1]));
  return {
    slots: owners.map((owner) => nodes.get(owner) ?? []),
    groups: owners.map((owner) => groups.get(owner) ?? 0),
  };
}
