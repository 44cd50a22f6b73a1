import type { ChainableCommander } from 'ioredis';

/** What the workloads call; ioredis, ours and the naive wrap have it. */
export interface BenchClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  pipeline(): ChainableCommander;
  multi(): ChainableCommander;
}

export interface Workload {
  readonly name: string;
  /** Commands in one slice. */
  readonly commands: number;
  readonly enableAutoPipelining?: boolean;
  slice(client: BenchClient): Promise<unknown>;
}

export const KEY = 'benchmark:key';
export const VALUE = 'x'.repeat(64);

/** So many callers, each of which sends its next command when the last one was answered. */
export async function closedLoop(concurrency: number, commands: number, send: () => Promise<unknown>): Promise<void> {
  let left = commands;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
}

function gets(concurrency: number, commands: number): Workload['slice'] {
  return (client) => closedLoop(concurrency, commands, () => client.get(KEY));
}

function pipelines(count: number, length: number): Workload['slice'] {
  return async (client) => {
    for (let done = 0; done < count; done += 1) {
      const pipeline = client.pipeline();
      for (let index = 0; index < length; index += 1) pipeline.get(KEY);
      await pipeline.exec();
    }
  };
}

function transactions(count: number, length: number): Workload['slice'] {
  return async (client) => {
    for (let done = 0; done < count; done += 1) {
      const transaction = client.multi();
      for (let index = 0; index < length; index += 1) transaction.get(KEY);
      await transaction.exec();
    }
  };
}

export const WORKLOADS = [
  { name: 'get-1', commands: 200, slice: gets(1, 200) },
  { name: 'get-50', commands: 500, slice: gets(50, 500) },
  { name: 'get-500', commands: 1_000, slice: gets(500, 1_000) },
  { name: 'set-50', commands: 500, slice: (client) => closedLoop(50, 500, () => client.set(KEY, VALUE)) },
  { name: 'pipeline-100', commands: 500, slice: pipelines(5, 100) },
  { name: 'pipeline-500', commands: 500, slice: pipelines(1, 500) },
  { name: 'multi-50', commands: 500, slice: transactions(10, 50) },
  { name: 'auto-pipelining-500', commands: 1_000, enableAutoPipelining: true, slice: gets(500, 1_000) },
] as const satisfies readonly Workload[];
