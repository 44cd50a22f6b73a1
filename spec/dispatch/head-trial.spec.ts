import { expect } from 'chai';
import { HeadTrial } from '../../lib/dispatch/head-trial.ts';
import type { WaitingCommand } from '../../lib/dispatch/waiting-command.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { waiting } from './commands.ts';

const REFUSED = new Error('READONLY');

describe('The trial of the head of the line', () => {
  const time = fakeTimeForEachTest();
  let head: WaitingCommand | 'unusable' | undefined;
  let sent: number;
  let passed: number;
  let trial: HeadTrial;

  beforeEach(() => {
    head = waiting('set k 1');
    sent = 0;
    passed = 0;
    trial = new HeadTrial({
      options: DEFAULTS,
      sendHead: () => {
        sent++;
        return head;
      },
      onPassed: () => passed++,
      onBackoffFailed: () => undefined,
    });
  });

  async function started(): Promise<WaitingCommand> {
    trial.start();
    await time.tickAsync(0);
    return head as WaitingCommand;
  }

  it('sends the head, and nothing else until it is answered', async () => {
    await started();
    await time.tickAsync(60_000);

    expect([sent, passed, trial.isRunning]).to.deep.equal([1, 0, true]);
  });

  it('is passed by an answer', async () => {
    const current = await started();

    trial.answered(current);

    expect([passed, trial.isRunning]).to.deep.equal([1, false]);
    await time.tickAsync(60_000);
    expect([sent, passed]).to.deep.equal([1, 1]);
  });

  it('runs no more when it tells that it is passed, so that a new one can begin', async () => {
    let wasRunning: boolean | undefined;
    const current = waiting('get k');
    const other: HeadTrial = new HeadTrial({
      options: DEFAULTS,
      sendHead: () => current,
      onPassed: () => (wasRunning = other.isRunning),
      onBackoffFailed: () => undefined,
    });
    other.start();
    await time.tickAsync(0);
    other.answered(current);

    expect(wasRunning).to.equal(false);
  });

  it('sends the head again after a pause when it is refused', async () => {
    const current = await started();

    trial.refused(current, REFUSED);
    await time.tickAsync(0);
    expect(trial.isRunning).to.equal(true);
    await time.tickAsync(1_000);
    expect(sent).to.equal(2);
    trial.answered(current);

    expect([passed, trial.isRunning]).to.deep.equal([1, false]);
  });

  it('waits ever longer between refusals', async () => {
    const current = await started();
    const sentAt: number[] = [];
    for (let seen = sent; sentAt.length < 10;) {
      trial.refused(current, REFUSED);
      while (sent === seen) await time.tickAsync(1);
      seen = sent;
      sentAt.push(time.now);
    }

    // Each pause is drawn at random; together they grow exponentially.
    expect(sentAt.at(-1)! - sentAt[0]!).to.be.above(100 * DEFAULTS.retry.backoff.initialMs);
  });

  it('does not mind what becomes of others', async () => {
    await started();

    trial.answered(waiting('get l'));
    trial.refused(waiting('get l'), REFUSED);
    await time.tickAsync(1_000);

    expect([sent, passed]).to.deep.equal([1, 0]);
  });

  it('takes the first outcome of an attempt only', async () => {
    const current = await started();
    trial.refused(current, REFUSED);

    trial.answered(current);

    expect(passed).to.equal(0);
  });

  describe('while nothing can be sent', () => {
    it('asks again after pauses', async () => {
      head = 'unusable';
      await started();
      await time.tickAsync(2_000);
      expect(sent).to.be.above(2);
      head = waiting('set k 1');
      await time.tickAsync(1_000);

      trial.answered(head);

      expect([passed, trial.isRunning]).to.deep.equal([1, false]);
    });
  });

  describe('when nothing of the head may go', () => {
    it('is passed, though not before its caller is done', async () => {
      head = undefined;
      trial.start();
      expect(passed).to.equal(0);
      await time.tickAsync(0);

      expect([sent, passed, trial.isRunning]).to.deep.equal([1, 1, false]);
      await time.tickAsync(60_000);
      expect([sent, passed]).to.deep.equal([1, 1]);
    });
  });

  describe('that is cancelled', () => {
    it('does not wake up from its pause', async () => {
      trial.refused(await started(), REFUSED);
      trial.cancel();
      await time.tickAsync(60_000);

      expect([sent, passed, trial.isRunning]).to.deep.equal([1, 0, false]);
    });

    it('is not passed by a late answer', async () => {
      const current = await started();
      trial.cancel();

      trial.answered(current);
      trial.refused(current, REFUSED);
      await time.tickAsync(60_000);

      expect([sent, passed, trial.isRunning]).to.deep.equal([1, 0, false]);
    });

    it('can be started again, undisturbed by the attempt before', async () => {
      const old = await started();
      trial.cancel();
      head = waiting('get l');
      const current = await started();
      trial.refused(old, REFUSED);
      await time.tickAsync(60_000);
      expect(sent).to.equal(2);

      trial.answered(current);

      expect(passed).to.equal(1);
    });
  });
});
