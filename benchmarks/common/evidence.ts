import { collectExecuted, type CollectableServer } from '../../spec/support/checker/collect.ts';
import type { Operation } from '../../spec/support/checker/history.ts';
import { type Finding, VIOLATIONS } from '../../spec/support/checker/report.ts';
import { judge, type Report } from '../../spec/support/checker/verdict.ts';
import { wasWritten, watchWrittenOperations } from '../../spec/support/written-operations.ts';
import type { Observation } from './observe-client.ts';

watchWrittenOperations();

export interface RunEvidence {
  readonly history: readonly Operation[];
  readonly unhandled: readonly string[];
  readonly servers: Readonly<Record<string, CollectableServer>>;
  readonly observation: Observation;
}

/** The checker's verdict. The endpoints do not replicate, so a switch explains what is missing on the other one. */
export async function judgeRun({ servers, observation, ...run }: RunEvidence): Promise<Report> {
  return judge({
    ...run,
    servers: await collectExecuted(servers),
    requireOutcome: true,
    wasWritten,
    switchedBetween: (write, follower) =>
      observation.switchedBetween(write.issuedAt, follower.settledAt ?? Number.POSITIVE_INFINITY),
  });
}

export type RuleCounts = Readonly<Record<(typeof VIOLATIONS)[number], number>>;

export function countViolations(report: Report): RuleCounts {
  const counts = VIOLATIONS.map((rule): [string, number] => {
    const found: readonly (Finding | string)[] = report[rule];
    return [rule, found.length];
  });
  return Object.fromEntries(counts) as RuleCounts;
}
