import { startRedisServers } from '../../spec/support/redis-server.ts';
import { parseArguments } from '../common/arguments.ts';
import { runAsWorker } from '../common/workers.ts';
import { connectClients, loadFactory } from './clients.ts';
import { measureLatency } from './latency.ts';
import { LATENCY_CONCURRENCIES, OPTIONS, type PartFigures } from './options.ts';
import { measureIdleCpu, measureStandbyCost } from './standby-cost.ts';
import { measureThroughput } from './throughput.ts';
import { type Workload, WORKLOADS } from './workloads.ts';

const { rounds, workload: part, library, 'idle-seconds': idleSeconds } = parseArguments(OPTIONS);

/** Measures one part, and hands the figures to the process that asked for it. */
runAsWorker(async () => {
  // What the servers log to disk would be the same for all clients, and only add noise.
  const servers = await startRedisServers(2, { config: ['appendonly no'] });
  const create = await loadFactory(library);

  const measure = async (): Promise<PartFigures> => {
    if (part === 'standby') return { standby: await measureStandbyCost(create, servers) };
    if (part === 'idle-cpu') return { idleCpu: await measureIdleCpu(create, servers, idleSeconds) };
    const workload = (WORKLOADS as readonly Workload[]).find(({ name }) => name === part);
    const clients = await connectClients(create, servers, workload?.enableAutoPipelining ?? false);
    try {
      if (workload !== undefined) return { throughput: await measureThroughput(clients, workload, rounds) };
      const concurrency = LATENCY_CONCURRENCIES.find((each) => part === `latency-${each}`) ?? 1;
      return { latency: await measureLatency(clients, concurrency, rounds) };
    } finally {
      clients.close();
    }
  };

  try {
    const figures = await measure();
    await new Promise((resolve) => process.send?.(figures, resolve));
  } finally {
    await Promise.all(servers.map((server) => server.dispose()));
  }
  return true;
});
