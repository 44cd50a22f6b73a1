import { type RedisServer, startRedisServers } from '../../spec/support/redis-server.ts';
import { allReady } from '../../spec/support/geo-pair.ts';
import { createGeoFailoverRedis } from '../../lib/index.ts';
import { startFaultProxy } from '../../spec/support/fault-proxy.ts';
import { parseArguments } from '../common/arguments.ts';
import { Observation } from '../common/observe-client.ts';
import { formatCounts, tally } from '../common/statistics.ts';
import { environment } from '../common/results.ts';
import { formatNumber, print } from '../common/table.ts';
import { runAsWorker } from '../common/workers.ts';
import type { PartOutcome } from './context.ts';
import { DISTURBANCES } from './disturbances.ts';
import type { FiguresMessage, PartFigures } from './figures.ts';
import { OPTIONS } from './options.ts';
import { NETWORK_PART_NAMES, type PartName, SWALLOWING_PARTS } from './part-names.ts';
import { PARTS } from './parts.ts';
import { recordSuspicions } from './suspicions.ts';

const { part, preset, minutes, 'stop-seconds': stopSeconds } = parseArguments(OPTIONS);

runAsWorker(async () => {
  if (part === 'all') throw new Error('a subject runs one part');
  const [east, west] = await startServers();
  if (east === undefined || west === undefined) throw new Error('two servers were asked for');
  const isDisturbed = NETWORK_PART_NAMES.some((name) => name === part);
  const proxies = isDisturbed
    ? await Promise.all([east, west].map(({ port }) => startFaultProxy({ targetPort: port })))
    : [];
  const suspicions = recordSuspicions();
  const client = createGeoFailoverRedis({
    preset,
    endpoints: [east, west].map((server, index) => {
      const { host, port } = proxies[index] ?? server;
      return { id: index === 0 ? 'east' : 'west', weight: 1 / (index + 1), redis: { host, port } };
    }),
  });
  // A network that is gone is an error of the client, as it is with ioredis.
  client.on('error', () => undefined);
  await allReady(client);
  const observation = new Observation(client);
  const stopMs = stopSeconds * 1_000;
  const disturbance = DISTURBANCES[preset];
  const outcome = await PARTS[part]({ client, east, west, observation, minutes, stopMs, disturbance, proxies });
  const isWell = isWithoutFault(outcome) && observation.switches.length <= (outcome.mostSwitches ?? 0);
  printPart(part, outcome, observation, suspicions, isWell);
  tellParent(figuresOf(part, outcome, observation, suspicions));
  client.disconnect();
  await Promise.all([...proxies.map((proxy) => proxy.close()), east.dispose(), west.dispose()]);
  return isWell;
});

function figuresOf(
  name: PartName,
  { seconds, operations, errors, longestWindowMs }: PartOutcome,
  { health, switches }: Observation,
  suspicions: readonly string[],
): PartFigures {
  return {
    ...{ part: name, preset, ioredis: String(environment()['ioredis']) },
    ...{ seconds: Math.round(seconds), commands: operations, errors: errors.length, longestWindowMs },
    suspicions: suspicions.length,
    unhealthy: health.filter(({ to }) => to === 'unhealthy').length,
    switches: switches.length,
  };
}

function tellParent(figures: PartFigures): void {
  process.send?.({ figures } satisfies FiguresMessage);
}

/** Before Redis 7 everybody may use DEBUG, and there is no such directive. */
async function startServers(): Promise<RedisServer[]> {
  try {
    return await startRedisServers(2, { config: ['enable-debug-command local'] });
  } catch {
    return startRedisServers(2);
  }
}

const UNKNOWN = 'GEO_AMBIGUOUS/maybe-executed';

function isWithoutFault({ errors, pending, unhandled, violations }: PartOutcome): boolean {
  const isSwallowing = SWALLOWING_PARTS.some((name) => name === part);
  const avoidable = errors.filter((label) => !isSwallowing || label !== UNKNOWN);
  return avoidable.length === 0 && pending === 0 && unhandled === 0 && violations === undefined;
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
