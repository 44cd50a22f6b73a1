import type { GeoFailoverRedis } from '../../lib/index.ts';
import { judgeNews, startNews } from '../support/side-loads/news.ts';
import { judgeQueue, startQueue } from '../support/side-loads/queue.ts';
import type { SideLoad } from '../support/side-loads/side-load.ts';
import type { ModelServer } from './model-server.ts';

/** A load of its own kind, with what it takes to judge it. */
export interface JudgedLoad extends Pick<SideLoad<unknown>, 'stop'> {
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

export function judgedQueue(client: GeoFailoverRedis): JudgedLoad {
  const queue = startQueue(client, { consumers: 2 });
  return {
    stop: () => queue.stop(),
    judge: (servers, { repeats }) => {
      const logs = servers.map(({ name, data }) => ({ name, executed: data.executed }));
      return judgeQueue(queue.result, logs, repeats);
    },
  };
}

export function judgedNews(client: GeoFailoverRedis): JudgedLoad & { readonly heard: number } {
  const news = startNews(client, { hasGossip: true });
  return {
    get heard() {
      return news.leastHeard;
    },
    stop: () => news.stop(),
    judge: (_servers, { repeatsMessages }) => (repeatsMessages ? [] : judgeNews(news.result)),
  };
}
