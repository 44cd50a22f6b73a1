import type { GeoFailoverRedis } from '../../lib/index.ts';
import type { ModelServer } from './model-server.ts';

/** A load of its own kind beside the main one: its rules are not those of single operations. */
export interface SideLoad {
  /** Begins nothing new, and resolves when everything has settled. */
  stop(): Promise<void>;
  /** What is wrong. */
  judge(servers: readonly ModelServer[], rules: SideRules): string[];
}

/** What the options allow. */
export interface SideRules {
  /** Whether what may have been executed may be repeated, whatever it is. */
  readonly repeats: boolean;
  /** The same for messages. */
  readonly repeatsMessages: boolean;
}

/** A client of its own, of which nobody needs to hear errors. */
export function duplicateOf(client: GeoFailoverRedis): GeoFailoverRedis {
  const duplicate = client.duplicate() as GeoFailoverRedis;
  duplicate.on('error', () => undefined);
  return duplicate;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Repeats something until it is stopped, on a client of its own. What it throws is its own affair. */
export function repeat(
  client: GeoFailoverRedis,
  turn: (client: GeoFailoverRedis, count: number) => Promise<void>,
  pauseMs: number,
): { stop(): Promise<void> } {
  const duplicate = duplicateOf(client);
  let isStopped = false;
  const run = async (): Promise<void> => {
    for (let count = 0; !isStopped; count++) {
      await turn(duplicate, count);
      await pause(pauseMs);
    }
    await duplicate.quit();
  };
  const ended = run();
  return {
    stop() {
      isStopped = true;
      return ended;
    },
  };
}

/** Whether an error says that a command may have been executed, or says nothing of it. */
export function leavesDoubt(error: unknown): boolean {
  const { outcome, geo } = error as { outcome?: string; geo?: { outcome?: string } };
  return (outcome ?? geo?.outcome) !== 'not-executed';
}

/** Consumers that wait for elements of a list, each on a connection of its own, and a producer. */
export function startQueue(client: GeoFailoverRedis, consumers: number): SideLoad {
  const taken: string[] = [];
  let doubts = 0;
  let produced = 0;
  let isStopped = false;

  const consume = async (redis: GeoFailoverRedis): Promise<void> => {
    try {
      const element = await redis.blpop('queue', 0.4);
      if (element !== null) taken.push(element[1]);
    } catch (error) {
      if (leavesDoubt(error)) doubts++;
      await pause(20);
    }
  };
  const produce = async (): Promise<void> => {
    while (!isStopped) {
      await client.rpush('queue', `element-${produced++}`).catch(() => undefined);
      await pause(7);
    }
  };
  const producing = produce();
  const consuming = Array.from({ length: consumers }, () => repeat(client, consume, 0));

  return {
    async stop() {
      isStopped = true;
      await Promise.all([producing, ...consuming.map((consumer) => consumer.stop())]);
    },
    judge(servers, { repeats }) {
      const popped = new Set(
        servers.flatMap(({ data }) =>
          data.executed.flatMap(({ name, args }) => (name === 'LPOP' ? [args[1] ?? ''] : [])),
        ),
      );
      const known = new Set(taken);
      const lost = [...popped].filter((element) => !known.has(element)).length;
      const wrong = taken.filter((element) => !popped.has(element)).length;
      return [
        ...(known.size < taken.length && !repeats ? [`${taken.length - known.size} elements were given twice`] : []),
        ...(wrong > 0 ? [`${wrong} elements were taken from no server`] : []),
        ...(lost > doubts && !repeats
          ? [`${lost} elements were lost, and ${doubts} calls say that they may have taken one`]
          : []),
      ];
    },
  };
}

/** A subscriber on a connection of its own, and a publisher that numbers its messages. */
export function startNews(client: GeoFailoverRedis): SideLoad & { readonly heard: number } {
  const heard: number[] = [];
  const subscriber = duplicateOf(client);
  subscriber.on('message', (channel: string, message: string) => {
    if (channel === 'news') heard.push(Number(message));
  });
  const problems: string[] = [];
  let published = 0;
  let isStopped = false;
  let gossips = 0;
  const subscribe = async (): Promise<void> => {
    while (!isStopped) {
      try {
        await subscriber.subscribe('news');
        return;
      } catch {
        await pause(50);
      }
    }
  };
  /** What it hears beside the news changes all the time. */
  const gossip = async (): Promise<void> => {
    while (!isStopped) {
      await pause(30);
      const name = `gossip-${gossips++ % 5}`;
      const call = gossips % 3 === 0 ? subscriber.unsubscribe(name) : subscriber.subscribe(name);
      if (gossips % 2 === 0) await call.catch(() => undefined);
      else call.catch(() => undefined);
    }
  };
  void subscribe();
  const gossiping = gossip();
  const timer = setInterval(() => void client.publish('news', String(published++)).catch(() => undefined), 11);

  return {
    get heard() {
      return heard.length;
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      await gossiping;
      await subscriber.quit();
    },
    judge(_servers, { repeatsMessages }) {
      const inversion = repeatsMessages
        ? -1
        : heard.findIndex((message, i) => i > 0 && message <= (heard[i - 1] ?? -1));
      if (inversion >= 0) problems.push(`message ${heard[inversion]} was heard behind ${heard[inversion - 1]}`);
      return problems;
    },
  };
}
