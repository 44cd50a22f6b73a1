import type { GeoFailoverRedis } from '../../../lib/index.ts';
import { duplicateOf, pause, type SideLoad } from './side-load.ts';

export interface NewsOptions {
  /** Default 1. */
  readonly channels?: number;
  /** Whether one more subscriber listens to all channels by a pattern. */
  readonly hasPattern?: boolean;
  /** Whether what the first subscriber hears beside the news changes all the time. */
  readonly hasGossip?: boolean;
}

export interface NewsResult {
  /** The numbers of messages in the order in which they were heard, by subscriber and channel. */
  readonly heard: Record<string, number[]>;
  /**
   * Messages whose call was rejected, or was in flight when a planned switch ended its drain: what was written may arrive
   * late, at a server that was left long ago.
   */
  readonly doubtful: number[];
}

export interface News extends SideLoad<NewsResult> {
  /** Of the subscriber that heard least. */
  readonly leastHeard: number;
}

const PUBLISH_EVERY_MS = 11;

/** Subscribers on connections of their own, and a publisher that numbers its messages. */
export function startNews(
  client: GeoFailoverRedis,
  { channels = 1, hasPattern = false, hasGossip = false }: NewsOptions = {},
): News {
  const heard: Record<string, number[]> = {};
  const doubtful: number[] = [];
  const counts = new Map<string, number>();
  const hear = (subscriber: string, channel: string, message: string): void => {
    (heard[`${subscriber} of ${channel}`] ??= []).push(Number(message));
    counts.set(subscriber, (counts.get(subscriber) ?? 0) + 1);
  };
  let isStopped = false;
  const untilItWorks = async (subscribe: () => Promise<unknown>): Promise<void> => {
    while (!isStopped) {
      try {
        await subscribe();
        return;
      } catch {
        await pause(50);
      }
    }
  };
  const names = Array.from({ length: channels }, (_, i) => `news:${i}`);
  const subscriber = duplicateOf(client);
  counts.set('subscriber', 0);
  subscriber.on('message', (channel: string, message: string) => hear('subscriber', channel, message));
  void untilItWorks(() => subscriber.subscribe(...names));
  const gossiping = hasGossip ? gossip(subscriber, () => isStopped) : Promise.resolve();
  const subscribers = [subscriber];
  if (hasPattern) {
    const listener = duplicateOf(client);
    counts.set('pattern', 0);
    listener.on('pmessage', (_pattern: string, channel: string, message: string) => hear('pattern', channel, message));
    void untilItWorks(() => listener.psubscribe('news:*'));
    subscribers.push(listener);
  }
  let published = 0;
  const openCalls = new Map<number, { readonly calledAt: number }>();
  const publish = (): void => {
    const number = published++;
    openCalls.set(number, { calledAt: performance.now() });
    const closed = (): boolean => openCalls.delete(number);
    client.publish(names[number % channels] ?? '', String(number)).then(closed, () => {
      closed();
      doubtful.push(number);
    });
  };
  client.geo.on('endpointSwitched', ({ report }) => {
    if (report === undefined || report.isDrained) return;
    const heldSince = performance.now() - report.heldMs;
    for (const [number, { calledAt }] of openCalls) if (calledAt <= heldSince) doubtful.push(number);
  });
  const timer = setInterval(publish, PUBLISH_EVERY_MS);

  return {
    result: { heard, doubtful },
    get leastHeard() {
      return Math.min(...counts.values());
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearInterval(timer);
      await gossiping;
      await Promise.all(subscribers.map((each) => each.quit()));
    },
  };
}

async function gossip(subscriber: GeoFailoverRedis, isStopped: () => boolean): Promise<void> {
  for (let count = 0; !isStopped(); count++) {
    await pause(30);
    const name = `gossip-${count % 5}`;
    const call = count % 3 === 2 ? subscriber.unsubscribe(name) : subscriber.subscribe(name);
    if (count % 2 === 1) await call.catch(() => undefined);
    else call.catch(() => undefined);
  }
}

/** @returns what is wrong: on a channel a message is heard once, and, unless it is doubtful, behind older ones. */
export function judgeNews({ heard, doubtful }: NewsResult): string[] {
  const isDoubtful = new Set(doubtful);
  return Object.entries(heard).flatMap(([where, numbers]) => {
    const problems: string[] = [];
    const twice = numbers.find((number, i) => numbers.indexOf(number) < i);
    if (twice !== undefined) problems.push(`${where}: message ${twice} was heard twice`);
    const certain = numbers.filter((number) => !isDoubtful.has(number));
    const inversion = certain.findIndex((number, i) => number < (certain[i - 1] ?? -1));
    if (inversion >= 0)
      problems.push(`${where}: message ${certain[inversion]} was heard behind ${certain[inversion - 1]}`);
    return problems;
  });
}
