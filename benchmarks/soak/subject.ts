import { type RedisServer, startRedisServers } from '../../spec/support/redis-server.ts';
import { allReady } from '../../spec/support/geo-pair.ts';
import { createGeoFailoverRedis } from '../../lib/index.ts';
import { parseArguments } from '../common/arguments.ts';
import { Observation } from '../common/observe-client.ts';
import { formatCounts, tally } from '../common/statistics.ts';
import { formatNumber, print } from '../common/table.ts';
import { runAsWorker } from '../common/workers.ts';
import type { PartOutcome } from './context.ts';
import { OPTIONS } from './options.ts';
import { PARTS } from './parts.ts';
import { recordSuspicions } from './suspicions.ts';

const { part, minutes, 'stop-seconds': stopSeconds } = parseArguments(OPTIONS);

runAsWorker(async () => {
  if (part === 'all') throw new Error('a subject runs one part');
  const [east, west] = await startServers();
  if (east === undefined || west === undefined) throw new Error('two servers were asked for');
  const suspicions = recordSuspicions();
  const client = createGeoFailoverRedis({
    endpoints: [east, west].map(({ host, port }, index) => ({
      id: index === 0 ? 'east' : 'west',
      weight: 1 / (index + 1),
      redis: { host, port },
    })),
  });
  await allReady(client);
  const observation = new Observation(client);
  const outcome = await PARTS[part]({ client, east, west, observation, minutes, stopMs: stopSeconds * 1_000 });
  const isWell = isWithoutFault(outcome) && observation.switches.length === 0;
  printPart(part, outcome, observation, suspicions, isWell);
  client.disconnect();
  await Promise.all([east.dispose(), west.dispose()]);
  return isWell;
});

/** Before Redis 7 everybody may use DEBUG, and there is no such directive. */
async function startServers(): Promise<RedisServer[]> {
  try {
    return await startRedisServers(2, { config: ['enable-debug-command local'] });
  } catch {
    return startRedisServers(2);
  }
}

function isWithoutFault({ errors, pending, unhandled, violations }: PartOutcome): boolean {
  return errors.length === 0 && pending === 0 && unhandled === 0 && violations === undefined;
}

function printPart(
  name: string,
  outcome: PartOutcome,
  observation: Observation,
  suspicions: readonly string[],
  isWell: boolean,
): void {
  const more = Object.entries(outcome.more ?? {}).map(
    ([what, value]) => `${what} ${typeof value === 'number' ? formatNumber(value) : (value ?? '-')}`,
  );
  const health = observation.health.map(({ endpointId, from, to }) => `${endpointId} ${from}>${to}`);
  print(`\n${isWell ? 'ok ' : 'BAD'} ${name} (${more.join(', ')})`);
  print(
    `  commands        ${outcome.operations}, longest window ${formatNumber(outcome.longestWindowMs ?? Number.NaN)} ms`,
  );
  print(`  switches        ${observation.path.join(', ') || 'none'}`);
  print(`  errors          ${formatCounts(tally(outcome.errors)) || 'none'}`);
  print(`  pending         ${outcome.pending}, unhandled ${outcome.unhandled}`);
  print(`  suspicions      ${formatCounts(tally(suspicions)) || 'none'}`);
  print(`  health changes  ${formatCounts(tally(health)) || 'none'}`);
  if (outcome.violations !== undefined) print(outcome.violations);
}
