import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const names = ['redis-server', 'valkey-server'];
const wellKnownFolders = [
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/opt/redis/bin',
  '/usr/local/opt/valkey/bin',
  '/opt/homebrew/bin',
  '/snap/bin',
];
const minimum = { major: 6, minor: 2 };
const lockDirectory = join(tmpdir(), 'ioredis-geo-failover-install-redis-server');
const lockWaitMs = 300_000;
const howToGetIt =
  'install one (Debian/Ubuntu: "apt-get install redis-server", macOS: "brew install redis") or set REDIS_SERVER to its path';

/** Path of an executable redis-server (or valkey-server) of at least version 6.2. */
export function findRedisServer(): string {
  const chosen = process.env['REDIS_SERVER'];
  if (chosen !== undefined && chosen !== '') {
    const path = resolve(chosen);
    const problem = whyUnusable(path);
    // An explicit choice is never silently replaced by another server.
    if (problem !== undefined) throw new Error(`REDIS_SERVER names ${path}, which ${problem}`);
    return path;
  }
  return locate() ?? install();
}

function locate(): string | undefined {
  const fromPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const folders = [...new Set([...fromPath, ...wellKnownFolders])];
  return names
    .flatMap((name) => folders.map((folder) => resolve(folder, name)))
    .find((path) => whyUnusable(path) === undefined);
}

function whyUnusable(path: string): string | undefined {
  if (!isExecutableFile(path)) return 'is not an executable file';
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  const version = /\bv=(\d+)\.(\d+)/.exec(stdout);
  if (version === null) return 'does not tell a redis-server version';
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const newEnough = major > minimum.major || (major === minimum.major && minor >= minimum.minor);
  return newEnough ? undefined : `has version ${major}.${minor}, older than ${minimum.major}.${minimum.minor}`;
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function install(): string {
  const missing = `No redis-server ${minimum.major}.${minimum.minor} or newer was found`;
  const aptGet = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => resolve(folder, 'apt-get'))
    .find(isExecutableFile);
  if (process.platform !== 'linux' || aptGet === undefined || process.getuid?.() !== 0) {
    throw new Error(`${missing}: ${howToGetIt}`);
  }
  const unlock = lock();
  try {
    // Another process may have installed it while this one waited for the lock.
    const present = locate();
    if (present !== undefined) return present;
    process.stderr.write('Installing redis-server with apt-get; its service will not be started.\n');
    runAptGet(aptGet);
    const installed = locate();
    if (installed === undefined) throw new Error(`${missing}, not even after apt-get install: ${howToGetIt}`);
    return installed;
  } finally {
    unlock();
  }
}

function runAptGet(aptGet: string): void {
  // Maintainer scripts start services through these two commands, found by PATH: harmless namesakes in
  // front of them keep the service down without touching any file of the system.
  const stubs = join(lockDirectory, 'stubs');
  mkdirSync(stubs, { recursive: true });
  for (const name of ['invoke-rc.d', 'deb-systemd-invoke']) {
    writeFileSync(join(stubs, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  }
  const path = `${stubs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const options = ['-qq', '-o', `DPkg::Path=${path}`, '-o', 'DPkg::Lock::Timeout=120'];
  const env = { ...process.env, PATH: path, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'redis-server']]) {
    const { status, error, stderr } = spawnSync(aptGet, [...options, ...args], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status === 0) continue;
    const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    throw new Error(`"apt-get ${args.join(' ')}" failed (${reason}): ${howToGetIt}`);
  }
}

function lock(): () => void {
  const owner = join(lockDirectory, 'pid');
  const deadline = Date.now() + lockWaitMs;
  for (;;) {
    try {
      mkdirSync(lockDirectory);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(lockDirectory, { recursive: true, force: true });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Another process has been installing redis-server for too long; remove ${lockDirectory}`);
    }
    removeIfOwnerIsDead(owner);
    // The search is synchronous for its callers' sake, so the wait has to be as well.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function removeIfOwnerIsDead(owner: string): void {
  try {
    const pid = Number(readFileSync(owner, 'utf8'));
    if (pid === 0) return;
    try {
      process.kill(pid, 0);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) return;
      // Renaming is atomic: only one of several waiting processes takes the dead lock away.
      const grave = `${lockDirectory}.${process.pid}`;
      renameSync(lockDirectory, grave);
      rmSync(grave, { recursive: true, force: true });
    }
  } catch {
    // The lock has just been released, or its owner has not written its id yet.
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${findRedisServer()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
