import { parseArguments } from '../common/arguments.ts';
import { IOREDIS_MAJOR, printHeader, writeResults } from '../common/results.ts';
import { print } from '../common/table.ts';
import { type Major, runAsWorker, startWorker, workerEnded } from '../common/workers.ts';
import { OPTIONS, type OverheadFigures, PART_NAMES, type PartFigures } from './options.ts';
import { printFigures } from './report.ts';
import { combineRuns, type Throughput } from './throughput.ts';
import { WORKLOADS } from './workloads.ts';

const options = parseArguments(OPTIONS);

/** A process of its own: what code ran before decides how the engine compiles it, by more than what is to be measured. */
async function measureAfresh(part: string): Promise<PartFigures> {
  const values = { ...options, workload: part };
  const args = Object.entries(values).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const worker = startWorker(new URL('part.ts', import.meta.url), IOREDIS_MAJOR as Major, { args });
  let figures: PartFigures = {};
  worker.on('message', (message: PartFigures) => (figures = message));
  if (!(await workerEnded(worker))) throw new Error(`${part} could not be measured`);
  return figures;
}

runAsWorker(async () => {
  printHeader('overhead');
  const figures: OverheadFigures = { throughput: [], latency: [] };
  for (const part of PART_NAMES) {
    if (options.workload !== 'all' && options.workload !== part) continue;
    print(`measuring ${part} …`);
    const isThroughput = WORKLOADS.some(({ name }) => name === part);
    const runs: Throughput[] = [];
    for (let run = 0; run < (isThroughput ? options.processes : 1); run += 1) {
      const { throughput, latency, ...others } = await measureAfresh(part);
      if (throughput !== undefined) runs.push(throughput);
      if (latency !== undefined) figures.latency.push(latency);
      Object.assign(figures, others);
    }
    if (isThroughput) figures.throughput.push(combineRuns(runs));
  }
  printFigures(figures);
  writeResults('overhead', options.workload === 'all', { library: options.library, ...figures });
  return true;
});
