import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '../../spec/support/checker/history.ts';
import { startLoad } from '../../spec/support/checker/load.ts';
import { longestGap } from '../../spec/support/checker/timeline.ts';
import { type GeoPair, startGeoPair } from '../../spec/support/geo-pair.ts';
import { errorLabels } from '../common/error-labels.ts';
import { countViolations, judgeRun } from '../common/evidence.ts';
import { Observation } from '../common/observe-client.ts';
import { tally } from '../common/statistics.ts';
import { blockLoop, boundFactor } from './blocked-loop.ts';
import { type Failback, kindsOf, longestGapBefore, type Run } from './run-figures.ts';
import type { FaultScenario } from './scenarios.ts';
import type { Preset } from '../../lib/index.ts';

/** The only option that is not the preset's: failback would otherwise be due a minute after the failover. */
export const FAILBACK_GRACE_MS = 1_000;

/** What is done with a scenario. */
export interface Trial {
  readonly seed: number;
  readonly preset: Preset;
  /** `0` for a client that is idle. */
  readonly opsPerSecond: number;
}

const FAULT_MS = 4_000;
const SETTLE_MS = 1_500;
// A circuit that opened stays open for 10 s, and three good checks follow.
const FAILBACK_TIMEOUT_MS = 25_000;
const AROUND_SWITCH_MS = 500;
const STALL_RESOLUTION_MS = 5;

export async function runFault(scenario: FaultScenario, trial: Trial): Promise<Run> {
  const pair = await startGeoPair(scenario.pair);
  try {
    return await runOn(pair, scenario, trial);
  } finally {
    await pair.dispose();
  }
}

async function runOn(pair: GeoPair, scenario: FaultScenario, { seed, preset, opsPerSecond }: Trial): Promise<Run> {
  const client = await pair.connect({ preset, failback: { gracePeriodMs: FAILBACK_GRACE_MS } });
  const observation = new Observation(client);
  let refused: number | undefined;
  if (scenario.isRefusing === true) {
    client.geo.once('endpointSwitched', () => (refused = pair.east.proxy.counters.errorReplies));
  }
  const load =
    opsPerSecond === 0
      ? undefined
      : startLoad(client, { opsPerSecond, seed, identify: () => client.geo.activeEndpoint });
  // For long enough that the client stops to watch, if it is idle.
  if (load === undefined) await delay(SETTLE_MS);
  else if (!(await load.nextSuccesses(opsPerSecond))) throw new Error('the load does not run');

  const boundMs = client.geo.detectionBoundMs * boundFactor(scenario);
  const faultAt = performance.now();
  const stalls = monitorEventLoopDelay({ resolution: STALL_RESOLUTION_MS });
  stalls.enable();
  const unblockLoop = blockLoop(scenario);
  await scenario.apply(pair.east);
  const isLeft = await observation.active('west', scenario.faultMs ?? FAULT_MS);
  if (isLeft) await delay(AROUND_SWITCH_MS);
  // What comes later is no consequence of the fault, but of the machine.
  const observedUntil = performance.now();
  unblockLoop();
  stalls.disable();
  await delay((scenario.faultMs ?? FAULT_MS) - (observedUntil - faultAt));
  await scenario.heal(pair.east);
  const healedAt = performance.now();
  if (scenario.expected !== 'no switch') await observation.active('east', FAILBACK_TIMEOUT_MS);
  await delay(SETTLE_MS);

  const { history, unhandled } = (await load?.stop()) ?? { history: [], unhandled: [] };
  const [first] = observation.switches;
  const path = observation.path;
  const { heldRequestBytesDropped: dropped, heldBytesForwarded: forwarded } = pair.east.proxy.counters;
  const report = await judgeRun({ history, unhandled, servers: pair.servers, observation });
  const writes = history.filter(({ safety }) => safety !== 'read-only');
  const asExpected = kindsOf(path) === scenario.expected;
  return {
    report,
    figures: {
      quietMs: longestGapBefore(history, faultAt),
      stallMs: Math.max(0, stalls.max / 1e6 - STALL_RESOLUTION_MS),
      windowMs: longestGap(history, faultAt, observedUntil)?.durationMs,
      writeWindowMs: longestGap(writes, faultAt, observedUntil)?.durationMs,
      switchAfterMs: first === undefined ? undefined : first.seenAt - faultAt,
      boundMs,
      reason: first?.reason,
      refused,
      errors: tally(errorLabels(history)),
      failback: failbackOf(observation, history, healedAt),
      outages: observation.outages.length,
      path,
      asExpected,
      operations: history.length,
      violations: countViolations(report),
      repeated: report.repeated.length,
      inversions: report.inversions.length,
      heldRequestBytes: { dropped, forwarded },
      isClean: report.ok && asExpected,
    },
  };
}

function failbackOf(observation: Observation, history: readonly Operation[], healedAt: number): Failback | undefined {
  const back = observation.switches.find(({ kind }) => kind === 'failback');
  if (back === undefined) return undefined;
  const from = back.seenAt - back.durationMs;
  const to = back.seenAt + AROUND_SWITCH_MS;
  const isDuring = ({ status, settledAt = 0 }: Operation): boolean =>
    status === 'error' && settledAt >= from && settledAt <= to;
  return {
    afterHealMs: back.seenAt - healedAt,
    windowMs: longestGap(history, from, to)?.durationMs,
    errors: history.filter(isDuring).length,
  };
}
