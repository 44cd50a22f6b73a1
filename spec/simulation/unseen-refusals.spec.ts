import { expect } from 'chai';
import { createGeoFailoverRedis } from '../../lib/index.ts';
import { formatReport } from '../support/checker/verdict.ts';
import type { Fault } from './faults.ts';
import type { SetUp } from './set-up.ts';
import { simulate } from './simulation.ts';

const FIVE_MINUTES = 300_000;
const RATE = 5;

/** Every option has its default. */
const setUp: SetUp = {
  ...{ endpoints: 2, operationsPerSecond: RATE, faultsPerSecond: 0, bursts: 0 },
  ...{
    startsAmidFaults: false,
    loadsDuplicate: false,
    refusesMulti: false,
    sideLoads: [],
    gate: 'none',
    check: 'none',
  },
  ...{ latency: { leastMs: 0.05, mostMs: 1 }, drainMs: undefined, options: {}, redis: {} },
};

/** PING is answered all the while. */
const writesRefused: Fault = {
  ...{ kind: 'noreplicas', target: 0, atMs: 1_000, forMs: FIVE_MINUTES },
  ...{ bytes: 0, requests: 0, replies: 0, command: '' },
};

describe('Five minutes in which an endpoint refuses every write while its checks are good', () => {
  it('are an error for nobody, and three failovers with two failbacks', async () => {
    const { report, problems, switches } = await simulate({
      ...{ seed: 1, create: createGeoFailoverRedis, setUp, faults: [writesRefused] },
      operations: (RATE * (FIVE_MINUTES + 1_500)) / 1_000,
    });

    expect(report.ok, formatReport(report)).to.equal(true);
    expect(report.errors.byCode).to.deep.equal({});
    expect(switches.map((text) => text.replace(/ at \d+ ms/, ''))).to.deep.equal([
      'a > b: failover, circuit-breaker',
      'b > a: failback, failback',
      'a > b: failover, circuit-breaker',
      'b > a: failback, failback',
      'a > b: failover, circuit-breaker',
    ]);
    // It is held down for four minutes from its last failure on, and the simulation waits for less than one.
    expect(problems).to.deep.equal(['the best endpoint is not active again']);
  }).timeout(60_000);
});
