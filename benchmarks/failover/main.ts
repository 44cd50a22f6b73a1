import { parseArguments } from '../shared/arguments.ts';
import { runForMajors } from '../shared/workers.ts';
import { OPTIONS } from './options.ts';

const { ioredis } = parseArguments(OPTIONS);
await runForMajors(new URL('worker.ts', import.meta.url), ioredis);
