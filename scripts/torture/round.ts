import { errorLabels } from '../../benchmarks/common/error-labels.ts';
import { tally } from '../../benchmarks/common/statistics.ts';
import { type GeoPair, startGeoPair } from '../../spec/support/geo-pair.ts';
import { describeFault, type FaultRecord } from './faults/fault-log.ts';
import { heal } from './faults/heal.ts';
import { runEpisode } from './faults/run-episode.ts';
import { Stage } from './faults/stage.ts';
import { type FurtherFindings, type Judgement, judgeRound } from './judge-round.ts';
import { profileOf } from './profiles.ts';
import type { RoundResult, SeenSwitch } from './protocol.ts';
import { type FaultKind, schedule } from './schedule.ts';
import type { SubjectProcess } from './subject-process.ts';
import { unexplainedFailovers } from './unexplained.ts';

export interface RoundOptions {
  readonly seed: number;
  /** For how long faults are made, about. */
  readonly faultMs: number;
  readonly opsPerSecond: number;
  readonly kinds: readonly FaultKind[];
}

export interface TimedSwitch extends SeenSwitch {
  /** Since the first operation. */
  readonly atMs: number;
}

export interface RoundOutcome {
  readonly seed: number;
  readonly faults: readonly FaultRecord[];
  readonly operations: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly switches: readonly TimedSwitch[];
  readonly unexplained: readonly TimedSwitch[];
  readonly judgement: Judgement;
  readonly further: FurtherFindings;
  readonly result: RoundResult;
  readonly heapBytes: number;
}

const SCANNED_KEYS = 300;
const CLOSED_MS = 5_000;

/** One seed: faults, then everything heals, goes on and ends, and is judged. */
export async function runRound(subject: SubjectProcess, options: RoundOptions): Promise<RoundOutcome> {
  // Half of the networks deliver what they held for clients that have gone.
  const endedClients = options.seed % 2 === 0 ? 'deliver' : 'drop';
  const pair = await startGeoPair({ proxy: { endedClients } });
  try {
    return await runOn(pair, subject, options);
  } finally {
    await pair.dispose();
  }
}

async function runOn(pair: GeoPair, subject: SubjectProcess, options: RoundOptions): Promise<RoundOutcome> {
  const { seed, opsPerSecond } = options;
  await Promise.all(pair.endpoints.map(({ server }) => server.cli(...scannedKeys())));
  subject.activeEndpoint = pair.east.id;
  const endpoints = pair.endpoints.map(({ id, proxy: { host, port } }) => ({ id, host, port }));
  await subject.call('begin', { seed, endpoints, opsPerSecond, scannedKeys: SCANNED_KEYS });
  const stage = new Stage(pair, subject);
  try {
    return await torture(stage, options);
  } catch (error) {
    const faults = stage.log.records.map((record) => `  fault   ${describeFault(record)}\n`);
    throw new Error(`seed ${seed} broke off\n${faults.join('')}`, { cause: error });
  }
}

async function torture(stage: Stage, { seed, faultMs, kinds }: RoundOptions): Promise<RoundOutcome> {
  const { pair, subject } = stage;
  for (const episode of schedule(seed, kinds)) {
    if (stage.log.nowMs > faultMs) break;
    await runEpisode(stage, episode);
  }

  await Promise.all(pair.endpoints.map(heal));
  await subject.call('release');
  const progress = await subject.call('progress');
  const result = await subject.call('finish');
  const quit = await subject.call('quit');
  const remains = await subject.call('remains');
  const connections = await connectionsLeft(pair);
  const judgement = await judgeRound(pair, result, profileOf(seed).caps);
  const startedAt = result.history[0]?.issuedAt ?? 0;
  const switches = result.switches.map((event) => ({ ...event, atMs: event.seenAt - startedAt }));
  return {
    seed,
    faults: stage.log.records,
    operations: countOperations(result),
    errors: tally(errorLabels(result.history)),
    switches,
    unexplained: unexplainedFailovers(switches, stage.log.records, stage.log.startedAt),
    judgement,
    further: { ...judgement.further, 'no progress': [...progress, ...quit], leaks: [...remains.leaks, ...connections] },
    result,
    heapBytes: remains.heapBytes,
  };
}

function scannedKeys(): ['MSET', ...string[]] {
  return ['MSET', ...Array.from({ length: SCANNED_KEYS }, (_, i) => [`scanned:${i}`, 'x']).flat()];
}

/** Connections that a client left open, as proxies and servers see it. */
async function connectionsLeft({ endpoints }: GeoPair): Promise<string[]> {
  const left = await Promise.all(
    endpoints.map(async ({ id, proxy, server }) => {
      await proxy.waitForConnections(0, CLOSED_MS).catch(() => undefined);
      const clients = String(await server.cli('CLIENT', 'LIST'))
        .trim()
        .split('\n');
      // One of them asks.
      const own = clients.filter((client) => !client.includes('cmd=client|list'));
      return [
        ...(proxy.connectionCount > 0 ? [`${proxy.connectionCount} connections to ${id} stay open`] : []),
        ...own.map((client) => `at ${id}: ${client}`),
      ];
    }),
  );
  return left.flat();
}

function countOperations({ history, queue, news, scans }: RoundResult): number {
  const messages = Object.values(news.heard).reduce((sum, numbers) => sum + numbers.length, 0);
  return history.length + queue.taken.length + queue.produced.length + messages + scans.complete;
}
