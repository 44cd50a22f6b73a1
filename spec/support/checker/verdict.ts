import { attribute, type ServerLog } from './attribution.ts';
import {
  DEFAULT_CAPS,
  judgeErrorFields,
  judgeMissing,
  judgeOutcome,
  judgeRepetition,
  type RetryCaps,
} from './execution-rules.ts';
import { OPERATION_ID, type Operation } from './history.ts';
import { judgeBursts, judgeTransactions } from './order-rules.ts';
import { judgeReply, type ReplyContext } from './reply-rules.ts';
import { finding, VIOLATIONS, type Finding, type Report } from './report.ts';

export type { ServerLog } from './attribution.ts';
export type { RetryCap, RetryCaps } from './execution-rules.ts';
export { formatReport, type Finding, type Report } from './report.ts';

export interface Evidence {
  /** In the order of issue. */
  readonly history: readonly Operation[];
  /** What each server executed, see `collectExecuted`. */
  readonly servers: readonly ServerLog[];
  /** The client's retry options. Default: those of the product. */
  readonly caps?: RetryCaps;
  /** Whether an operation was ever written to a socket, as far as somebody watched. */
  readonly wasWritten?: (id: string) => boolean | undefined;
  /** Unhandled rejections, see `LoadResult`. */
  readonly unhandled?: readonly string[];
  /** Every error but a server's reply must carry code, endpointId and outcome, whatever its class. */
  readonly requireOutcome?: boolean;
  /**
   * Whether the active endpoint changed between a write and the command that was issued behind it. The servers do not
   * replicate to each other, so such a read finds nothing and such a DEL removes nothing, and no client can help it.
   * Without it a read that misses its write is a violation, and a DEL that removes nothing is one only if every server
   * had the key.
   */
  readonly switchedBetween?: (write: Operation, follower: Operation) => boolean;
}

/** Compares what the application was told with what the servers did. */
export function judge(evidence: Evidence): Report {
  const { history, servers, wasWritten, unhandled = [], requireOutcome = false } = evidence;
  const caps = { ...DEFAULT_CAPS, ...evidence.caps };
  const executions = attribute(history, servers);
  const executionsOf = ({ id }: Operation) => executions.get(id) ?? [];
  const byId = new Map(history.map((operation) => [operation.id, operation]));
  const replies: ReplyContext = {
    caps,
    servers: servers.map(({ name }) => name),
    executionsOf,
    writeBefore: ({ behind }) => (behind === undefined ? undefined : byId.get(behind)),
    switchedBetween: evidence.switchedBetween,
  };

  const perOperation = history.map((operation) => {
    const executed = executionsOf(operation);
    return {
      ...judgeRepetition(operation, executed, caps),
      ...judgeOutcome(operation, executed, wasWritten),
      ...judgeReply(operation, replies),
      missing: judgeMissing(operation, executed),
      errorsWithoutOutcome: judgeErrorFields(operation, requireOutcome),
      pending: operation.status === 'pending' ? finding(operation, 'never settled') : undefined,
    };
  });
  const collect = (rule: keyof (typeof perOperation)[number]): Finding[] =>
    perOperation.flatMap((findings) => findings[rule] ?? []);

  const report = {
    doubled: collect('doubled'),
    repeated: collect('repeated'),
    missing: collect('missing'),
    untrueNotExecuted: collect('untrueNotExecuted'),
    untrueMaybeExecuted: collect('untrueMaybeExecuted'),
    errorsWithoutOutcome: collect('errorsWithoutOutcome'),
    ...judgeBursts(history, executionsOf),
    partialTransactions: judgeTransactions(history, executionsOf, caps),
    wrongReply: collect('wrongReply'),
    readBehindWrite: collect('readBehindWrite'),
    answeredElsewhere: collect('answeredElsewhere'),
    pending: collect('pending'),
    unhandled,
    errors: countErrors(history),
    byKind: countByKind(history),
    byStatus: countStatus(history),
    executed: Object.fromEntries(servers.map(({ name, executed }) => [name, executed.length])),
  };
  return { ok: VIOLATIONS.every((rule) => report[rule].length === 0), ...report };
}

function countErrors(history: readonly Operation[]): Report['errors'] {
  const errors = history.flatMap(({ error }) => error ?? []);
  return {
    byCode: tally(errors.map(({ code }) => code ?? 'none')),
    byOutcome: tally(errors.map(({ outcome }) => outcome ?? 'none')),
    byMessage: tally(errors.map(({ name, message }) => `${name}: ${withoutNumbers(message)}`)),
  };
}

function withoutNumbers(message: string): string {
  return message.replace(OPERATION_ID, '<op>').replace(/\d+/g, '#');
}

function countByKind(history: readonly Operation[]): Report['byKind'] {
  const kinds = new Set(history.map(({ kind }) => kind));
  return Object.fromEntries([...kinds].map((kind) => [kind, countStatus(history.filter((op) => op.kind === kind))]));
}

function countStatus(history: readonly Operation[]): Report['byStatus'] {
  const counts = { ok: 0, error: 0, pending: 0 };
  for (const { status } of history) counts[status]++;
  return counts;
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
