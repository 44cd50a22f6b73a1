import type { GeoFailoverRedis } from '../../lib/index.ts';
import type { ModelServer } from './model-server.ts';

/** A load of its own kind beside the main one: its rules are not those of single operations. */
export interface SideLoad {
  /** Begins nothing new, and resolves when everything has settled. */
  stop(): Promise<void>;
  /** What is wrong. */
  judge(servers: readonly ModelServer[]): string[];
}

/** Consumers that wait for elements of a list, each on a connection of its own, and a producer. */
export function startQueue(client: GeoFailoverRedis, consumers: number): SideLoad {
  const taken: string[] = [];
  let doubts = 0;
  let produced = 0;
  let isStopped = false;
  const untrue: string[] = [];

  const consume = async (redis: GeoFailoverRedis): Promise<void> => {
    while (!isStopped) {
      try {
        const element = await redis.blpop('queue', 0.4);
        if (element !== null) taken.push(element[1]);
      } catch (error) {
        if ((error as { outcome?: string }).outcome === 'maybe-executed') doubts++;
        await pause(20);
      }
    }
    await redis.quit();
  };
  const produce = async (): Promise<void> => {
    while (!isStopped) {
      await client.rpush('queue', `element-${produced++}`).catch(() => undefined);
      await pause(7);
    }
  };
  const duplicates = Array.from({ length: consumers }, () => client.duplicate() as GeoFailoverRedis);
  for (const duplicate of duplicates) duplicate.on('error', () => undefined);
  const all = Promise.all([...duplicates.map(consume), produce()]);

  return {
    async stop() {
      isStopped = true;
      await all;
    },
    judge(servers) {
      const popped = servers.flatMap(({ data }) =>
        data.executed.flatMap(({ name, args }) => (name === 'LPOP' ? [args[1] ?? ''] : [])),
      );
      const known = new Set(taken);
      const lost = popped.filter((element) => !known.has(element)).length;
      const wrong = taken.filter((element) => !popped.includes(element));
      if (known.size < taken.length) untrue.push(`${taken.length - known.size} elements were given twice`);
      if (wrong.length > 0) untrue.push(`${wrong.length} elements were taken from no server`);
      if (lost > doubts)
        untrue.push(`${lost} elements were lost, and ${doubts} calls say that they may have taken one`);
      return untrue;
    },
  };
}

/** A subscriber on a connection of its own, and a publisher that numbers its messages. */
export function startNews(client: GeoFailoverRedis): SideLoad & { readonly heard: number } {
  const heard: number[] = [];
  const subscriber = client.duplicate() as GeoFailoverRedis;
  subscriber.on('error', () => undefined);
  subscriber.on('message', (_channel: string, message: string) => heard.push(Number(message)));
  void subscriber.subscribe('news').catch(() => undefined);
  let published = 0;
  let isStopped = false;
  const timer = setInterval(() => void client.publish('news', String(published++)).catch(() => undefined), 11);

  return {
    get heard() {
      return heard.length;
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      await subscriber.quit();
    },
    judge() {
      const inversion = heard.findIndex((message, i) => i > 0 && message <= (heard[i - 1] ?? -1));
      if (inversion < 0) return [];
      return [`message ${heard[inversion]} was heard behind ${heard[inversion - 1]}`];
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
