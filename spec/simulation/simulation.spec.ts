import { expect } from 'chai';
import { createGeoFailoverRedis } from '../../lib/index.ts';
import { formatReport } from '../support/checker/verdict.ts';
import { type SimulationOptions, type SimulationResult, simulate } from './simulation.ts';

describe('The simulation', () => {
  const simulateSeed = (seed: number, options: Partial<SimulationOptions> = {}): Promise<SimulationResult> =>
    simulate({ seed, create: createGeoFailoverRedis, operations: 1_000, ...options });

  for (const seed of [101, 102, 103]) {
    it(`breaks no rule with seed ${seed}`, async () => {
      const { report, problems } = await simulateSeed(seed);

      expect(report.ok, formatReport(report)).to.equal(true);
      expect(problems).to.deep.equal([]);
      expect(report.byStatus.ok).to.be.above(500);
    });
  }

  it('is the same for the same seed, and another one for another', async () => {
    const traces: string[][] = [[], [], []];
    const results = [];
    for (const [i, seed] of [7, 7, 8].entries()) {
      results.push(await simulateSeed(seed, { operations: 300, onTrace: (line) => traces[i]?.push(line) }));
    }

    expect(traces[1]).to.deep.equal(traces[0]);
    expect(traces[0]?.length).to.be.above(100);
    expect(results[1]?.traceHash).to.equal(results[0]?.traceHash);
    expect(results[2]?.traceHash).not.to.equal(results[0]?.traceHash);
  });

  it('has no switch without a fault', async () => {
    // Seed 1 draws a client without an offline queue, which refuses what is called before it is connected.
    const { switches, report } = await simulateSeed(2, { faults: [] });

    expect(switches).to.deep.equal([]);
    expect(report.errors.byCode).to.deep.equal({});
  });
});
