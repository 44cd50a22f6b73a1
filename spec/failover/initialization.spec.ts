import { expect } from 'chai';
import type { FailoverState } from '../../lib/failover/failover-state.ts';
import { Initialization } from '../../lib/failover/initialization.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { stateOf } from './flow.ts';

/** What the start does is told by the cases (`cases/01-start.yaml`). */
describe('The start', () => {
  let clock: FakeClock;
  let state: FailoverState;
  let told: string[];
  let initialization: Initialization;

  beforeEach(() => {
    clock = new FakeClock();
    state = stateOf('a 2, b 1');
    told = [];
    initialization = new Initialization({
      state: () => state,
      clock,
      policy: 'one',
      timeoutMs: 1_000,
      onOpened: () => undefined,
      onTooLate: (endpointId) => told.push(endpointId),
      onDegradedStart: ({ missing }) => told.push(...missing),
    });
    initialization.start();
    state = { ...state, endpoints: state.endpoints.map((each) => ({ ...each, isReady: each.id === 'b' })) };
  });

  it('tells when it is over', () => {
    clock.advance(1_000);

    expect(told).to.deep.equal(['a']);
  });

  it('waits for nothing any more when it is stopped', () => {
    initialization.stop();
    clock.advance(10_000);

    expect([told, clock.timers]).to.deep.equal([[], []]);
  });
});
