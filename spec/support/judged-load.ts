import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { collectExecuted } from './checker/collect.ts';
import type { Operation } from './checker/history.ts';
import { type Load, type LoadOptions, startLoad } from './checker/load.ts';
import { type Report, formatReport, judge } from './checker/verdict.ts';
import type { GeoPair } from './geo-pair.ts';
import { wasWritten, watchWrittenOperations } from './written-operations.ts';

export interface JudgedLoad {
  readonly load: Load;
  /** Ends the load and asserts that the callers were told the truth about everything. */
  finish: () => Promise<{ report: Report; history: readonly Operation[]; errors: Operation[] }>;
}

/** A load on the client, which the checker judges by what the servers executed. */
export function startJudgedLoad(
  pair: Pick<GeoPair, 'servers'>,
  client: GeoFailoverRedis,
  options: LoadOptions = {},
): JudgedLoad {
  watchWrittenOperations();
  // The servers do not replicate: a read behind a switch cannot see what was written before it.
  const switches: number[] = [];
  client.geo.on('endpointSwitched', () => switches.push(performance.now()));
  // Bounded, so that a test which fails in between does not leave it running.
  const load = startLoad(client, { identify: () => client.geo.activeEndpoint, durationMs: 30_000, ...options });
  return {
    load,
    async finish() {
      const { history, unhandled } = await load.stop();
      const report = judge({
        history,
        unhandled,
        servers: await collectExecuted(pair.servers),
        wasWritten,
        switchedBetween: (write, follower) =>
          switches.some((at) => at >= write.issuedAt && at <= (follower.settledAt ?? Number.POSITIVE_INFINITY)),
      });
      expect(report.ok, formatReport(report)).to.equal(true);
      return { report, history, errors: history.filter(({ status }) => status === 'error') };
    },
  };
}
