import { commandKeys } from '../commands/command-keys.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import type { WaitingCommand } from './waiting-command.ts';

/** Which refused commands a later one would overtake: those that share a key with it. Unknown keys share all. */
export class HeldKeys {
  readonly #byKey = new Map<string, Set<WaitingCommand>>();
  readonly #anyKey = new Set<WaitingCommand>();
  readonly #all = new Set<WaitingCommand>();

  add(entry: WaitingCommand): void {
    const keys = keysOf(entry.command, entry.group?.commands);
    this.#all.add(entry);
    if (keys === undefined) this.#anyKey.add(entry);
    for (const key of keys ?? []) {
      const entries = this.#byKey.get(key);
      if (entries === undefined) this.#byKey.set(key, new Set([entry]));
      else entries.add(entry);
    }
  }

  /** The held commands that share a key with this one. */
  sharing(command: IoredisCommand, group?: readonly IoredisCommand[]): WaitingCommand[] {
    const keys = keysOf(command, group);
    if (keys === undefined) return [...this.#all];
    if (keys.length === 0) return [];
    const found = new Set(this.#anyKey);
    for (const key of keys) for (const entry of this.#byKey.get(key) ?? []) found.add(entry);
    return [...found];
  }

  delete(entries: Iterable<WaitingCommand>): void {
    for (const entry of entries) {
      this.#all.delete(entry);
      this.#anyKey.delete(entry);
      for (const key of keysOf(entry.command, entry.group?.commands) ?? []) {
        const sharers = this.#byKey.get(key);
        sharers?.delete(entry);
        if (sharers?.size === 0) this.#byKey.delete(key);
      }
    }
  }
}

function keysOf(command: IoredisCommand, group: readonly IoredisCommand[] | undefined): string[] | undefined {
  if (group === undefined) return commandKeys(command);
  const keys: string[] = [];
  for (const member of group.slice(1, -1)) {
    const own = commandKeys(member);
    if (own === undefined) return undefined;
    keys.push(...own);
  }
  return keys;
}
