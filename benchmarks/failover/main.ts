import { parseArguments } from '../common/arguments.ts';
import { runForMajors } from '../common/workers.ts';
import { OPTIONS } from './options.ts';

const { ioredis } = parseArguments(OPTIONS);
await runForMajors(new URL('worker.ts', import.meta.url), ioredis);
