import { randomBytes } from 'node:crypto';
import type { Operation } from './history.ts';
import { COMMANDS, ISSUE, type Caller, type LoadClient, type LoadKind } from './operations.ts';
import { seededRandom, weightedChoice } from './random.ts';
import { Recording } from './recording.ts';

export type { LoadClient, LoadKind } from './operations.ts';

export type LoadMix = Partial<Record<LoadKind, number>>;

export interface LoadOptions {
  /** Commands per second over all callers, on average: members of pipelines, transactions and bursts count. Default 500. */
  readonly opsPerSecond?: number;
  /** Concurrent callers. Default 10. */
  readonly loops?: number;
  /** Same seed, same sequence of commands. Default 1. */
  readonly seed?: number;
  /** Weights of the kinds; a kind that is not named does not occur. Default `DEFAULT_MIX`. */
  readonly mix?: LoadMix;
  /** Stops by itself after that time. Default: runs until `stop()`. */
  readonly durationMs?: number;
  /** Stops by itself once at least that many commands were issued. */
  readonly maxOperations?: number;
  /** How long `stop()` waits for pending promises. Default 15 000. */
  readonly settleTimeoutMs?: number;
  /** Keys that each caller's `set` and `get` choose from. Default 5. */
  readonly sharedKeys?: number;
  /** SETs per burst. Default 20. */
  readonly burstLength?: number;
  /** Has to differ between loads that use the same servers. Default: random. */
  readonly tag?: string;
  /** Says which endpoint is active, for the timeline. */
  readonly identify?: () => string | undefined;
}

export interface LoadResult {
  readonly history: readonly Operation[];
  /** Operations that had not settled when `stop()` gave up waiting. */
  readonly pending: number;
  /** Messages of the unhandled rejections of this process during the load. */
  readonly unhandled: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number;
  /** Turns that were due while this process was stalled for more than a second, and never taken. */
  readonly skipped: number;
}

export interface Load {
  /** Grows while the load runs. */
  readonly history: readonly Operation[];
  readonly tag: string;
  readonly startedAt: number;
  /** Resolves when the load has ended, by itself or by `stop()`. Never rejects. */
  readonly finished: Promise<LoadResult>;
  /** Begins nothing new, waits until everything has settled (or `settleTimeoutMs`) and returns the history. */
  stop(): Promise<LoadResult>;
  /** True once `count` operations that are issued from now on were acknowledged, false after `timeoutMs` (10 000). */
  nextSuccesses(count: number, timeoutMs?: number): Promise<boolean>;
}

export const DEFAULT_MIX: Readonly<LoadMix> = {
  get: 20,
  set: 20,
  'set-burst': 1,
  incr: 15,
  rpush: 12,
  sadd: 6,
  hset: 4,
  del: 4,
  pipeline: 3,
  multi: 3,
  script: 4,
};

function commandsPerChoice(mix: LoadMix, burstLength: number): number {
  const commands: LoadMix = { 'set-burst': burstLength, ...COMMANDS };
  const entries = Object.entries(mix) as [LoadKind, number][];
  const weight = entries.reduce((sum, [, each]) => sum + each, 0);
  return entries.reduce((sum, [kind, each]) => sum + each * (commands[kind] ?? 1), 0) / weight;
}

/**
 * Open-loop load: commands are issued when they are due, whether or not earlier ones were answered, as independent
 * users would. A closed loop would send nothing while an endpoint is down and so would not see the outage.
 */
export function startLoad(client: LoadClient, options: LoadOptions = {}): Load {
  const { opsPerSecond = 500, loops = 10, seed = 1, settleTimeoutMs = 15_000 } = options;
  const { sharedKeys = 5, burstLength = 20, maxOperations = Infinity } = options;
  const tag = options.tag ?? randomBytes(4).toString('hex');
  const recording = new Recording({ tag, identify: options.identify });
  const mix = options.mix ?? DEFAULT_MIX;
  const choose = weightedChoice(mix);
  // Evenly spaced, whatever their size: a burst that used up the rate of the next 40 ms would look like an outage.
  const intervalMs = (1_000 / opsPerSecond) * commandsPerChoice(mix, burstLength);
  const startedAt = performance.now();
  let stopped = false;
  let issued = 0;
  let skipped = 0;
  let picks = 0;
  let timer: NodeJS.Timeout | undefined;

  const callers = Array.from({ length: loops }, (_, loop): Caller => {
    const random = seededRandom(seed * 1_000 + loop);
    const prefix = `load:${tag}:${loop}`;
    return { client, recording, random, prefix, sharedKeys, burstLength };
  });

  // By promise, because a test runner may emit the event a second time for the listeners beside its own.
  const unhandled = new Map<unknown, string>();
  const onUnhandled = (reason: unknown, promise: unknown) => {
    unhandled.set(promise, reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
  };
  process.on('unhandledRejection', onUnhandled);

  const tick = () => {
    const elapsed = performance.now() - startedAt;
    const due = Math.floor(elapsed / intervalMs) + 1;
    // A process that was frozen must not answer with an avalanche that tests something else.
    skipped = Math.max(skipped, due - picks - Math.ceil(1_000 / intervalMs));
    while (picks + skipped < due && issued < maxOperations) {
      const caller = callers[picks++ % loops]!;
      issued += ISSUE[choose(caller.random)](caller);
    }
    if (stopped) return;
    if (issued >= maxOperations || elapsed >= (options.durationMs ?? Infinity)) {
      void stop();
      return;
    }
    const nextDue = (picks + skipped) * intervalMs;
    timer = setTimeout(tick, Math.max(1, nextDue - (performance.now() - startedAt)));
  };

  const finish = async (): Promise<LoadResult> => {
    const endedAt = performance.now();
    await recording.settled(settleTimeoutMs);
    // A rejection is reported as unhandled only after the microtasks of its turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', onUnhandled);
    recording.seal();
    const { history, pending } = recording;
    return { history, pending, unhandled: [...unhandled.values()], startedAt, endedAt, skipped };
  };

  let resolveFinished: (result: LoadResult) => void = () => undefined;
  const finished = new Promise<LoadResult>((resolve) => (resolveFinished = resolve));
  const stop = (): Promise<LoadResult> => {
    if (!stopped) {
      stopped = true;
      clearTimeout(timer);
      void finish().then(resolveFinished);
    }
    return finished;
  };

  tick();
  return {
    history: recording.history,
    tag,
    startedAt,
    finished,
    stop,
    nextSuccesses: (count, timeoutMs = 10_000) => recording.nextSuccesses(count, timeoutMs),
  };
}
