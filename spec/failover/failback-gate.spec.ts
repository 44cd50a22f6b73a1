import { expect } from 'chai';
import type { GeoFailoverEvents } from '../../lib/events.ts';
import { failbackGate } from '../../lib/failover/failback-gate.ts';
import type { FailbackGate } from '../../lib/options/failback-options.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('The gate before a failback', () => {
  let clock: FakeClock;
  let failed: string[];

  beforeEach(() => {
    clock = new FakeClock();
    failed = [];
  });

  function ask(gate: FailbackGate | undefined): Promise<boolean> {
    const emit = (_event: string, payload: GeoFailoverEvents[keyof GeoFailoverEvents]): void => {
      if ('action' in payload) failed.push(`${payload.action}: ${payload.error.message}`);
    };
    return failbackGate(gate, { clock, events: { emit } })('b', 'a');
  }

  it('is open where there is none', async () => {
    expect(await ask(undefined)).to.equal(true);
  });

  for (const answer of [true, false]) {
    it(`may answer ${answer} at once or later`, async () => {
      expect([await ask(() => answer), await ask(() => Promise.resolve(answer))]).to.deep.equal([answer, answer]);
      expect(clock.timers).to.deep.equal([]);
    });
  }

  it('is told about what it is asked', async () => {
    let asked: unknown;
    await ask((context) => {
      asked = context;
      return true;
    });

    expect(asked).to.deep.equal({ from: 'b', to: 'a' });
  });

  const failing: readonly FailbackGate[] = [
    () => {
      throw new Error('no idea');
    },
    () => Promise.reject(new Error('no idea')),
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- applications do
    () => Promise.reject('no idea'),
  ];
  for (const [i, gate] of failing.entries()) {
    it(`has refused when it fails (${i + 1})`, async () => {
      expect(await ask(gate)).to.equal(false);
      expect(failed).to.deep.equal(['failback.gate: no idea']);
    });
  }

  it('has refused when it does not answer', async () => {
    const answer = ask(() => new Promise(() => undefined));
    clock.advance(29_999);
    expect(failed).to.deep.equal([]);
    clock.advance(1);

    expect(await answer).to.equal(false);
    expect(failed).to.deep.equal(['failback.gate: failback.gate has not answered within 30000 ms']);
  });
});
