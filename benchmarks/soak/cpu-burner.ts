import { spawn } from 'node:child_process';

/** Keeps one core busy, in a process of its own that ends by itself after that time at the latest. */
export function startCpuBurner(maxMs: number): { stop(): void } {
  const script = `const end = Date.now() + ${maxMs}; while (Date.now() < end);`;
  const burner = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  const stop = (): void => void burner.kill('SIGKILL');
  process.once('exit', stop);
  return { stop };
}
