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

interface Wanted {
  /** Bytes: a name need not be text. */
  readonly name: Buffer;
  /** A server agreed to it. */
  isConfirmed: boolean;
  /** Commands that ask for it and were not answered yet, and where they were sent. */
  readonly asking: Map<IoredisCommand, Socket | undefined>;
}

/** What the application wants to hear, whatever connection there is. */
export class DesiredSubscriptions {
  readonly #wanted: Readonly<Record<SubscriptionKind, Map<string, Wanted>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  };

  /** Whether a connection has nothing to be asked for. */
  get isEmpty(): boolean {
    return SUBSCRIPTION_KINDS.every((kind) => this.#made(kind).length === 0);
  }

  hears(channel: string): boolean {
    return this.#wanted.channels.has(keyOf(Buffer.from(channel)));
  }

  /** Takes over what an earlier client of the application wanted. */
  inherit(previous: DesiredSubscriptions): void {
    for (const kind of SUBSCRIPTION_KINDS) {
      for (const [key, { name }] of previous.#wanted[kind]) {
        this.#wanted[kind].set(key, { name, isConfirmed: true, asking: new Map() });
      }
    }
  }

  /** Follows a command of the application, from the call on: until it is answered, connections may come and go. */
  follow(command: IoredisCommand): void {
    const change = subscriptionCommand(command.name);
    if (change === undefined) return;
    const wanted = this.#wanted[change.kind];
    const names = command.args.map(bytesOf);
    if (change.subscribes) followSubscribe(command, names, wanted);
    else followUnsubscribe(command, names, wanted);
  }

  /** A command of the application goes to this connection; of interest are those that are followed. */
  sentTo(command: IoredisCommand, connection: Connection): void {
    const change = subscriptionCommand(command.name);
    if (change?.subscribes !== true) return;
    for (const name of command.args) {
      const asking = this.#wanted[change.kind].get(keyOf(bytesOf(name)))?.asking;
      if (asking?.has(command) === true) asking.set(command, socketOf(connection));
    }
  }

  /** The application does not want them to outlast a connection. */
  clear(): void {
    for (const kind of SUBSCRIPTION_KINDS) this.#wanted[kind].clear();
  }

  /** The commands by which a connection hears all of it. */
  commands(): IoredisCommand[] {
    return SUBSCRIPTION_KINDS.flatMap((kind) => {
      const names = this.#made(kind).map(({ name }) => name);
      return commandsFor(kind, SUBSCRIBE[kind], names);
    });
  }

  /** Not those that are asked for by commands which wait: these will ask themselves, and the server counts. */
  #made(kind: SubscriptionKind): Wanted[] {
    return [...this.#wanted[kind].values()].filter(({ isConfirmed, asking }) => {
      return isConfirmed || [...asking.values()].some((socket) => socket !== undefined && isAlive(socket));
    });
  }

  /** The commands by which a connection hears no more than that. */
  unwantedOn(heard: (kind: SubscriptionKind) => readonly string[]): IoredisCommand[] {
    return SUBSCRIPTION_KINDS.flatMap((kind) => {
      const wanted = new Set([...this.#wanted[kind].values()].map(({ name }) => String(name)));
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

function followUnsubscribe(command: IoredisCommand, names: readonly Buffer[], wanted: Map<string, Wanted>): void {
  const keys = names.length === 0 ? [...wanted.keys()] : names.map(keyOf);
  const removed = keys.map((key) => [key, wanted.get(key)] as const);
  for (const key of keys) wanted.delete(key);
  afterError(command, () => {
    for (const [key, it] of removed) if (it !== undefined && !wanted.has(key)) wanted.set(key, it);
  });
}

function followSubscribe(command: IoredisCommand, names: readonly Buffer[], wanted: Map<string, Wanted>): void {
  const asked = names.map((name) => {
    const known = wanted.get(keyOf(name)) ?? { name, isConfirmed: false, asking: new Map() };
    known.asking.set(command, undefined);
    wanted.set(keyOf(name), known);
    return known;
  });
  afterReply(command, () => {
    for (const it of asked) {
      it.asking.delete(command);
      it.isConfirmed = true;
    }
  });
  afterError(command, () => {
    for (const it of asked) {
      it.asking.delete(command);
      const isWanted = it.isConfirmed || it.asking.size > 0;
      if (!isWanted && wanted.get(keyOf(it.name)) === it) wanted.delete(keyOf(it.name));
    }
  });
}

function bytesOf(name: unknown): Buffer {
  return Buffer.isBuffer(name) ? name : Buffer.from(String(name));
}

function keyOf(name: Buffer): string {
  return name.toString('latin1');
}
