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

  /** What was told when everybody had been released. */
  async function run(participants = [one, two]): Promise<PlannedSwitchOutcome | undefined> {
    let told: PlannedSwitchOutcome | undefined;
    const steps = {
      participants: () => participants,
      from: 'a',
      drainMs: 1_000,
      clock,
      isCurrent: () => isCurrent,
      performSwitch: () => log.push('switch'),
    };
    await runPlannedSwitch(steps, (outcome) => {
      log.push('told');
      told = outcome;
    });
    return told;
  }

  it('holds everybody, drains, switches, and releases everybody', async () => {
    const outcome = run();
    expect(log).to.deep.equal(['one: hold', 'two: hold', 'one: drain a in 1000', 'two: drain a in 1000']);
    log.length = 0;
    one.drain();
    await Promise.resolve();
    expect(log).to.deep.equal([]);
    two.drain();
    await outcome;

    expect(log).to.deep.equal(['switch', 'one: release', 'two: release', 'told']);
  });

  it('tells what became of commands, and how long it took', async () => {
    const outcome = run();
    clock.advance(70);
    [one.waiting, two.waiting] = [3, 4];
    one.drain({ answered: 10, unanswered: 0 });
    clock.advance(30);
    two.drain({ answered: 20, unanswered: 2 });

    expect(await outcome).to.deep.equal({ moved: 7, drained: 30, interrupted: 2, drainMs: 100, switchMs: 0 });
  });

  it('switches also when not everything was drained in time', async () => {
    const outcome = run();
    one.drain();
    two.drain({ answered: 0, unanswered: 1 });

    expect(await outcome).to.include({ interrupted: 1 });
    expect(log).to.include('switch');
  });

  it('does not switch when it is not wanted any more, and releases everybody all the same', async () => {
    const outcome = run();
    isCurrent = false;
    one.drain();
    two.drain();

    await outcome;
    expect(log).not.to.include('switch');
    expect(log.slice(-3)).to.deep.equal(['one: release', 'two: release', 'told']);
  });

  it('holds and drains who joins meanwhile, in what is left of the time', async () => {
    const participants = [one];
    const outcome = run(participants);
    clock.advance(300);
    participants.push(two);
    one.drain({ answered: 1, unanswered: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).to.deep.equal(['one: hold', 'one: drain a in 1000', 'two: hold', 'two: drain a in 700']);
    two.drain({ answered: 2, unanswered: 0 });

    expect(await outcome).to.include({ drained: 3 });
    expect(log.slice(-4)).to.deep.equal(['switch', 'one: release', 'two: release', 'told']);
  });

  it('releases everybody when something goes wrong', async () => {
    const outcome = run().catch((error: unknown) => error);
    one.drain();
    two.fail(new Error('unexpected'));

    expect(await outcome).to.have.property('message', 'unexpected');
    expect(log.slice(-2)).to.deep.equal(['one: release', 'two: release']);
  });

  it('switches at once when nobody takes part', async () => {
    expect(await run([])).to.deep.equal({ moved: 0, drained: 0, interrupted: 0, drainMs: 0, switchMs: 0 });
    expect(log).to.deep.equal(['switch', 'told']);
  });
});
