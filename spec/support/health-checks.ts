import { setTimeout as delay } from 'node:timers/promises';
import type { RedisServer } from './redis-server.ts';

const pollMs = 10;

/**
 * Resolves when the clients of a server have made up their minds about so many further checks. One that is received follows
 * upon one that was judged. The test's own limit bounds the wait.
 */
export async function checksDone(server: RedisServer, count: number): Promise<void> {
  const until = (await pings(server)) + count + 1;
  while ((await pings(server)) < until) await delay(pollMs);
}

async function pings(server: RedisServer): Promise<number> {
  const stats = String(await server.cli('INFO', 'commandstats'));
  return Number(/^cmdstat_ping:calls=(\d+)/m.exec(stats)?.[1] ?? 0);
}
