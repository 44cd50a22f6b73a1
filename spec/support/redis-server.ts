import { type ChildProcess, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findRedisServer } from '../../scripts/redis-server/find-redis-server.ts';
import { type ReservedPort, reservePort } from './fault-proxy/reserve-port.ts';
import { type CommandArgument, exchange } from './fault-proxy/resp-client.ts';
import type { RespValue } from './fault-proxy/resp.ts';
import { processStopped } from './stopped-process.ts';

export type { CommandArgument } from './fault-proxy/resp-client.ts';
export type { RespValue } from './fault-proxy/resp.ts';

export interface RedisServerOptions {
  /** Password of the default user. */
  readonly password?: string;
  /** ACL rules like "app on >secret ~* &* +@all". */
  readonly users?: readonly string[];
  /** Paths of PEM files, for instance from createTestCertificates(). The server then speaks TLS only. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
  /** Further lines of redis.conf. */
  readonly config?: readonly string[];
}

const host = '127.0.0.1';
const startTimeoutMs = 10_000;
const stopTimeoutMs = 10_000;
const pollMs = 10;
const commandTimeoutMs = 5_000;
// An own user lets cli() in whatever a spec does to the default user.
const supportUser = ['spec-support', 'spec-support-password'] as const;

let executable: string | undefined;
const runningChildren = new Set<ChildProcess>();
const directories = new Set<string>();
process.on('exit', () => {
  for (const child of runningChildren) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new RedisServer(await reservePort(), options);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.dispose();
      if (!(error instanceof PortTakenError) || attempt === 5) throw error;
    }
  }
}

export async function startRedisServers(count: number, options: RedisServerOptions = {}): Promise<RedisServer[]> {
  const results = await Promise.allSettled(Array.from({ length: count }, () => startRedisServer(options)));
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return servers;
  await Promise.all(servers.map((server) => server.dispose()));
  throw failure.reason;
}

class PortTakenError extends Error {}

/** A real server process. It does not keep this process alive and does not outlive it. */
export class RedisServer {
  readonly host = host;
  readonly port: number;
  readonly directory = mkdtempSync(join(realpathSync(tmpdir()), 'ioredis-geo-failover-redis-'));
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #frozen = false;
  readonly #reservation: ReservedPort;
  readonly #tls: RedisServerOptions['tls'];
  readonly #logFile = join(this.directory, 'redis.log');
  readonly #configFile = join(this.directory, 'redis.conf');

