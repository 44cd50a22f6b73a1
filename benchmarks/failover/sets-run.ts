import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { Recording } from '../../spec/support/checker/recording.ts';
import { longestGap } from '../../spec/support/checker/timeline.ts';
import { type GeoPair, startGeoPair } from '../../spec/support/geo-pair.ts';
import { type GeoFailoverRedis } from '../../lib/index.ts';
import { errorLabels } from '../common/error-labels.ts';
import { countViolations, judgeRun } from '../common/evidence.ts';
import { Observation } from '../common/observe-client.ts';
import { tally } from '../common/statistics.ts';
import { type Expectation, kindsOf, longestGapBefore, type Run } from './run-figures.ts';

/** What happens while SETs of the same keys are issued and none is awaited. */
export interface SetsScenario {
  readonly name: string;
  readonly expected: Expectation;
  prepare?(client: GeoFailoverRedis): Promise<unknown>;
  disturb(pair: GeoPair, client: GeoFailoverRedis): Promise<unknown>;
}

const KEYS = 5;
const SETS_PER_KEY = 1_000;
// One part is issued in one go, so that the disturbance hits a long queue; the rest goes on while it lasts.
const IN_ONE_GO = { from: 300, to: 600 };
const DISTURB_AT = 500;
const PAUSE_EVERY = 5;
const PAUSE_MS = 10;
const SETTLE_TIMEOUT_MS = 15_000;
const SWITCH_TIMEOUT_MS = 10_000;

export const SETS_SCENARIOS: readonly SetsScenario[] = [
  {
    name: `${SETS_PER_KEY} SETs per key through kill`,
    expected: 'failover',
    disturb: ({ east }) => east.server.kill(),
  },
  {
    name: `${SETS_PER_KEY} SETs per key through freeze`,
    expected: 'failover',
    disturb: ({ east }) => east.server.freeze(),
  },
  {
    name: `${SETS_PER_KEY} SETs per key through planned switch`,
    expected: 'manual',
    disturb: (_pair, client) => client.geo.switchTo('west'),
  },
  {
    name: `${SETS_PER_KEY} SETs per key through failback`,
    expected: 'failback',
    prepare: (client) => client.geo.switchTo('west'),
    disturb(_pair, client) {
      client.geo.release();
      return Promise.resolve();
    },
  },
];

export async function runSets(scenario: SetsScenario): Promise<Run> {
  const pair = await startGeoPair();
  const unhandled: string[] = [];
  const onUnhandled = (reason: unknown): number => unhandled.push(String(reason));
  process.on('unhandledRejection', onUnhandled);
  try {
    return await runOn(pair, scenario, unhandled);
  } finally {
    process.off('unhandledRejection', onUnhandled);
    await pair.dispose();
  }
}

async function runOn(pair: GeoPair, scenario: SetsScenario, unhandled: readonly string[]): Promise<Run> {
  // A failback is to happen here at once, when it is released.
  const client = await pair.connect({ failback: { gracePeriodMs: 0, jitterMs: 0 } });
  await scenario.prepare?.(client);
  // Events come on the next tick: those of the preparation shall not count.
  await nextTurn();
  const observation = new Observation(client);
  const target = client.geo.activeEndpoint === 'east' ? 'west' : 'east';
  const recording = new Recording({ tag: randomBytes(4).toString('hex'), identify: () => client.geo.activeEndpoint });

  let disturbedAt = Number.NaN;
  let disturbance: Promise<unknown> = Promise.resolve();
  for (let sequence = 0; sequence < SETS_PER_KEY; sequence += 1) {
    if (sequence === DISTURB_AT) {
      disturbedAt = performance.now();
      disturbance = scenario.disturb(pair, client);
    }
    for (let key = 0; key < KEYS; key += 1) issueSet(client, recording, key, sequence);
    const isInOneGo = sequence >= IN_ONE_GO.from && sequence < IN_ONE_GO.to;
    if (!isInOneGo && sequence % PAUSE_EVERY === 0) await delay(PAUSE_MS);
  }
  await disturbance;
  await observation.active(target, SWITCH_TIMEOUT_MS);
  await recording.settled(SETTLE_TIMEOUT_MS);
  const path = observation.path;
  const [first] = observation.switches;
  recording.seal();

  const { history } = recording;
  const report = await judgeRun({ history, unhandled, servers: pair.servers, observation });
  const windowMs = longestGap(history, disturbedAt)?.durationMs;
  const asExpected = kindsOf(path) === scenario.expected;
  return {
    report,
    figures: {
      quietMs: longestGapBefore(history, disturbedAt),
      stallMs: undefined,
      windowMs,
      writeWindowMs: windowMs,
      switchAfterMs: first === undefined ? undefined : first.seenAt - disturbedAt,
      boundMs: client.geo.detectionBoundMs,
      reason: first?.reason,
      refused: undefined,
      errors: tally(errorLabels(history)),
      failback: undefined,
      outages: observation.outages.length,
      path,
      asExpected,
      operations: history.length,
      violations: countViolations(report),
      repeated: report.repeated.length,
      inversions: report.inversions.length,
      heldRequestBytes: { dropped: 0, forwarded: 0 },
      isClean: report.ok && report.inversions.length === 0 && asExpected,
    },
  };
}

/** Of the kind whose order the checker looks at. */
function issueSet(client: GeoFailoverRedis, recording: Recording, keyNumber: number, sequence: number): void {
  const id = recording.nextId();
  const key = `burst:${recording.tag}:${keyNumber}`;
  void recording.track({ id, kind: 'set-burst', key, command: 'SET', safety: 'effect-and-reply' }, () =>
    client.set(key, `${id}:${sequence}`),
  );
}
