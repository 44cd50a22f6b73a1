import { expect } from 'chai';
import { createGeoFailoverRedis } from '../../lib/index.ts';
import { allCases, type FailoverCase } from '../failover/case-runner/case-file.ts';
import { seededRandom } from '../support/checker/random.ts';
import { obstacleOf } from './case-runner/feasibility.ts';
import { SimulatedCase } from './case-runner/simulated-case.ts';
import { VirtualTime } from './virtual-time.ts';
import { warmUp } from './warm-up.ts';

describe('The rules of failover and failback, in the simulation', () => {
  const realRandom = Math.random;
  let time: VirtualTime;

  before(() => warmUp());

  beforeEach(() => {
    time = new VirtualTime();
    Math.random = seededRandom(1);
  });

  afterEach(() => {
    Math.random = realRandom;
    time.end();
  });

  let count = 0;
  for (const { subject, cases } of allCases()) {
    describe(subject, () => {
      for (const each of cases) {
        if (obstacleOf(each) !== undefined) continue;
        count++;
        it(each.title, () => run(each));
      }
    });
  }

  async function run(given: FailoverCase): Promise<void> {
    const simulated = new SimulatedCase(given, createGeoFailoverRedis, time);
    let active = Object.entries(given.given.endpoints).sort(([, a], [, b]) => b - a)[0]?.[0];
    const expected = given.steps.map(({ events = [], rejected = [], state, ...step }) => {
      active = step.active ?? active;
      return { events, rejected, active, ...(state && { state }) };
    });
    const happened = await simulated.run();
    await simulated.close();

    expect(happened).to.deep.equal(expected);
  }

  it('are a hundred of the cases at least', () => {
    expect(count).to.be.at.least(100);
  });
});
