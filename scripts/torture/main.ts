/** `npm run torture`: faults of all kinds on real processes, under a mixed load, with both major versions of ioredis side by side. */
import { parseArguments } from '../../benchmarks/common/arguments.ts';
import { majorsOf, startWorker, workerEnded } from '../../benchmarks/common/workers.ts';
import { OPTIONS } from './options.ts';

const { ioredis } = parseArguments(OPTIONS);

const ended = await Promise.all(
  majorsOf(ioredis).map((major) => workerEnded(startWorker(new URL('worker.ts', import.meta.url), major))),
);
if (!ended.every(Boolean)) process.exitCode = 1;
