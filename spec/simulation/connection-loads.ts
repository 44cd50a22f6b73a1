import type { GeoFailoverRedis } from '../../lib/index.ts';
import { duplicateOf, leavesDoubt, pause, repeat } from '../support/side-loads/side-load.ts';
import { SCANNED_KEYS, TEXT_KEY } from './model-data.ts';
import type { ModelServer } from './model-server.ts';
import type { SideLoadKind } from './set-up.ts';
import type { JudgedLoad } from './judged-load.ts';

/** Loads that depend on what a server keeps for one connection. */
export const CONNECTION_LOADS: Readonly<Record<SideLoadKind, (client: GeoFailoverRedis) => JudgedLoad>> = {
  transactions: startTransactions,
  watched: startWatched,
  databases: startDatabases,
  cursors: startCursors,
  'comings-and-goings': startComingsAndGoings,
  administration: startAdministration,
  mistakes: startMistakes,
};

type Told = 'executed' | 'not-executed' | 'doubtful';

/** Keys that a unit of work has written, and what was told of it. */
interface Unit {
  readonly keys: readonly string[];
  readonly told: Told;
}

/** MULTI, two INCRs and EXEC, one after the other. */
function startTransactions(client: GeoFailoverRedis): JudgedLoad {
  const units: Unit[] = [];
  const turn = async (redis: GeoFailoverRedis, count: number): Promise<void> => {
    const keys = [`open:${count}:a`, `open:${count}:b`];
    let told: Told = 'not-executed';
    let isExecCalled = false;
    try {
      await redis.multi({ pipeline: false });
      // Now and then nothing of it is in flight.
      if (count % 4 === 1) await pause(6);
      const calls: Promise<unknown>[] = keys.map((key) => redis.incr(key));
      if (count % 3 === 0) calls.push(redis.client('SETNAME', `transaction-${count}`));
      if (count % 2 === 0) await Promise.all(calls);
      if (count % 4 === 2) await pause(6);
      else for (const call of calls) call.catch(() => undefined);
      isExecCalled = true;
      const replies = await redis.exec();
      told = replies === null ? 'not-executed' : 'executed';
    } catch (error) {
      if (isExecCalled && leavesDoubt(error) && (error as Error).name !== 'ReplyError') told = 'doubtful';
      // Some applications leave it as it is.
      if (!isExecCalled && count % 5 !== 0) await redis.discard().catch(() => undefined);
    }
    units.push({ keys, told });
  };
  const load = repeat(client, turn, 5);
  return { stop: () => load.stop(), judge: (servers) => units.flatMap((unit) => judgeUnit(unit, servers)) };
}

/** A key that is watched, and now and then changed by others, before a transaction is executed. */
function startWatched(client: GeoFailoverRedis): JudgedLoad {
  const units: Unit[] = [];
  const problems: string[] = [];
  const turn = async (redis: GeoFailoverRedis, count: number): Promise<void> => {
    const keys = [`watched:${count}`];
    let told: Told = 'not-executed';
    let isChanged = false;
    try {
      await redis.watch('watched');
      await redis.get('watched');
      if (count % 2 === 0) {
        await client.set('watched', `${count}`);
        isChanged = true;
      }
      if (count % 4 < 2) await pause(6);
      const replies = await redis.multi().incr(`watched:${count}`).exec();
      const [error] = replies?.[0] ?? [];
      if (replies !== null) told = !error ? 'executed' : leavesDoubt(error) ? 'doubtful' : 'not-executed';
    } catch (error) {
      if (leavesDoubt(error) && (error as Error).name !== 'ReplyError') told = 'doubtful';
    }
    units.push({ keys, told });
    if (isChanged && told === 'executed') problems.push(`${keys[0]} was executed although its key was changed`);
  };
  const load = repeat(client, turn, 5);
  return {
    stop: () => load.stop(),
    judge: (servers) => [...problems, ...units.flatMap((unit) => judgeUnit(unit, servers))],
  };
}

function judgeUnit({ keys, told }: Unit, servers: readonly ModelServer[]): string[] {
  const all = servers.map(({ name, data }) => ({ name, runs: keys.map((each) => data.runsOf(each)) }));
  const [key = ''] = keys;
  const where = all.filter(({ runs }) => runs.some(({ length }) => length > 0));
  if (where.some(({ runs }) => runs.some(({ length }) => length > 1))) return [`${key}: executed twice`];
  const isPart = where.some(({ runs }) => new Set(runs.map(([transaction]) => transaction)).size > 1);
  if (isPart) return [`${key}: not executed as one`];
  if (where.length > 1) return [`${key}: executed on ${where.map(({ name }) => name).join(' and ')}`];
  if (told === 'executed' && where.length === 0) return [`${key}: acknowledged, and executed nowhere`];
  if (told === 'not-executed' && where.length > 0) return [`${key}: told that it was not executed, and it was`];
  return [];
}

