import { expect } from 'chai';
import type { Operation } from '../support/checker/history.ts';
import { FAULT_NAMES, type FaultName, fault } from '../support/faults.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { nextEvent } from '../support/next-event.ts';

/** How long each fault takes with the defaults is measured by the benchmarks. */
const options = {
  ...SHORT_TIMES,
  failback: { ...SHORT_TIMES.failback, gracePeriodMs: 200 },
  circuitBreaker: { halfOpenAfterMs: 200 },
};

const REASONS: Readonly<Record<FaultName, readonly string[] | 'stays'>> = {
  killed: ['connection-lost', 'health-check'],
  refused: ['connection-lost', 'health-check'],
  reset: 'stays',
  blackholed: ['silence', 'health-check'],
  frozen: ['silence', 'health-check'],
  'replies swallowed': ['silence', 'health-check'],
  'delayed by 1.5 s': ['silence', 'health-check'],
  'every reply LOADING': ['rejected', 'health-check'],
  'made a replica': ['rejected', 'health-check'],
  'writes READONLY, checks good': ['circuit-breaker'],
};

/**
 * Faults by which the server says that it did not execute: nobody may see an error, whatever the command. Scripts are the
 * exception: they can reply with any text themselves, after a write, so that the text proves nothing.
 */
const NO_ERROR_AT_ALL: readonly FaultName[] = ['every reply LOADING', 'made a replica', 'writes READONLY, checks good'];

describe('A client under load whose active endpoint fails', () => {
  const pair = geoPairForEachTest();

  for (const name of FAULT_NAMES) {
    const expected = REASONS[name];
    it(`${expected === 'stays' ? 'stays when it is' : 'moves away and back when it is'} ${name}`, async () => {
      const client = await pair.connect(options);
      const { load, finish } = startJudgedLoad(pair, client);
      const happening = fault(name);
      expect(await load.nextSuccesses(50)).to.equal(true);

      const switched = nextEvent(client, 'endpointSwitched');
      await happening.apply(pair.east);
      if (expected !== 'stays') {
        const event = await switched;
        expect(event).to.include({ from: 'east', to: 'west', kind: 'failover', epoch: 1 });
        expect(expected).to.include(event.reason);
      }
      expect(await load.nextSuccesses(50)).to.equal(true);

      const failedBack = nextEvent(client, 'endpointSwitched', ({ kind }) => kind === 'failback');
      await happening.heal(pair.east);
      if (expected !== 'stays') expect(await failedBack).to.include({ from: 'west', to: 'east', epoch: 2 });
      expect(await load.nextSuccesses(50)).to.equal(true);

      const { errors } = await finish();
      expect(client.geo.epoch).to.equal(expected === 'stays' ? 0 : 2);
      const ofOthers = errors.filter(({ kind }) => kind !== 'script');
      if (NO_ERROR_AT_ALL.includes(name)) expect(ofOthers.map(summary)).to.deep.equal([]);
      for (const error of errors) expectToldWell(error);
    });
  }
});

/** Only what may have run, and must not run twice, may fail; and then with everything that there is to say. */
function expectToldWell(operation: Operation): void {
  expect(operation.safety, summary(operation)).to.be.oneOf(['effect', 'other-write']);
  expect(operation.error, summary(operation)).to.include({
    code: 'GEO_AMBIGUOUS',
    endpointId: 'east',
    outcome: 'maybe-executed',
  });
  expect(operation.error?.message).to.equal('Connection is closed.');
}

function summary({ kind, command, error }: Operation): string {
  return `${kind} ${command}: ${error?.explanation ?? error?.message ?? ''}`;
}
