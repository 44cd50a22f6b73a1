import type { ChildProcess } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArguments } from '../common/arguments.ts';
import { rounded, writeResultFile } from '../common/results.ts';
import { print } from '../common/table.ts';
import { majorsOf, startWorker, workerEnded } from '../common/workers.ts';
import { type PartFigures, formatFigures, isFiguresMessage } from './figures.ts';
import { OPTIONS } from './options.ts';
import { PART_NAMES } from './part-names.ts';
import { isStopRequest } from './stop-request.ts';

const { ioredis, preset, part: chosen, minutes, 'stop-seconds': stopSeconds } = parseArguments(OPTIONS);

/** The subject is told to go on by the kernel alone, so its parent has to do both. */
async function stopFor(subject: ChildProcess, ms: number): Promise<void> {
  subject.kill('SIGSTOP');
  await delay(ms);
  subject.kill('SIGCONT');
  subject.send('continued');
}

const failed: string[] = [];
const figures: PartFigures[] = [];
for (const major of majorsOf(ioredis)) {
  print(`\n=== soak: ioredis ${major}, node ${process.version}, preset ${preset}`);
  for (const part of PART_NAMES) {
    if (chosen !== 'all' && chosen !== part) continue;
    print(`\nrunning ${part} …`);
    const values = { part, preset, minutes, 'stop-seconds': stopSeconds };
    const args = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
    // A process of its own for each part: what one leaves behind must not disturb the next.
    const subject = startWorker(new URL('subject.ts', import.meta.url), major, { args });
    subject.on('message', (message: unknown) => {
      if (isStopRequest(message)) void stopFor(subject, message.stopForMs);
      if (isFiguresMessage(message)) figures.push(message.figures);
    });
    if (!(await workerEnded(subject))) failed.push(`${part} (ioredis ${major})`);
  }
}
print(formatFigures(figures));
if (chosen === 'all') {
  const results = { benchmark: 'soak', node: process.version, cores: cpus().length, figures };
  writeResultFile(`soak-${preset}.json`, `${JSON.stringify(results, rounded, 2)}\n`);
}
print(failed.length === 0 ? '\nNo switch and no error.' : `\nFAILED: ${failed.join(', ')}`);
if (failed.length > 0) process.exitCode = 1;
