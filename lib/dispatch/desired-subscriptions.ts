import {
  SUBSCRIBE,
  SUBSCRIPTION_KINDS,
  type SubscriptionKind,
  subscriptionCommand,
} from '../commands/subscription-commands.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import { afterError } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';

/** What the application wants to hear, whatever connection there is. */
export class DesiredSubscriptions {
  /** Names are bytes: those of a buffer need not be text. */
  readonly #names: Readonly<Record<SubscriptionKind, Map<string, Buffer>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  };

  get isEmpty(): boolean {
    return SUBSCRIPTION_KINDS.every((kind) => this.#names[kind].size === 0);
  }

  count(kind: SubscriptionKind): number {
    return this.#names[kind].size;
  }

  /** Follows a command of the application, from the call on: until it is answered, connections may come and go. */
  follow(command: IoredisCommand): void {
    const change = subscriptionCommand(command.name);
    if (change === undefined) return;
    const names = this.#names[change.kind];
    if (!change.subscribes) {
      if (command.args.length === 0) names.clear();
      for (const name of command.args.map(bytesOf)) names.delete(keyOf(name));
      return;
    }
    const added = command.args.map(bytesOf).filter((name) => !names.has(keyOf(name)));
    for (const name of added) names.set(keyOf(name), name);
    afterError(command, () => {
      for (const name of added) names.delete(keyOf(name));
    });
  }

  /** The commands by which a connection hears all of it. */
  commands(): IoredisCommand[] {
    return SUBSCRIPTION_KINDS.filter((kind) => this.#names[kind].size > 0).map((kind) =>
      ownCommand(SUBSCRIBE[kind], [...this.#names[kind].values()]),
    );
  }
}

function bytesOf(name: unknown): Buffer {
  return Buffer.isBuffer(name) ? name : Buffer.from(String(name));
}

function keyOf(name: Buffer): string {
  return name.toString('latin1');
}
