import { setTimeout as delay } from 'node:timers/promises';
import type { GeoFailoverRedis } from '../../../lib/index.ts';
import type { NewOperation } from '../../../spec/support/checker/history.ts';
import { seededRandom } from '../../../spec/support/checker/random.ts';
import { Recording } from '../../../spec/support/checker/recording.ts';
import { duplicateOf } from '../../../spec/support/side-loads/side-load.ts';
import { WATCHED_KEY } from '../watched.ts';

export interface Contenders {
  readonly recording: Recording;
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 60;

/** What EXEC says by `null`, as an error: nothing was executed, because the watched key may have changed. */
class WatchConflict extends Error {
  readonly code = 'WATCH_CONFLICT';
  readonly endpointId = '';
  readonly outcome = 'not-executed';
}

/** Callers that raise one counter, each on a connection of its own, by optimistic transactions. */
export function startContenders(client: GeoFailoverRedis, count: number, seed: number): Contenders {
  const recording = new Recording({ tag: `w${seed}` });
  let isStopped = false;

  const attempt = async (redis: GeoFailoverRedis): Promise<void> => {
    await redis.watch(WATCHED_KEY);
    const value = await redis.get(WATCHED_KEY);
    const next = Number(value?.split(':')[0] ?? 0) + 1;
    const [setId, countId] = [recording.nextId(), recording.nextId()];
    const counter = `watched:count:${countId}`;
    const shared = { kind: 'watched', safety: 'other-write', group: `g${setId.slice('op'.length)}` } as const;
    const operations: NewOperation[] = [
      { ...shared, id: setId, key: WATCHED_KEY, command: 'SET' },
      { ...shared, id: countId, key: counter, command: 'INCR' },
    ];
    await recording.trackAll(operations, async () => {
      const results = await redis.multi().set(WATCHED_KEY, `${next}:${setId}`).incr(counter).exec();
      if (results === null) throw new WatchConflict('the transaction was discarded');
      return results;
    });
  };
  const contend = async (redis: GeoFailoverRedis, i: number): Promise<void> => {
    const random = seededRandom(seed + i);
    while (!isStopped) {
      await attempt(redis).catch(() => undefined);
      await delay(random() * LONGEST_PAUSE_MS);
    }
    await redis.quit();
  };
  const ended = Promise.all(Array.from({ length: count }, (_, i) => contend(duplicateOf(client), i)));
  return {
    recording,
    async stop() {
      isStopped = true;
      await ended;
      recording.seal();
    },
  };
}
