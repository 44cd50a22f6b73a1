import { expect } from 'chai';
import { peakPerSecond, perSecond } from '../../benchmarks/fleet/figures.ts';
import { type FleetFigures, runFleet } from '../../benchmarks/fleet/fleet-run.ts';
import { plotFleet } from '../../benchmarks/fleet/plot.ts';
import { type Scenario, scenariosOf } from '../../benchmarks/fleet/scenarios.ts';

const CLIENTS = 25;

/** Minutes of many clients. */
const LONG_MS = 60_000;

describe('The simulation of a fleet', () => {
  const run = (scenario: Scenario, seed = 1): Promise<FleetFigures> =>
    runFleet(scenario, { clients: CLIENTS, seed, duplicates: 1 });

  /** The region is away for longer than the grace period. */
  const scenarios = scenariosOf(['killed'], [70], 'balanced');

  it('moves every client away once, and back once', async () => {
    for (const scenario of [...scenarios.slice(1), ...scenariosOf(['silent'], [5], 'fast').slice(1, 2)]) {
      const { moved, back, surplus } = await run(scenario);

      expect([moved.clients, back.clients, surplus]).to.deep.equal([CLIENTS, CLIENTS, 0]);
    }
  }).timeout(LONG_MS);

  it('comes to the same figures with the same seed, and to others with another one', async () => {
    const scenario = scenarios[2]!;
    const [one, again, other] = [await run(scenario), await run(scenario), await run(scenario, 2)];

    expect(again).to.deep.equal(one);
    expect(other).not.to.deep.equal(one);
  }).timeout(LONG_MS);

  it('goes back all at once without jitter, and bit by bit with it, also when the region was away for long', async () => {
    const atOnce = await run(scenarios[0]!);
    const spread = await run(scenarios[2]!);

    expect(atOnce.back.lastSeconds - atOnce.back.firstSeconds).to.be.below(2);
    expect(spread.back.lastSeconds - spread.back.firstSeconds).to.be.above(15);
    expect(spread.back.peakSwitches).to.be.below(atOnce.back.peakSwitches / 3);
    expect(spread.moved).to.deep.equal(atOnce.moved);
  }).timeout(LONG_MS);

  it('counts the busiest second, wherever it begins', () => {
    expect(peakPerSecond([0, 900, 1_100, 1_899, 1_901, 5_000])).to.equal(3);
    expect(peakPerSecond([])).to.equal(0);
    expect(perSecond([99, 100, 1_099, 1_100, 3_100], 100, 3)).to.deep.equal([2, 1, 0]);
  });

  it('is plotted', async () => {
    const figures = await run(scenarios[0]!);
    const plot = plotFleet(scenarios.map((scenario) => ({ scenario, figures })));

    expect(plot.match(/<polyline/g)).to.have.length(9);
    expect(plot).not.to.match(/NaN|undefined/);
  });
});
