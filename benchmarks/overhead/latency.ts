import { quantile, shuffled } from '../common/statistics.ts';
import { CLIENT_NAMES, type Clients, perClient, type PerClient } from './clients.ts';
import { type BenchClient, closedLoop, KEY } from './workloads.ts';

export interface Latency {
  readonly concurrency: number;
  readonly commandsPerClient: number;
  readonly p50Us: PerClient<number>;
  readonly p99Us: PerClient<number>;
}

const COMMANDS_PER_SLICE = 200;
const WARM_UP_ROUNDS = 30;

/** In slices of its own, because taking the time of each command costs time. */
export async function measureLatency(clients: Clients, concurrency: number, rounds: number): Promise<Latency> {
  const samples: PerClient<number[]> = perClient(() => []);
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    for (const name of shuffled(CLIENT_NAMES)) {
      const slice = await timedSlice(clients.byName[name], concurrency);
      if (round >= WARM_UP_ROUNDS) samples[name].push(...slice);
    }
  }
  return {
    concurrency,
    commandsPerClient: samples.bare.length,
    p50Us: perClient((name) => quantile(samples[name], 0.5) * 1_000),
    p99Us: perClient((name) => quantile(samples[name], 0.99) * 1_000),
  };
}

async function timedSlice(client: BenchClient, concurrency: number): Promise<number[]> {
  const times: number[] = [];
  await closedLoop(concurrency, COMMANDS_PER_SLICE, async () => {
    const startedAt = performance.now();
    await client.get(KEY);
    times.push(performance.now() - startedAt);
  });
  return times;
}
