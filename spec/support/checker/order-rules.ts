import type { Execution } from './attribution.ts';
import { mayRepeat, type ResolvedCaps } from './execution-rules.ts';
import type { Operation } from './history.ts';
import { finding, type Finding } from './report.ts';

type ExecutionsOf = (operation: Operation) => readonly Execution[];

const BURST = 'set-burst';

/** Two looks at every burst key: does the last acknowledged SET win, and did newer ones that were acknowledged overtake older ones? */
export function judgeBursts(
  history: readonly Operation[],
  executionsOf: ExecutionsOf,
): { readonly orderBroken: Finding[]; readonly inversions: Finding[] } {
  const bursts = groupBy(history, ({ kind, key }) => (kind === BURST ? key : undefined));
  const results = [...bursts.values()].map((burst) => ({
    orderBroken: brokenEnd(burst, executionsOf),
    inversions: inversionsIn(burst, executionsOf),
  }));
  return {
    orderBroken: results.flatMap(({ orderBroken }) => orderBroken),
    inversions: results.flatMap(({ inversions }) => inversions),
  };
}

/**
 * Of what was acknowledged, the executions that the acknowledgement can be of. An earlier attempt at another server was given
 * up: what is behind it there is older than what was acknowledged elsewhere since.
 */
function acknowledgedOf(operation: Operation, executionsOf: ExecutionsOf): readonly Execution[] {
  const executions = executionsOf(operation);
  const there = executions.filter(({ server }) => server === operation.endpoint);
  return there.length > 0 ? there : executions;
}

function brokenEnd(burst: readonly Operation[], executionsOf: ExecutionsOf): Finding[] {
  const lastIndex = burst.findLastIndex(({ status }) => status === 'ok');
  const last = burst[lastIndex];
  if (!last) return [];
  const ends = lastOrderPerServer(acknowledgedOf(last, executionsOf));
  if (ends.size === 0) return [finding(last, 'the last SET of its burst was executed nowhere')];
  const older = burst.slice(0, lastIndex).flatMap((operation) =>
    executionsOf(operation)
      .filter(({ server, order }) => order > (ends.get(server) ?? Infinity))
      .map(({ server }) => ({ id: operation.id, server })),
  );
  return older.slice(0, 1).map(({ id, server }) => finding(last, `on ${server} the older ${id} was executed after it`));
}

function inversionsIn(burst: readonly Operation[], executionsOf: ExecutionsOf): Finding[] {
  const firsts = burst.flatMap((operation, place) =>
    [...firstOrderPerServer(executionsOf(operation))].map(([server, order]) => ({ operation, place, server, order })),
  );
  firsts.sort((left, right) => left.order - right.order);
  const newest = new Map<string, number>();
  return firsts.flatMap(({ operation, place, server, order }) => {
    const reached = newest.get(server) ?? -1;
    // One whose call failed may stand anywhere: its caller does not know if it was executed.
    const isAcknowledged = acknowledgedOf(operation, executionsOf).some((execution) => execution.server === server);
    if (operation.status === 'ok' && isAcknowledged) newest.set(server, Math.max(reached, place));
    // Whatever was sent again behind both is in order again.
    const isRestored = (lastOrderPerServer(executionsOf(burst[reached] ?? operation)).get(server) ?? 0) > order;
    return place < reached && !isRestored
      ? [finding(operation, `on ${server} behind the newer ${burst[reached]!.id}`)]
      : [];
  });
}

/** All members of a group run together, in one unit of one server, or not at all. */
export function judgeTransactions(
  history: readonly Operation[],
  executionsOf: ExecutionsOf,
  caps: ResolvedCaps,
): Finding[] {
  // Reads are not logged, and neither is a DEL or SADD that changes nothing.
  const groups = groupBy(history, ({ group, safety }) =>
    safety === 'other-write' || safety === 'effect-and-reply' ? group : undefined,
  );
  return [...groups].flatMap(([group, members]) => {
    const detail = brokenTransaction(members, executionsOf, caps);
    return detail === undefined ? [] : [finding(members[0]!, `group ${group}: ${detail}`)];
  });
}

function brokenTransaction(
  members: readonly Operation[],
  executionsOf: ExecutionsOf,
  caps: ResolvedCaps,
): string | undefined {
  const all = members.flatMap((member) => executionsOf(member).map((execution) => ({ member, execution })));
  const servers = groupBy(all, ({ execution }) => execution.server);
  for (const [server, executed] of servers) {
    const present = new Set(executed.map(({ member }) => member)).size;
    if (present < members.length) return `${present} of ${members.length} members executed on ${server}`;
    // A single logged command needs no MULTI around it, so it stands for itself.
    const units = groupBy(executed, ({ execution: { transaction, order } }) => transaction ?? `single ${order}`);
    for (const unit of units.values()) {
      if (new Set(unit.map(({ member }) => member)).size < members.length)
        return `not executed as one unit on ${server}`;
    }
  }
  if (servers.size > 1 && !mayRepeat('other-write', caps.otherEndpoint)) {
    return `executed on ${[...servers.keys()].join(' and ')}`;
  }
  return undefined;
}

function lastOrderPerServer(executions: readonly Execution[]): ReadonlyMap<string, number> {
  return new Map(executions.map(({ server, order }) => [server, order]));
}

function firstOrderPerServer(executions: readonly Execution[]): ReadonlyMap<string, number> {
  return new Map([...executions].reverse().map(({ server, order }) => [server, order]));
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
