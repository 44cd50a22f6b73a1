import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRedisServer } from '../../scripts/redis-server/find-redis-server.ts';
import { type ReservedPort, reservePort } from './fault-proxy/reserve-port.ts';
import { exchange } from './fault-proxy/resp-client.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';

const host = '127.0.0.1';
const startTimeoutMs = 10_000;
const pollMs = 20;
/** After so long without an answer the primary counts as down. */
const downAfterMs = 300;

export const PRIMARY_NAME = 'main';

/** A primary, a replica, and three sentinels that promote the replica when the primary is gone. */
export class SentinelGroup {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  readonly #sentinels: readonly Sentinel[];

  constructor(primary: RedisServer, replica: RedisServer, sentinels: readonly Sentinel[]) {
    this.primary = primary;
    this.replica = replica;
    this.#sentinels = sentinels;
  }

  /** ioredis's options for this group. */
  get redis(): { readonly name: string; readonly sentinels: { readonly host: string; readonly port: number }[] } {
    return { name: PRIMARY_NAME, sentinels: this.#sentinels.map(({ port }) => ({ host, port })) };
  }

  async killAll(): Promise<void> {
    await Promise.all([...this.#sentinels, this.primary, this.replica].map((process) => process.kill()));
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#sentinels, this.primary, this.replica].map((process) => process.dispose()));
  }
}

/** Resolves when the sentinels know of each other and of the replica, so that they can agree on a promotion. */
export async function startSentinelGroup(): Promise<SentinelGroup> {
  const primary = await startRedisServer();
  const replica = await startRedisServer({ config: [`replicaof ${host} ${primary.port}`] });
  const sentinels = await Promise.all([1, 2, 3].map(async () => new Sentinel(await reservePort(), primary.port)));
  const group = new SentinelGroup(primary, replica, sentinels);
  try {
    await Promise.all(sentinels.map((sentinel) => sentinel.isInformed()));
  } catch (error) {
    await group.dispose();
    throw error;
  }
  return group;
}

class Sentinel {
  readonly port: number;
  readonly #reservation: ReservedPort;
  readonly #child: ChildProcess;
  readonly #directory = mkdtempSync(join(realpathSync(tmpdir()), 'ioredis-geo-failover-sentinel-'));

  constructor(reservation: ReservedPort, primaryPort: number) {
    this.#reservation = reservation;
    this.port = reservation.port;
    const file = join(this.#directory, 'sentinel.conf');
    const lines = [
      `bind ${host}`,
      `port ${this.port}`,
      `dir ${JSON.stringify(this.#directory)}`,
      `sentinel monitor ${PRIMARY_NAME} ${host} ${primaryPort} 2`,
      `sentinel down-after-milliseconds ${PRIMARY_NAME} ${downAfterMs}`,
      `sentinel failover-timeout ${PRIMARY_NAME} 2000`,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    this.#child = spawn(findRedisServer(), [file, '--sentinel'], { cwd: this.#directory, stdio: 'ignore' });
    this.#child.unref();
    const end = (): void => {
      this.#child.kill('SIGKILL');
      rmSync(this.#directory, { recursive: true, force: true });
    };
    process.once('exit', end);
    this.#child.once('exit', () => process.off('exit', end));
  }

  async isInformed(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    for (;;) {
      const state = await this.#ask().catch(() => '');
      if (/slaves=1,sentinels=3/.test(state) && state.includes('status=ok')) return;
      if (Date.now() > deadline) throw new Error(`The sentinel on port ${this.port} knows only this: ${state}`);
      await delay(pollMs);
    }
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  async dispose(): Promise<void> {
    await this.kill();
    this.#reservation.release();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 3 });
  }

  async #ask(): Promise<string> {
    return String(await exchange({ host, port: this.port }, [['INFO', 'sentinel']], 1_000));
  }
}
