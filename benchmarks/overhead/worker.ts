import { startRedisServers } from '../../spec/support/redis-server.ts';
import { parseArguments } from '../common/arguments.ts';
import { printHeader, writeResults } from '../common/results.ts';
import { print } from '../common/table.ts';
import { runAsWorker } from '../common/workers.ts';
import { type Clients, connectClients, loadFactory } from './clients.ts';
import { measureLatency } from './latency.ts';
import { LATENCY_CONCURRENCIES, OPTIONS } from './options.ts';
import { type OverheadFigures, printFigures } from './report.ts';
import { measureIdleCpu, measureStandbyCost } from './standby-cost.ts';
import { measureThroughput } from './throughput.ts';
import { type Workload, WORKLOADS } from './workloads.ts';

const { rounds, workload: chosen, library, 'idle-seconds': idleSeconds } = parseArguments(OPTIONS);

function isChosen(part: string): boolean {
  const isIt = chosen === 'all' || chosen === part;
  if (isIt) print(`measuring ${part} …`);
  return isIt;
}

runAsWorker(async () => {
  printHeader('overhead');
  const create = await loadFactory(library);
  // What the servers log to disk would be the same for all clients, and only add noise.
  const servers = await startRedisServers(2, { config: ['appendonly no'] });
  const figures: OverheadFigures = { throughput: [], latency: [] };

  const withClients = async (enableAutoPipelining: boolean, measure: (clients: Clients) => Promise<void>) => {
    globalThis.gc?.();
    const clients = await connectClients(create, servers, enableAutoPipelining);
    await measure(clients);
    clients.close();
  };

  try {
    for (const workload of WORKLOADS as readonly Workload[]) {
      if (!isChosen(workload.name)) continue;
      await withClients(workload.enableAutoPipelining ?? false, async (clients) => {
        figures.throughput.push(await measureThroughput(clients, workload, rounds));
      });
    }
    for (const concurrency of LATENCY_CONCURRENCIES) {
      if (!isChosen(`latency-${concurrency}`)) continue;
      await withClients(false, async (clients) => {
        figures.latency.push(await measureLatency(clients, concurrency, rounds));
      });
    }
    if (isChosen('standby')) figures.standby = await measureStandbyCost(create, servers);
    if (isChosen('idle-cpu')) figures.idleCpu = await measureIdleCpu(create, servers, idleSeconds);
  } finally {
    await Promise.all(servers.map((server) => server.dispose()));
  }
  printFigures(figures);
  writeResults('overhead', chosen === 'all', { library, ...figures });
  return true;
});
