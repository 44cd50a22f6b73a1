import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type Major = '5' | '6';

const workers = new Set<ChildProcess>();
process.on('exit', () => {
  for (const worker of workers) {
    // A stopped process acts on nothing but SIGCONT and SIGKILL, and it has servers to end.
    worker.kill('SIGCONT');
    worker.kill('SIGTERM');
  }
});
exitOnSignals();

export function majorsOf(option: Major | 'both'): readonly Major[] {
  return option === 'both' ? ['5', '6'] : [option];
}

export interface WorkerOptions {
  readonly args?: readonly string[];
  /** Modules to load before TypeScript is understood. */
  readonly imports?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a benchmark's worker, in which `ioredis` is of that major version. */
export function startWorker(entry: URL, major: Major, options: WorkerOptions = {}): ChildProcess {
  const { args = process.argv.slice(2), imports = [], env = {} } = options;
  const selectIoredis = new URL('../../spec/support/select-ioredis.mjs', import.meta.url).href;
  const worker = spawn(
    process.execPath,
    [
      '--expose-gc',
      ...[...imports, 'tsx', selectIoredis].flatMap((name) => ['--import', name]),
      fileURLToPath(entry),
      ...args,
    ],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, ...env, IOREDIS_MAJOR: major } },
  );
  workers.add(worker);
  worker.once('exit', () => workers.delete(worker));
  return worker;
}

/** Resolves to whether the worker ended well. */
export function workerEnded(worker: ChildProcess): Promise<boolean> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => resolve(code === 0));
  });
}

export async function runForMajors(entry: URL, option: Major | 'both'): Promise<void> {
  for (const major of majorsOf(option)) {
    if (!(await workerEnded(startWorker(entry, major)))) process.exitCode = 1;
  }
}

/** Body of a worker: resolves to whether all is well. */
export function runAsWorker(body: () => Promise<boolean>): void {
  // Ends the servers as well, should the parent be killed.
  process.on('disconnect', () => process.exit(1));
  body().then(
    (isWell) => process.exit(isWell ? 0 : 1),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

/** By default a signal ends a process without its `exit` event, at which servers are ended. */
function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
}
