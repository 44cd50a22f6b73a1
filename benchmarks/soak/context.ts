import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from '../../spec/support/checker/history.ts';
import { type LoadOptions, startLoad } from '../../spec/support/checker/load.ts';
import { longestGap } from '../../spec/support/checker/timeline.ts';
import { formatReport } from '../../spec/support/checker/verdict.ts';
import type { FaultProxy } from '../../spec/support/fault-proxy.ts';
import type { RedisServer } from '../../spec/support/redis-server.ts';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { errorLabels } from '../common/error-labels.ts';
import { judgeRun } from '../common/evidence.ts';
import type { Observation } from '../common/observe-client.ts';
import type { Cell } from '../common/table.ts';
import type { Disturbance } from './disturbances.ts';

export interface PartContext {
  readonly client: GeoFailoverRedis;
  readonly east: RedisServer;
  readonly west: RedisServer;
  readonly observation: Observation;
  readonly minutes: number;
  readonly stopMs: number;
  readonly disturbance: Disturbance;
  /** Before the servers, the active one first; in some parts only. */
  readonly proxies: readonly FaultProxy[];
}

/** What a part found out, beside what every part is asked. */
export interface PartOutcome {
  readonly operations: number;
  /** How long the body took. */
  readonly seconds: number;
  readonly errors: readonly string[];
  readonly pending: number;
  readonly unhandled: number;
  readonly longestWindowMs: number | undefined;
  /** Violations that the checker found, printed. */
  readonly violations?: string | undefined;
  /** How often the endpoint may be left and gone back to; without it never. */
  readonly mostSwitches?: number;
  /** What is of interest in this part only. */
  readonly more?: Readonly<Record<string, Cell>>;
}

export type Part = (context: PartContext) => Promise<PartOutcome>;

const WARM_UP_MS = 1_000;
const COOL_DOWN_MS = 3_000;

/** Runs the body under a load, whose every command the checker then judges. */
export async function underLoad(
  { client, east, west, observation }: PartContext,
  body: () => Promise<Readonly<Record<string, Cell>>>,
  options: LoadOptions = {},
): Promise<PartOutcome> {
  const load = startLoad(client, { identify: () => client.geo.activeEndpoint, ...options });
  await delay(WARM_UP_MS);
  const startedAt = performance.now();
  const more = await body();
  const seconds = (performance.now() - startedAt) / 1_000;
  await delay(COOL_DOWN_MS);
  const { history, pending, unhandled } = await load.stop();
  const report = await judgeRun({ history, unhandled, servers: { east, west }, observation });
  return {
    operations: history.length,
    seconds,
    errors: errorLabels(history),
    pending,
    unhandled: unhandled.length,
    longestWindowMs: longestGap(history)?.durationMs,
    violations: report.ok ? undefined : formatReport(report),
    more: { ...more, 'slowest command ms': slowest(history) },
  };
}

function slowest(history: readonly Operation[]): number {
  return history.reduce((most, { issuedAt, settledAt = issuedAt }) => Math.max(most, settledAt - issuedAt), 0);
}
