import { setTimeout as delay } from 'node:timers/promises';
import { createGeoFailoverRedis, type EndpointSwitchedEvent, type GeoFailoverRedis } from '../../lib/index.ts';
import { collectExecuted } from '../../spec/support/checker/collect.ts';
import { type Load, type LoadResult, startLoad } from '../../spec/support/checker/load.ts';
import type { ServerLog } from '../../spec/support/checker/verdict.ts';
import type { RedisServer } from '../../spec/support/redis-server.ts';
import { OPERATIONS_PER_SECOND, type Plan, PREFERRED, STANDBY } from './plan.ts';
import { formatMs, formatSeconds, type Tone } from './text.ts';
import type { Outage, View } from './view.ts';

const POLL_MS = 10;
const START_LIMIT_MS = 10_000;
const FAILOVER_LIMIT_MS = 5_000;
/** What a failback may take beyond the grace period. */
const FAILBACK_LIMIT_MS = 15_000;

export interface Servers {
  readonly preferred: RedisServer;
  readonly standby: RedisServer;
}

/** A switch, and the time in which callers may have felt it. */
export interface SeenSwitch {
  readonly event: EndpointSwitchedEvent;
  readonly from: number;
  readonly to: number;
}

export interface Evidence {
  readonly load: LoadResult;
  readonly logs: readonly ServerLog[];
  readonly failover: SeenSwitch;
  readonly failback: SeenSwitch;
}

interface Switched {
  readonly event: EndpointSwitchedEvent;
  readonly seenAt: number;
}

/** Kills the preferred server under load, brings it back, and returns what callers and servers saw of it. */
export async function runScenario(plan: Plan, servers: Servers, view: View): Promise<Evidence> {
  const redis = createClient(plan, servers);
  let load: Load | undefined;
  try {
    await until(() => isComplete(redis), START_LIMIT_MS, 'the client has not reached both servers');
    load = startLoad(redis, {
      opsPerSecond: OPERATIONS_PER_SECOND,
      mix: { get: 5, set: 3, incr: 2 },
      identify: () => redis.geo.activeEndpoint,
    });
    const switches = await perform(plan, servers, redis, load, view);
    const result = await load.stop();
    // What follows is not the workload's doing, so the last picture is taken here.
    view.close();
    return { load: result, logs: await collectLogs(servers), ...switches };
  } finally {
    const stopped = load?.stop();
    view.close();
    redis.disconnect();
    await stopped;
  }
}

function createClient(plan: Plan, { preferred, standby }: Servers): GeoFailoverRedis {
  const { gracePeriodMs, healthIntervalMs: intervalMs } = plan;
  return createGeoFailoverRedis({
    endpoints: [
      { ...PREFERRED, redis: { host: preferred.host, port: preferred.port } },
      { ...STANDBY, redis: { host: standby.host, port: standby.port } },
    ],
    healthCheck: { intervalMs },
    failback: { gracePeriodMs, jitterMs: 0 },
  });
}

async function perform(
  plan: Plan,
  { preferred }: Servers,
  redis: GeoFailoverRedis,
  load: Load,
  view: View,
): Promise<Pick<Evidence, 'failover' | 'failback'>> {
  const outages: Outage[] = [];
  const switches: Switched[] = [];
  let caption = `All is well. Soon ${PREFERRED.id} is killed.`;
  const tell = (name: string, detail: string, tone: Tone): number => {
    const at = performance.now();
    view.event({ at, name, detail, tone });
    return at;
  };
  view.follow({
    startedAt: load.startedAt,
    totalMs: plan.totalMs,
    history: load.history,
    outages,
    caption: () => caption,
    endpoints: () => redis.geo.endpoints(),
  });
  tellEvents(redis, tell, (event, seenAt) => switches.push({ event, seenAt }));
  const seen = async (kind: 'failover' | 'failback', limitMs: number): Promise<Switched> => {
    const find = (): Switched | undefined => switches.find(({ event }) => event.kind === kind);
    return until(find, limitMs, `no ${kind} was seen within ${formatSeconds(limitMs)}`);
  };

  tell('started', `${OPERATIONS_PER_SECOND} commands a second (GET, SET, INCR)`, 'bold');
  await delay(plan.healthyMs);

  const killedAt = tell('killed', `${PREFERRED.id} (SIGKILL)`, 'bad');
  const outage: Outage = { endpointId: PREFERRED.id, from: killedAt };
  outages.push(outage);
  await preferred.kill();
  const failover = await seen('failover', FAILOVER_LIMIT_MS);
  caption = `${STANDBY.id} serves. Soon ${PREFERRED.id} is started again.`;
  await delay(plan.outageMs);

  await preferred.restart();
  outage.to = tell('restarted', `${PREFERRED.id} (on its old port, with its old data)`, 'good');
  caption = `${PREFERRED.id} runs. It gets its place back after 3 good checks.`;
  const failback = await seen('failback', plan.gracePeriodMs + FAILBACK_LIMIT_MS);
  caption = `${PREFERRED.id} serves again.`;
  await delay(plan.afterMs);

  tell('stopped', "the commands; reading the servers' logs", 'bold');
  if (switches.length !== 2) throw new Error(`${switches.length} switches were seen instead of 2`);
  return {
    failover: { event: failover.event, from: killedAt, to: failover.seenAt },
    failback: { event: failback.event, from: failback.seenAt - failback.event.durationMs, to: failback.seenAt },
  };
}

function tellEvents(
  redis: GeoFailoverRedis,
  tell: (name: string, detail: string, tone: Tone) => number,
  onSwitched: (event: EndpointSwitchedEvent, seenAt: number) => void,
): void {
  redis.geo
    .on('endpointSwitched', (event) => {
      const { from, to, reason, durationMs } = event;
      onSwitched(event, tell('endpointSwitched', `${from} -> ${to} (${reason}, ${formatMs(durationMs)})`, 'bold'));
    })
    .on('healthStatusChanged', ({ endpointId, from, to }) =>
      tell('healthStatusChanged', `${endpointId} ${from} -> ${to}`, to === 'healthy' ? 'good' : 'bad'),
    )
    .on('circuitStateChanged', ({ endpointId, from, to }) =>
      tell('circuitStateChanged', `${endpointId} ${from} -> ${to}`, to === 'closed' ? 'good' : 'bad'),
    )
    .on('allEndpointsUnhealthy', ({ activeEndpoint }) =>
      tell('allEndpointsUnhealthy', `${activeEndpoint} stays active`, 'bad'),
    );
}

function collectLogs({ preferred, standby }: Servers): Promise<ServerLog[]> {
  return collectExecuted({ [PREFERRED.id]: preferred, [STANDBY.id]: standby });
}

function isComplete(redis: GeoFailoverRedis): true | undefined {
  const endpoints = redis.geo.endpoints();
  const isReady = endpoints.every((endpoint) => endpoint.isReady && endpoint.health === 'healthy');
  return isReady && redis.geo.activeEndpoint === PREFERRED.id ? true : undefined;
}

/** Looks again and again, because not everything that is awaited has an event. */
async function until<T>(look: () => T | undefined, limitMs: number, failure: string): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(failure);
    await delay(POLL_MS);
  }
}
