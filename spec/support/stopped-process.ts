import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const TIMEOUT_MS = 10_000;

/** Resolves when a process that was sent SIGSTOP has stopped, or is gone. */
export async function processStopped(pid: number): Promise<void> {
  const file = `/proc/${pid}/stat`;
  const deadline = performance.now() + TIMEOUT_MS;
  // The state follows the command name, which is in parentheses and may hold anything.
  while (existsSync(file) && !/\) T [^)]*$/.test(readFileSync(file, 'latin1'))) {
    if (performance.now() > deadline) throw new Error(`process ${pid} did not stop on SIGSTOP`);
    await delay(1);
  }
}
