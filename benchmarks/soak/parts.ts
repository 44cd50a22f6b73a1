import { setTimeout as delay } from 'node:timers/promises';
import { type Part, underLoad } from './context.ts';
import { startCpuBurner } from './cpu-burner.ts';
import { NETWORK_PARTS } from './network-parts.ts';
import type { PartName } from './part-names.ts';
import { askToBeStopped } from './stop-request.ts';

const BLOCKS = 12;
const BLOCK_MS = 2_000;
const BLOCK_EVERY_MS = 5_000;
const PIPELINE_LENGTH = 300_000;
const LOOP_BLOCK_MS = 80;
const LOOP_BLOCK_EVERY_MS = 90;
const LOOP_BLOCKED_FOR_MS = 60_000;
const BLPOPS = 20;
// Larger ones block the server itself for longer: 200 MiB kept it from answering anybody for up to 0.9 s.
const BIG_REPLY_BYTES = 64 * 1_024 * 1_024;
const BIG_REPLIES = 3;
const SERVER_BLOCKS = 10;

/** Nothing fails in any of them, and nothing may look as if it did. */
export const PARTS: Readonly<Record<PartName, Part>> = {
  ...NETWORK_PARTS,

  healthy: (context) =>
    underLoad(context, async () => {
      const ms = context.minutes * 60_000;
      const burner = startCpuBurner(ms + 60_000);
      await delay(ms);
      burner.stop();
      return { minutes: context.minutes };
    }),

  'blocked-process': (context) =>
    underLoad(context, async () => {
      for (let times = 0; times < BLOCKS; times += 1) {
        block(BLOCK_MS);
        await delay(BLOCK_EVERY_MS - BLOCK_MS);
      }
      return { blocks: BLOCKS, 'ms each': BLOCK_MS };
    }),

  'blocked-loop': (context) =>
    underLoad(context, async () => {
      const timer = setInterval(() => block(LOOP_BLOCK_MS), LOOP_BLOCK_EVERY_MS);
      await delay(LOOP_BLOCKED_FOR_MS);
      clearInterval(timer);
      return { 's in all': LOOP_BLOCKED_FOR_MS / 1_000, 'ms blocked': LOOP_BLOCK_MS, 'of every': LOOP_BLOCK_EVERY_MS };
    }),

  'stopped-process': (context) =>
    underLoad(context, async () => {
      const before = performance.now();
      await askToBeStopped(context.stopMs);
      return { 'stopped ms': performance.now() - before };
    }),

  'big-pipeline': (context) =>
    underLoad(context, async () => {
      const pipeline = context.client.pipeline();
      for (let index = 0; index < PIPELINE_LENGTH; index += 1) pipeline.set(`soak:pipeline:${index % 1_000}`, index);
      const startedAt = performance.now();
      const results = (await pipeline.exec()) ?? [];
      const failed = results.filter(([error, reply]) => error !== null || reply !== 'OK').length;
      if (failed > 0 || results.length !== PIPELINE_LENGTH) throw new Error(`${failed} SETs of the pipeline failed`);
      return { commands: PIPELINE_LENGTH, 'pipeline ms': performance.now() - startedAt };
    }),

  'blocking-command': (context) =>
    underLoad(
      context,
      async () => {
        for (let times = 0; times < BLPOPS; times += 1) {
          const popped = await context.client.blpop('soak:nothing', 1);
          if (popped !== null) throw new Error(`BLPOP of nothing returned ${String(popped)}`);
        }
        return { BLPOPs: BLPOPS };
      },
      { mix: { get: 1 }, opsPerSecond: 50 },
    ),

  'big-reply': (context) =>
    underLoad(context, async () => {
      // The server makes it out of zeros, so that the value has not to be sent to it.
      await context.east.cli('SETRANGE', 'soak:big', String(BIG_REPLY_BYTES - 1), 'x');
      let slowestMs = 0;
      for (let times = 0; times < BIG_REPLIES; times += 1) {
        const startedAt = performance.now();
        const value = await context.client.getBuffer('soak:big');
        if (value?.length !== BIG_REPLY_BYTES) throw new Error(`the big value has ${value?.length ?? 0} bytes`);
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      }
      return { replies: BIG_REPLIES, 'slowest ms': slowestMs };
    }),

  'blocked-server': (context) =>
    underLoad(context, async () => {
      for (let times = 0; times < SERVER_BLOCKS; times += 1) {
        await context.east.cli('DEBUG', 'SLEEP', context.disturbance.serverBlockSeconds);
        await delay(1_000 + times * 50);
      }
      return { blocks: SERVER_BLOCKS, 's each': context.disturbance.serverBlockSeconds };
    }),
};

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
