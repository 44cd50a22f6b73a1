import type { Execution } from './attribution.ts';
import type { Operation, OperationSafety } from './history.ts';
import { finding, type Finding } from './report.ts';

export type RetryCap = 'none' | 'read-only' | 'effect-and-reply' | 'effect' | 'any';

/** How far a command may be repeated after an ambiguous failure: the product's `retry` options. */
export interface RetryCaps {
  readonly sameEndpoint?: RetryCap;
  readonly otherEndpoint?: RetryCap;
}

export type ResolvedCaps = Required<RetryCaps>;

export const DEFAULT_CAPS: ResolvedCaps = { sameEndpoint: 'effect', otherEndpoint: 'effect-and-reply' };

const REACH: Record<RetryCap, number> = { none: 0, 'read-only': 1, 'effect-and-reply': 2, effect: 3, any: 4 };
const NEEDED: Record<OperationSafety, number> = { 'read-only': 1, 'effect-and-reply': 2, effect: 3, 'other-write': 4 };

export function mayRepeat(safety: OperationSafety, cap: RetryCap): boolean {
  return NEEDED[safety] <= REACH[cap];
}

export function countPerServer(executions: readonly Execution[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { server } of executions) counts.set(server, (counts.get(server) ?? 0) + 1);
  return counts;
}

/** `doubled` is a violation, `repeated` what the caps allow. */
export function judgeRepetition(
  operation: Operation,
  executions: readonly Execution[],
  caps: ResolvedCaps,
): { readonly doubled?: Finding; readonly repeated?: Finding } {
  if (executions.length < 2) return {};
  const counts = countPerServer(executions);
  const onOneServer = [...counts.values()].some((count) => count > 1);
  const onSeveral = counts.size > 1;
  const found = finding(operation, `executed ${describeCounts(counts)}`);
  const forbidden =
    (onOneServer && !mayRepeat(operation.safety, caps.sameEndpoint)) ||
    (onSeveral && !mayRepeat(operation.safety, caps.otherEndpoint));
  return forbidden ? { doubled: found } : { repeated: found };
}

export function judgeMissing(operation: Operation, executions: readonly Execution[]): Finding | undefined {
  if (operation.status !== 'ok' || operation.safety === 'read-only' || executions.length > 0) return undefined;
  // DEL of nothing or SADD of a member changes nothing and is not logged; reply rules say whether 0 can be true.
  if (operation.safety === 'effect' && operation.command !== 'HSET' && operation.reply === 0) return undefined;
  return finding(operation, `acknowledged with ${JSON.stringify(operation.reply)}, executed nowhere`);
}

export function judgeOutcome(
  operation: Operation,
  executions: readonly Execution[],
  wasWritten: ((id: string) => boolean | undefined) | undefined,
): { readonly untrueNotExecuted?: Finding; readonly untrueMaybeExecuted?: Finding } {
  const error = operation.error;
  if (error?.outcome === 'not-executed' && executions.length > 0) {
    const counts = describeCounts(countPerServer(executions));
    return { untrueNotExecuted: finding(operation, `"${error.message}" says not-executed, executed ${counts}`) };
  }
  // What a read sends names a key only, so that nobody can see whether it was written.
  const isKnown = operation.safety !== 'read-only';
  const wasNotWritten = isKnown && executions.length === 0 && wasWritten?.(operation.id) === false;
  if (error?.outcome === 'maybe-executed' && wasNotWritten) {
    return { untrueMaybeExecuted: finding(operation, `"${error.message}" says maybe-executed, was never written`) };
  }
  return {};
}

/** Server replies are errors of their own; with `all`, every other error has to come from the product. */
export function judgeErrorFields(operation: Operation, all: boolean): Finding | undefined {
  const error = operation.error;
  if (!error) return undefined;
  const isProducts = error.name.includes('GeoFailover') || (error.code?.startsWith('GEO_') ?? false);
  if (!isProducts && (!all || error.name === 'ReplyError')) return undefined;
  const lacking = (['code', 'endpointId', 'outcome'] as const).filter((field) => error[field] === undefined);
  if (lacking.length === 0) return undefined;
  return finding(operation, `${error.name} "${error.message}" lacks ${lacking.join(', ')}`);
}

function describeCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([server, count]) => `${count}x on ${server}`).join(', ');
}
