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
  const fault = (part: Partial<FaultRecord>): FaultRecord => ({
    ...{ kind: 'kill', detail: '', isConfirmed: true, endpoints: [], fromMs: 100, untilMs: 200 },
    ...part,
  });
  const unexplained = (event: SeenSwitch, ...faults: Partial<FaultRecord>[]): number =>
    unexplainedFailovers([event], faults.map(fault), STARTED_AT).length;
  const atEast = { endpoints: ['east'] };

  it('is explained by a fault of the endpoint that was left, and by what follows from it', () => {
    expect([unexplained(at(150), atEast), unexplained(at(2_000), atEast)]).to.deep.equal([0, 0]);
  });

  it('is not explained by a fault of another one, or by one that comes later or is long over', () => {
    expect(unexplained(at(150), { endpoints: ['west'] })).to.equal(1);
    expect([unexplained(at(50), atEast), unexplained(at(9_000), atEast)]).to.deep.equal([1, 1]);
  });

  it('is explained by a fault that the process did not notice before, because it did not run', () => {
    expect(unexplained(at(5_100), atEast, { kind: 'stop', fromMs: 50, untilMs: 5_000 })).to.equal(0);
    expect(unexplained(at(5_100), atEast, { kind: 'stop', fromMs: 300, untilMs: 5_000 })).to.equal(1);
  });

  it('is explained by two connections that are lost one after the other, and not by one', () => {
    expect(unexplained(at(150), { kind: 'reset' }, { kind: 'cut-reply' })).to.equal(0);
    expect(unexplained(at(150), { kind: 'reset' })).to.equal(1);
    expect(unexplained(at(3_000), { kind: 'reset' }, { kind: 'reset', fromMs: 2_900 })).to.equal(1);
  });

  it('needs no explanation when it is none', () => {
    expect(unexplained(at(150, { kind: 'failback' }))).to.equal(0);
  });
});