  constructor(reservation: ReservedPort, options: RedisServerOptions) {
    directories.add(this.directory);
    this.#reservation = reservation;
    this.port = reservation.port;
    this.#tls = options.tls;
    writeFileSync(this.#configFile, configuration(this.port, this.directory, options));
  }

  /** Process id of the current child, or of the last one after kill() and stop(). */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('redis-server was never started');
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && runningChildren.has(this.#child);
  }

  get frozen(): boolean {
    return this.#frozen;
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone();
  }

  /** SIGTERM: an orderly shutdown. A frozen server is thawed first, it could not act on the signal. */
  async stop(): Promise<void> {
    this.thaw();
    const child = this.#child;
    child?.kill('SIGTERM');
    const timer = setTimeout(() => child?.kill('SIGKILL'), stopTimeoutMs);
    await this.#gone();
    clearTimeout(timer);
    if (child?.signalCode === 'SIGKILL') throw new Error(`redis-server ${this.pid} did not stop on SIGTERM`);
  }

  /** Starts the server again on its port and data (SIGKILL first if it runs); resolves when it is ready. */
  async restart(): Promise<void> {
    await this.kill();
    const deadline = Date.now() + startTimeoutMs;
    const child = this.#launch();
    while (!(await this.#isReady())) {
      const log = readFileSync(this.#logFile, 'utf8');
      if (!runningChildren.has(child)) {
        const reason = `redis-server ended while starting on port ${this.port}:\n${log}`;
        throw /Address already in use/i.test(log) ? new PortTakenError(reason) : new Error(reason);
      }
      if (Date.now() > deadline) throw new Error(`redis-server on port ${this.port} did not get ready:\n${log}`);
      await delay(pollMs);
    }
    child.unref();
  }

  /** SIGSTOP: the kernel goes on accepting connections and bytes, but nobody answers. */
  async freeze(): Promise<void> {
    if (this.#child?.kill('SIGSTOP') !== true) throw new Error('Only a running redis-server can be frozen');
    this.#frozen = true;
    await processStopped(this.pid);
  }

  /** SIGCONT. */
  thaw(): void {
    if (this.#frozen) this.#child?.kill('SIGCONT');
    this.#frozen = false;
  }

  /** The append-only files that exist, base first: what a restart would load, in that order. */
  aofFiles(): string[] {
    const folder = join(this.directory, 'appendonlydir');
    const manifest = join(folder, 'appendonly.aof.manifest');
    const files = existsSync(manifest)
      ? Array.from(readFileSync(manifest, 'utf8').matchAll(/^file "?([^"\s]+)"? seq \d+ type [bi]/gm), (line) =>
          join(folder, line[1] ?? ''),
        )
      : [join(this.directory, 'appendonly.aof')];
    return files.filter((file) => existsSync(file));
  }

  /** One command over a fresh connection of a user with all rights; throws an Error with the server's error text. */
  async cli(...args: [string, ...CommandArgument[]]): Promise<RespValue> {
    return this.#exchange([['AUTH', ...supportUser], args], commandTimeoutMs);
  }

  /** Ends the process and removes its files. */
  async dispose(): Promise<void> {
    this.thaw();
    await this.kill();
    this.#reservation.release();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 3 });
    directories.delete(this.directory);
  }

  #launch(): ChildProcess {
    executable ??= findRedisServer();
    const log = openSync(this.#logFile, 'w');
    const child = spawn(executable, [this.#configFile], { cwd: this.directory, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    this.#frozen = false;
    runningChildren.add(child);
    this.#exited = new Promise((resolve) => {
      const gone = (): void => {
        runningChildren.delete(child);
        resolve();
      };
      child.once('exit', gone).once('error', gone);
    });
    return child;
  }

  async #gone(): Promise<void> {
    this.#child?.ref();
    await this.#exited;
    this.#frozen = false;
  }

  async #isReady(): Promise<boolean> {
    try {
      const info = await this.#exchange([['AUTH', ...supportUser], ['PING'], ['INFO']], startTimeoutMs);
      // The process id rules out that somebody else answers on our port.
      return String(info).includes(`process_id:${this.pid}\r\n`) && String(info).includes('\r\nloading:0\r\n');
    } catch {
      return false;
    }
  }

  #exchange(requests: CommandArgument[][], timeoutMs: number): Promise<RespValue> {
    return exchange({ host, port: this.port, ca: this.#tls?.ca }, requests, timeoutMs);
  }
}

function configuration(port: number, directory: string, options: RedisServerOptions): string {
  const { password, users = [], tls, config = [] } = options;
  const lines = [
    `bind ${host}`,
    `dir ${JSON.stringify(directory)}`,
    'save ""',
    'appendonly yes',
    'appendfsync no',
    'aof-use-rdb-preamble no',
    'auto-aof-rewrite-percentage 0',
    'loglevel notice',
    'daemonize no',
    `user ${supportUser[0]} on >${supportUser[1]} ~* &* +@all`,
    ...users.map((user) => `user ${user}`),
    ...(password === undefined ? [] : [`requirepass ${JSON.stringify(password)}`]),
    ...(tls === undefined ? [`port ${port}`] : ['port 0', `tls-port ${port}`, 'tls-auth-clients no']),
    ...(tls === undefined ? [] : [`tls-ca-cert-file "${tls.ca}"`]),
    ...(tls === undefined ? [] : [`tls-cert-file "${tls.cert}"`, `tls-key-file "${tls.key}"`]),
    ...config,
  ];
  return `${lines.join('\n')}\n`;
}
