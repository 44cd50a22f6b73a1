import {
  SUBSCRIBE,
  SUBSCRIPTION_KINDS,
  type SubscriptionKind,
  subscriptionCommand,
} from '../commands/subscription-commands.ts';
import type { Connection } from '../endpoints/connection.ts';
import { ownCommand } from '../ioredis-internals/own-command.ts';
import { afterError, afterReply } from '../ioredis-internals/settling.ts';
import type { IoredisCommand } from '../ioredis-internals/types.ts';
import { type Socket, isAlive, socketOf } from './socket.ts';

/** A call that subscribes or unsubscribes, until it and all that were called before it are answered. */
interface Change {
  readonly kind: SubscriptionKind;
  readonly subscribes: boolean;
  /** None means all, for one that unsubscribes. */
  readonly names: readonly Buffer[];
  /** Where it was sent; `undefined` while it waits. */
  socket: Socket | undefined;
  outcome: 'pending' | 'done' | 'failed';
}

/** Names by themselves as text. Bytes, because a name need not be text. */
type Names = Map<string, Buffer>;

/** What the application wants to hear, whatever connection there is. */
export class DesiredSubscriptions {
  /** What was agreed to by a server, without {@link #changes}. */
  readonly #settled: Readonly<Record<SubscriptionKind, Names>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  };
  /** In the order of their calls, in which they take effect whenever they are answered. */
  readonly #changes = new Map<IoredisCommand, Change>();

  /** Whether a connection has nothing to be asked for. */
  get isEmpty(): boolean {
    return SUBSCRIPTION_KINDS.every((kind) => this.#made(kind).length === 0);
  }

  hears(channel: string): boolean {
    return this.#wanted('channels').has(keyOf(Buffer.from(channel)));
  }

  /** Takes over what an earlier client of the application wanted. */
  inherit(previous: DesiredSubscriptions): void {
    for (const kind of SUBSCRIPTION_KINDS) {
      for (const [key, name] of previous.#wanted(kind)) this.#settled[kind].set(key, name);
    }
  }

  /** Follows a command of the application, from the call on: until it is answered, connections may come and go. */
  follow(command: IoredisCommand): void {
    const known = subscriptionCommand(command.name);
    if (known === undefined || (known.subscribes && command.args.length === 0)) return;
    const change: Change = { ...known, names: command.args.map(bytesOf), socket: undefined, outcome: 'pending' };
    this.#changes.set(command, change);
    afterReply(command, () => this.#end(change, 'done'));
    afterError(command, () => this.#end(change, 'failed'));
  }

  /** A command of the application goes to this connection; of interest are those that are followed. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    const change = this.#changes.get(command);
    if (change !== undefined) change.socket = socketOf(connection);
  }

  /** The application does not want them to outlast a connection. */
  clear(): void {
    this.#changes.clear();
    for (const kind of SUBSCRIPTION_KINDS) this.#settled[kind].clear();
  }

  /** The commands by which a connection hears all of it. */
  commands(kind: SubscriptionKind): IoredisCommand[] {
    return commandsFor(kind, SUBSCRIBE[kind], this.#made(kind));
  }

  /** Not those that are asked for by commands which wait: these will ask themselves, and the server counts. */
  #made(kind: SubscriptionKind): Buffer[] {
    const isMade = ({ outcome, socket }: Change): boolean =>
      outcome === 'done' || (socket !== undefined && isAlive(socket));
    return [...this.#wanted(kind, isMade).values()];
  }

  /** @param counts Which of the calls that subscribe are taken into account. */
  #wanted(kind: SubscriptionKind, counts: (change: Change) => boolean = () => true): Names {
    const names = new Map(this.#settled[kind]);
    for (const change of this.#changes.values()) {
      if (change.kind !== kind || change.outcome === 'failed') continue;
      if (!change.subscribes || counts(change)) apply(change, names);
    }
    return names;
  }

  #end(change: Change, outcome: 'done' | 'failed'): void {
    change.outcome = outcome;
    for (const [command, first] of this.#changes) {
      if (first.outcome === 'pending') return; // rare: subscriptions-answered-out-of-turn
      this.#changes.delete(command);
      if (first.outcome === 'done') apply(first, this.#settled[first.kind]);
    }
  }

  /** The commands by which a connection hears no more than that. */
  unwantedOn(heard: (kind: SubscriptionKind) => readonly string[]): IoredisCommand[] {
    return SUBSCRIPTION_KINDS.flatMap((kind) => {
      const wanted = new Set([...this.#wanted(kind).values()].map(String));
      const names = heard(kind).filter((name) => !wanted.has(name));
      return commandsFor(kind, SUBSCRIBE[kind].replace('subscribe', 'unsubscribe'), names);
    });
  }
}

/** The commands by which a connection hears nothing any more. */
export function unsubscribeAll(connection: Pick<Connection, 'subscribedTo'>): IoredisCommand[] {
  return new DesiredSubscriptions().unwantedOn((kind) => connection.subscribedTo(kind));
}

/** Shard channels may belong to different slots, which one command must not. */
function commandsFor(kind: SubscriptionKind, command: string, names: readonly (string | Buffer)[]): IoredisCommand[] {
  if (kind === 'shardChannels') return names.map((name) => ownCommand(command, [name]));
  return names.length === 0 ? [] : [ownCommand(command, names)];
}

function apply({ subscribes, names }: Change, to: Names): void {
  if (!subscribes && names.length === 0) to.clear();
  for (const name of names) {
    if (subscribes) to.set(keyOf(name), name);
    else to.delete(keyOf(name));
  }
}

function bytesOf(name: unknown): Buffer {
  return Buffer.isBuffer(name) ? name : Buffer.from(String(name));
}

function keyOf(name: Buffer): string {
  return name.toString('latin1');
}
