import type { EndpointSwitchedEvent, SwitchReport } from '../../lib/index.ts';
import type { Operation } from '../../spec/support/checker/history.ts';
import type { NewsResult } from '../../spec/support/side-loads/news.ts';
import type { QueueResult } from '../../spec/support/side-loads/queue.ts';

/** What the client's process is told at the beginning of a round. */
export interface RoundSetup {
  readonly seed: number;
  readonly endpoints: readonly { readonly id: string; readonly host: string; readonly port: number }[];
  readonly opsPerSecond: number;
  /** Keys that are on both servers all the time. */
  readonly scannedKeys: number;
}

export interface SeenSwitch extends EndpointSwitchedEvent {
  /** By `performance.now()` of the client's process. */
  readonly seenAt: number;
}

export interface ScansResult {
  /** Streams that came to their end. */
  complete: number;
  /** Those in which keys were not found. */
  readonly lacking: string[];
}

/** What the client's process saw of a round. */
export interface RoundResult {
  readonly history: readonly Operation[];
  readonly unhandled: readonly string[];
  readonly switches: readonly SeenSwitch[];
  /** Operations with an error whose bytes this process never gave to a socket. */
  readonly neverWritten: readonly string[];
  readonly queue: QueueResult;
  readonly news: NewsResult;
  readonly scans: ScansResult;
  /** Callers that did not come to their end, as far as the history does not show it. */
  readonly hanging: readonly string[];
}

export interface Remains {
  /** Timers, sockets, listeners and clients that are still there. */
  readonly leaks: readonly string[];
  readonly heapBytes: number;
}

export interface SwitchRequest {
  readonly to: string;
  readonly drainMs?: number;
}

/** What the client's process does when it is asked. */
export interface SubjectCalls {
  readonly begin: (setup: RoundSetup) => Promise<void>;
  /** Resolves to a report, or to the code of an error. */
  readonly switchTo: (request: SwitchRequest) => Promise<SwitchReport | string>;
  /** Replaces an endpoint by one that reaches the same server. Resolves to the code of an error, if there was one. */
  readonly replace: (endpointId: string) => Promise<string | undefined>;
  readonly release: () => Promise<void>;
  /** The next failback is held until `letGo`, and announced. */
  readonly catchFailback: () => Promise<void>;
  readonly letGo: () => Promise<void>;
  /** Keeps the event loop busy. Resolves to the time it took. */
  readonly block: (ms: number) => Promise<number>;
  /** Resolves to whether all is well within that time: the best endpoint is active, and both could serve. */
  readonly calm: (withinMs: number) => Promise<boolean>;
  /** Demands progress. Resolves to what does not go on. */
  readonly progress: () => Promise<string[]>;
  /** Ends the loads. */
  readonly finish: () => Promise<RoundResult>;
  /** Closes the clients. */
  readonly quit: () => Promise<string[]>;
  /** Looks at what is left behind by a round. */
  readonly remains: () => Promise<Remains>;
  /** Nothing more will come. */
  readonly end: () => Promise<void>;
}

export type CallName = keyof SubjectCalls;

export interface CallMessage {
  readonly id: number;
  readonly name: CallName;
  readonly argument: unknown;
}

/** An answer has the id of its call; an event has none. */
export type SubjectMessage =
  | { readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly event: 'active'; readonly endpointId: string; readonly at: number }
  | { readonly event: 'failback-caught'; readonly to: string };
