import { expect } from 'chai';
import sinon from 'sinon';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';

describe('The clock of the system', () => {
  let time: sinon.SinonFakeTimers;

  beforeEach(() => {
    time = fakeSystemTime();
  });

  afterEach(() => {
    time.restore();
  });

  it('measures milliseconds, unrelated to the calendar', async () => {
    const before = systemClock.now();
    time.setSystemTime(0);
    await time.tickAsync(25);

    expect(systemClock.now() - before).to.equal(25);
  });

  it('calls back once after the time', async () => {
    let calls = 0;
    systemClock.after(10, () => calls++);

    await time.tickAsync(9);
    expect(calls).to.equal(0);
    await time.tickAsync(100);
    expect(calls).to.equal(1);
  });

  it('calls back after longer than Node can wait', async () => {
    const month = 30 * 86_400_000;
    let calls = 0;
    systemClock.after(month, () => calls++);
    const cancelled = systemClock.after(2 * month, () => calls++);

    await time.tickAsync(month - 1);
    expect(calls).to.equal(0);
    await time.tickAsync(1);
    expect(calls).to.equal(1);
    cancelled.cancel();
    await time.tickAsync(month);
    expect(calls).to.equal(1);
  });

  it('does not call back after cancel', async () => {
    let calls = 0;
    systemClock.after(10, () => calls++).cancel();

    await time.tickAsync(100);

    expect(calls).to.equal(0);
  });

  it('keeps the process alive only on demand', () => {
    time.restore();
    const setTimeoutSpy = sinon.spy(globalThis, 'setTimeout');
    const timers = [undefined, { keepAlive: false }, { keepAlive: true }].map((options) =>
      systemClock.after(60_000, () => undefined, options),
    );
    const keepAlive = setTimeoutSpy.returnValues.map((timer) => timer.hasRef());
    setTimeoutSpy.restore();
    for (const timer of timers) timer.cancel();

    expect(keepAlive).to.deep.equal([false, false, true]);
  });

  it('waits for a whole turn of the event loop before it calls back after a poll', () => {
    const order: string[] = [];
    setImmediate(() => {
      order.push('immediate');
      systemClock.afterPoll(() => order.push('polled'));
      setImmediate(() => order.push('next turn'));
    });

    time.runAll();

    expect(order).to.deep.equal(['immediate', 'next turn', 'polled']);
  });
});
