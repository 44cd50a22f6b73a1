import { expect } from 'chai';
import { type PlannedSwitchOutcome, runPlannedSwitch } from '../../lib/failover/planned-switch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeParticipant } from './fake-participant.ts';

describe('A planned switch', () => {
  let clock: FakeClock;
  let log: string[];
  let one: FakeParticipant;
  let two: FakeParticipant;
  let isCurrent: boolean;

  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    one = new FakeParticipant('one', log);
    two = new FakeParticipant('two', log);
    isCurrent = true;
  });

  function run(participants = [one, two]): Promise<PlannedSwitchOutcome> {
    return runPlannedSwitch({
      participants,
      from: 'a',
      drainMs: 1_000,
      clock,
      isCurrent: () => isCurrent,
      performSwitch: () => log.push('switch'),
    });
  }

  it('holds everybody, drains, switches, and releases everybody', async () => {
    const outcome = run();
    expect(log).to.deep.equal(['one: hold', 'two: hold', 'one: drain a in 1000', 'two: drain a in 1000']);
    log.length = 0;
    one.drain(true);
    await Promise.resolve();
    expect(log).to.deep.equal([]);
    two.drain(true);
    await outcome;

    expect(log).to.deep.equal(['switch', 'one: release', 'two: release']);
  });

  it('tells for how long commands were held', async () => {
    const outcome = run();
    clock.advance(70);
    one.drain(true);
    clock.advance(30);
    two.drain(true);

    expect(await outcome).to.deep.equal({ isDone: true, isDrained: true, heldMs: 100 });
  });

  it('switches also when not everything was drained in time, and tells so', async () => {
    const outcome = run();
    one.drain(true);
    two.drain(false);

    expect(await outcome).to.include({ isDone: true, isDrained: false });
    expect(log).to.include('switch');
  });

  it('does not switch when it is not wanted any more, and releases everybody all the same', async () => {
    const outcome = run();
    isCurrent = false;
    one.drain(true);
    two.drain(true);

    expect(await outcome).to.include({ isDone: false });
    expect(log).not.to.include('switch');
    expect(log.slice(-2)).to.deep.equal(['one: release', 'two: release']);
  });

  it('releases everybody when something goes wrong', async () => {
    const outcome = run().catch((error: unknown) => error);
    one.drain(true);
    two.fail(new Error('unexpected'));

    expect(await outcome).to.have.property('message', 'unexpected');
    expect(log.slice(-2)).to.deep.equal(['one: release', 'two: release']);
  });

  it('switches at once when nobody takes part', async () => {
    expect(await run([])).to.deep.equal({ isDone: true, isDrained: true, heldMs: 0 });
    expect(log).to.deep.equal(['switch']);
  });
});
