import type { GeoFailoverRedis } from '../../../lib/index.ts';
import type { ServerLog } from '../checker/attribution.ts';
import { leavesDoubt, pause, repeat, type SideLoad } from './side-load.ts';

export interface QueueOptions {
  readonly consumers: number;
  /** For how long a consumer waits for an element at a time. */
  readonly blockSeconds?: number;
}

export interface QueueResult {
  readonly taken: string[];
  /** Elements whose RPUSH was acknowledged. */
  readonly produced: string[];
  /** Calls which say that they may have taken an element. */
  doubts: number;
}

const KEY = 'queue';
const PRODUCE_EVERY_MS = 7;

/** Consumers that wait for elements of a list, each on a connection of its own, and a producer. */
export function startQueue(
  client: GeoFailoverRedis,
  { consumers, blockSeconds = 0.4 }: QueueOptions,
): SideLoad<QueueResult> {
  const result: QueueResult = { taken: [], produced: [], doubts: 0 };
  let isStopped = false;

  const consume = async (redis: GeoFailoverRedis): Promise<void> => {
    try {
      const element = await redis.blpop(KEY, blockSeconds);
      if (element !== null) result.taken.push(element[1]);
    } catch (error) {
      if (leavesDoubt(error)) result.doubts++;
      await pause(20);
    }
  };
  const produce = async (): Promise<void> => {
    for (let count = 0; !isStopped; count++) {
      const element = `element-${count}`;
      await client.rpush(KEY, element).then(
        () => result.produced.push(element),
        () => undefined,
      );
      await pause(PRODUCE_EVERY_MS);
    }
  };
  const producing = produce();
  const consuming = Array.from({ length: consumers }, () => repeat(client, consume, 0));

  return {
    result,
    async stop() {
      isStopped = true;
      await Promise.all([producing, ...consuming.map((consumer) => consumer.stop())]);
    },
  };
}

/**
 * @param isRepeated Whether what may have been executed may be repeated, whatever it is.
 * @returns what is wrong.
 */
export function judgeQueue(
  { taken, produced, doubts }: QueueResult,
  servers: readonly ServerLog[],
  isRepeated = false,
): string[] {
  const lists = servers.map(replay);
  const popped = new Set(lists.flatMap((list) => list.popped));
  const pushed = new Set(lists.flatMap((list) => list.pushed));
  const known = new Set(taken);
  const lost = [...popped].filter((element) => !known.has(element));
  const invented = taken.filter((element) => !popped.has(element));
  const missing = produced.filter((element) => !pushed.has(element));
  const problems: string[] = [];
  if (known.size < taken.length && !isRepeated) problems.push(`${taken.length - known.size} elements were given twice`);
  if (invented.length > 0) problems.push(`${invented.length} elements were taken from no server, as ${invented[0]}`);
  if (missing.length > 0) problems.push(`${missing.length} acknowledged elements are missing, as ${missing[0]}`);
  if (lost.length > doubts && !isRepeated) {
    problems.push(`${lost.length} elements were lost, and ${doubts} calls say that they may have taken one`);
  }
  return problems;
}

/** A real server's log does not say what a pop took, but what was there. */
function replay({ executed }: ServerLog): { readonly pushed: string[]; readonly popped: string[] } {
  const list: string[] = [];
  const pushed: string[] = [];
  const popped: string[] = [];
  for (const { name, args } of executed) {
    if (args[0] !== KEY) continue;
    if (name === 'RPUSH') {
      list.push(...args.slice(1));
      pushed.push(...args.slice(1));
    } else if (name === 'LPOP') {
      const first = list.shift();
      popped.push(...[args[1] ?? first].filter((element) => element !== undefined));
    }
  }
  return { pushed, popped };
}
