import { setTimeout as delay } from 'node:timers/promises';
import type { GeoFailoverRedis } from '../../../lib/index.ts';
import type { NewOperation } from '../../../spec/support/checker/history.ts';
import { seededRandom } from '../../../spec/support/checker/random.ts';
import { Recording } from '../../../spec/support/checker/recording.ts';
import { duplicateOf } from '../../../spec/support/side-loads/side-load.ts';
import { settlesWithin } from './within.ts';

export interface Visitors {
  readonly recording: Recording;
  /** Resolves to what did not come to its end. */
  stop(): Promise<string[]>;
}

const COMMANDS = 5;
const LONGEST_PAUSE_MS = 200;
/** More than the client's deadline. */
const QUIT_MS = 15_000;

/** Connections that come, send something, and go: after they were answered, before, or at once, whatever is wrong just then. */
export function startVisitors(client: GeoFailoverRedis, seed: number): Visitors {
  const recording = new Recording({ tag: `v${seed}` });
  const random = seededRandom(seed);
  const hanging: string[] = [];
  let isStopped = false;

  const send = (redis: GeoFailoverRedis): Promise<unknown> => {
    const id = recording.nextId();
    const key = `visitor:${id}`;
    const operation: NewOperation = { id, kind: 'visitor', key, command: 'INCR', safety: 'other-write' };
    return recording.track(operation, () => redis.incr(key));
  };
  const visit = async (): Promise<void> => {
    const redis = duplicateOf(client);
    const answers = Promise.all(Array.from({ length: COMMANDS }, () => send(redis)));
    const way = random();
    if (way < 0.4) await answers;
    else await delay(random() * 20);
    if (way > 0.8) redis.disconnect();
    else if (!(await settlesWithin(redis.quit(), QUIT_MS))) hanging.push('quit() of a visitor does not end');
    await answers;
  };
  const visitAll = async (): Promise<void> => {
    while (!isStopped) {
      await visit();
      await delay(random() * LONGEST_PAUSE_MS);
    }
  };
  const ended = visitAll();
  return {
    recording,
    async stop() {
      isStopped = true;
      await ended;
      recording.seal();
      return hanging;
    },
  };
}
