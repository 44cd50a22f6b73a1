import type { Socket } from 'node:net';
import type { Redis } from 'ioredis';

/**
 * Private members of ioredis 5.11 and 6.0 that this package relies on. Nothing outside this folder names them, and
 * `supported-versions.ts` checks at construction that they are there.
 */
export interface ClientInternals {
  status: string;
  stream: Socket | undefined;
  options: Record<string, unknown>;
  condition: ConnectionCondition | undefined;
  connector: unknown;
  commandQueue: CommandQueue;
  offlineQueue: unknown;
  prevCommandQueue: unknown;
  manuallyClosing: boolean;
  scriptsSet: Readonly<Record<string, { readonly sha: string; readonly lua: string }>>;
  sendCommand: (command: IoredisCommand, stream?: PipelineStream) => unknown;
  setStatus: (status: string, arg?: unknown) => void;
  silentEmit: (event: string, arg?: unknown) => boolean;
  handleReconnection: (error: Error, item: QueuedCommand) => void;
  flushQueue: (error: Error, options?: { offlineQueue?: boolean; commandQueue?: boolean }) => void;
  resetCommandQueue: () => void;
  resetOfflineQueue: () => void;
}

export interface ConnectionCondition {
  select: number;
  subscriber: { channels(command: string): string[] } | false | null | undefined;
  protocol?: number;
  replyMapping?: string;
}

/** The part of a `denque` that is used. */
export interface CommandQueue {
  readonly length: number;
  peekFront(): QueuedCommand | undefined;
  shift(): QueuedCommand | undefined;
  toArray(): QueuedCommand[];
}

/**
 * A message as ioredis emits it: channel and message; for `pmessage` the pattern, which is text, comes first. `null` for a
 * message of `__redis__:invalidate` that names no keys.
 */
export interface PushedMessage {
  readonly event: 'message' | 'pmessage' | 'smessage';
  readonly args: readonly (string | Buffer | null)[];
}

export interface QueuedCommand {
  command: IoredisCommand;
  stream?: PipelineStream | undefined;
  select?: number | undefined;
}

/** What a pipeline hands to `sendCommand` beside each of its commands: it collects them for one write. */
export interface PipelineStream {
  isPipeline?: boolean;
  destination: { redis: unknown };
  write: (data: string) => unknown;
}

/** An ioredis `Command` with the members that are private, or that only one major has. */
export interface IoredisCommand {
  name: string;
  args: unknown[];
  readonly promise: Promise<unknown>;
  resolve: (reply: unknown) => void;
  reject: (error: Error) => void;
  getKeys(): (string | Buffer)[];
  replyEncoding?: string | null;
  bufferMode?: boolean;
  inTransaction: boolean;
  isReadOnly?: boolean;
  isResolved?: boolean;
  isSettled?: boolean;
  isTraced?: boolean;
  ignore?: boolean;
  setTimeout(ms: number): void;
  toWritable?(socket: object): unknown;
  setReplyContext?(context: unknown): void;
  _clearTimers?(): void;
}

export type IoredisCommandClass = new (
  name: string,
  args?: unknown[],
  options?: { replyEncoding?: string | null; readOnly?: boolean },
) => IoredisCommand;

/** The same object, seen with its private members. */
export function internals(client: Redis): ClientInternals {
  return client as unknown as ClientInternals;
}
