import { collectExecuted } from '../../spec/support/checker/collect.ts';
import { type Finding, VIOLATIONS } from '../../spec/support/checker/report.ts';
import { type Report, judge, type RetryCaps, type ServerLog } from '../../spec/support/checker/verdict.ts';
import type { GeoPair } from '../../spec/support/geo-pair.ts';
import { judgeNews } from '../../spec/support/side-loads/news.ts';
import { judgeQueue } from '../../spec/support/side-loads/queue.ts';
import type { RoundResult } from './protocol.ts';
import { judgeWatched } from './watched.ts';

/** What has to be zero beside the rules of the checker. */
export const FURTHER_RULES = [
  'elements',
  'messages',
  'lost updates',
  'keys not scanned',
  'no progress',
  'hanging',
  'leaks',
] as const;

export type Rule = (typeof VIOLATIONS)[number] | (typeof FURTHER_RULES)[number];

export const RULES: readonly Rule[] = [...VIOLATIONS, ...FURTHER_RULES];

export type FurtherFindings = Partial<Record<(typeof FURTHER_RULES)[number], readonly string[]>>;

export interface Judgement {
  readonly report: Report;
  readonly logs: readonly ServerLog[];
  readonly further: FurtherFindings;
}

/** Compares what the client's process was told with what the servers executed. */
export async function judgeRound(pair: GeoPair, result: RoundResult, caps: RetryCaps = {}): Promise<Judgement> {
  const { history, unhandled, switches, neverWritten, queue, news, scans, hanging } = result;
  const unwritten = new Set(neverWritten);
  const logs = await collectExecuted(pair.servers);
  const report = judge({
    history,
    unhandled,
    servers: logs,
    caps,
    requireOutcome: true,
    wasWritten: (id) => !unwritten.has(id),
    switchedBetween: (write, follower) =>
      switches.some(
        ({ seenAt }) => seenAt >= write.issuedAt && seenAt <= (follower.settledAt ?? Number.POSITIVE_INFINITY),
      ),
  });
  return {
    report,
    logs,
    further: {
      elements: judgeQueue(queue, logs),
      messages: judgeNews(news),
      'lost updates': judgeWatched(logs),
      'keys not scanned': scans.lacking,
      hanging,
    },
  };
}

/** How often each rule was broken. */
export function countFindings(report: Report, further: FurtherFindings): Record<Rule, number> {
  const found = (rule: Rule): readonly (Finding | string)[] =>
    rule in further
      ? ((further as Record<string, readonly string[]>)[rule] ?? [])
      : ((report as unknown as Record<string, readonly Finding[]>)[rule] ?? []);
  return Object.fromEntries(RULES.map((rule) => [rule, found(rule).length])) as Record<Rule, number>;
}
