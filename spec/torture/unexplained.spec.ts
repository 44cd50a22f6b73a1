import { expect } from 'chai';
import type { FaultRecord } from '../../scripts/torture/faults/fault-log.ts';
import type { SeenSwitch } from '../../scripts/torture/protocol.ts';
import { unexplainedFailovers } from '../../scripts/torture/unexplained.ts';

describe('A failover in the torture', () => {
  const STARTED_AT = 1_000_000;
  const at = (ms: number, part: Partial<SeenSwitch> = {}): SeenSwitch => ({
    ...{ from: 'east', to: 'west', kind: 'failover', reason: 'silence', epoch: 1, durationMs: 1, seenAt: 0 },
    at: STARTED_AT + ms,
    ...part,
  });
  const fault = (endpoints: string[]): FaultRecord => ({
    ...{ kind: 'kill', detail: '', isConfirmed: true },
    endpoints,
    fromMs: 100,
    untilMs: 200,
  });
  const unexplained = (event: SeenSwitch, ...endpoints: string[]): number =>
    unexplainedFailovers([event], [fault(endpoints)], STARTED_AT).length;

  it('is explained by a fault of the endpoint that was left, and by what follows from it', () => {
    expect([unexplained(at(150), 'east'), unexplained(at(2_000), 'east')]).to.deep.equal([0, 0]);
  });

  it('is not explained by a fault of another one, or by one that comes later or is long over', () => {
    expect(unexplained(at(150), 'west')).to.equal(1);
    expect([unexplained(at(50), 'east'), unexplained(at(9_000), 'east')]).to.deep.equal([1, 1]);
  });

  it('needs no explanation when it is none', () => {
    expect(unexplained(at(150, { kind: 'failback' }), 'west')).to.equal(0);
  });
});