/** SELECT, and writes behind it whose keys name the database. */
function startDatabases(client: GeoFailoverRedis): JudgedLoad {
  const turn = async (redis: GeoFailoverRedis, count: number): Promise<void> => {
    const database = count % 3;
    try {
      await redis.select(database);
      const writes = Array.from({ length: 3 }, (_, i) => redis.set(`database:${database}:${count}:${i}`, 'x'));
      await Promise.all(writes);
    } catch {
      await pause(20);
    }
  };
  const load = repeat(client, turn, 10);
  return {
    stop: () => load.stop(),
    judge: (servers) =>
      servers.flatMap(({ name, data }) =>
        data.executed.flatMap(({ args: [key = ''], db }) => {
          const meant = /^database:(\d)/.exec(key)?.[1];
          return meant !== undefined && Number(meant) !== db
            ? [`${key} was executed in database ${db} of ${name}`]
            : [];
        }),
      ),
  };
}

/** Goes through the keys of a server with SCAN. */
function startCursors(client: GeoFailoverRedis): JudgedLoad {
  const problems: string[] = [];
  const turn = async (redis: GeoFailoverRedis): Promise<void> => {
    const found = new Set<string>();
    let cursor = '0';
    try {
      do {
        const [next, keys] = await redis.scan(cursor, 'COUNT', 10);
        for (const key of keys) found.add(key);
        cursor = next;
        await pause(5);
      } while (cursor !== '0');
    } catch {
      return;
    }
    const missed = SCANNED_KEYS.filter((key) => !found.has(key)).length;
    if (missed > 0) problems.push(`SCAN missed ${missed} of ${SCANNED_KEYS.length} keys`);
  };
  const load = repeat(client, turn, 20);
  return { stop: () => load.stop(), judge: () => problems };
}

/** A client that is closed in all ways, with commands in flight, and opened again. */
function startComingsAndGoings(client: GeoFailoverRedis): JudgedLoad {
  const problems: string[] = [];
  let isStopped = false;
  const redis = duplicateOf(client);
  const ended = run();

  async function run(): Promise<void> {
    for (let count = 0; !isStopped; count++) {
      const calls = Array.from({ length: 3 }, (_, i) => redis.incr(`coming:${count}:${i}`).catch(() => undefined));
      await pause((count * 37) % 90);
      if (count % 3 === 0) await redis.quit().catch(() => undefined);
      else if (count % 3 === 1) redis.disconnect();
      else redis.disconnect(true);
      await Promise.all(calls);
      if (count % 3 === 2) continue;
      await redis.get('closed').then(
        () => problems.push('a client that was closed has answered'),
        () => undefined,
      );
      await pause((count * 53) % 40);
      await redis.connect().catch(() => undefined);
    }
    await redis.quit().catch(() => undefined);
    if (redis.status !== 'end') problems.push(`a client that has quit is "${redis.status}"`);
  }

  return {
    async stop() {
      isStopped = true;
      await ended;
    },
    judge: (servers, { repeats }) => {
      const counts = new Map<string, number>();
      for (const { data } of servers) {
        for (const { args } of data.executed) {
          const [key = ''] = args;
          if (key.startsWith('coming:')) counts.set(key, (counts.get(key) ?? 0) + 1);
        }
      }
      const doubled = [...counts]
        .filter(([, count]) => count > 1 && !repeats)
        .map(([key]) => `${key} was executed twice`);
      return [...problems, ...doubled];
    },
  };
}

/** Commands of administration, which are meant for the endpoint that is active when they are called. */
function startAdministration(client: GeoFailoverRedis): JudgedLoad {
  const told = new Map<string, { readonly activeEndpoint: string; told: Told }>();
  const turn = async (redis: GeoFailoverRedis, count: number): Promise<void> => {
    const value = `configured:${count}`;
    const { activeEndpoint } = redis.geo;
    const tell = (outcome: Told): void => void told.set(value, { activeEndpoint, told: outcome });
    try {
      await redis.config('SET', 'anything', value);
      tell('executed');
    } catch (error) {
      tell(leavesDoubt(error) ? 'doubtful' : 'not-executed');
    }
  };
  const load = repeat(client, turn, 5);
  return {
    stop: () => load.stop(),
    judge: (servers) =>
      [...told].flatMap(([value, { activeEndpoint, told: outcome }]) => {
        const where = servers.filter(({ configured }) => configured.includes(value)).map(({ name }) => name);
        if (where.some((name) => name !== activeEndpoint)) {
          return [`${value} was set on ${where.join(' and ')}, and meant for ${activeEndpoint}`];
        }
        const isWrong = outcome === 'executed' ? where.length === 0 : outcome === 'not-executed' && where.length > 0;
        return isWrong ? [`${value} is told to be ${outcome}, and was set on ${where[0] ?? 'none'}`] : [];
      }),
  };
}

/** Commands that every server refuses, for the application's own fault. */
function startMistakes(client: GeoFailoverRedis): JudgedLoad {
  const problems: string[] = [];
  const turn = async (redis: GeoFailoverRedis, count: number): Promise<void> => {
    const calls = [
      redis.sadd(TEXT_KEY, `${count}`),
      redis.hset(TEXT_KEY, 'field', count),
      redis.rpush(TEXT_KEY, count),
    ];
    for (const result of await Promise.allSettled(calls)) {
      if (result.status === 'fulfilled') problems.push(`a mistake was answered with ${result.value}`);
    }
  };
  const load = repeat(client, turn, 5);
  return { stop: () => load.stop(), judge: () => problems };
}
