import { expect } from 'chai';
import { untilWindow } from '../../lib/failover/failback-windows.ts';
import type { FailbackWindow } from '../../lib/options/failback-options.ts';
import { systemCalendar } from '../../lib/time/calendar.ts';
import { ControllerBench } from './controller-bench.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Time begins with 1 January 1970 at midnight, a Thursday. */
const NIGHT: FailbackWindow = { from: '02:00', to: '05:00' };

describe('A failback that may happen in a window only', () => {
  let bench: ControllerBench;

  function begin(...windows: readonly FailbackWindow[]): void {
    bench = new ControllerBench('a 2, b 1', { untilWindowMs: untilWindow(windows, systemCalendar) });
  }

  afterEach(() => bench.close());

  it('is done when the window opens, once it is due', async () => {
    begin(NIGHT);
    await bench.failOver();
    await bench.time.tickAsync(2 * HOUR_MS - 1);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at a');
    bench.client.drain();
    await bench.time.tickAsync(0);
    expect(bench.registry.activeId).to.equal('a');
  });

  it('is done later by its random part, whatever is heard meanwhile, so that a fleet does not move in one moment', async () => {
    const policy = { jitterMs: 10_000, untilWindowMs: untilWindow([NIGHT], systemCalendar) };
    bench = new ControllerBench('a 2, b 1', policy, { random: () => 0.3 });
    await bench.failOver();
    await bench.time.tickAsync(2 * HOUR_MS);
    bench.signal('a healthy 4');
    await bench.time.tickAsync(2_999);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at a');
  });

  it('is done as at any other time within it', async () => {
    begin(NIGHT);
    await bench.time.tickAsync(3 * HOUR_MS);
    await bench.failOver();
    await bench.time.tickAsync(MINUTE_MS - 1);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at a');
  });

  it('waits for the next one when it becomes due as the window closes', async () => {
    begin(NIGHT);
    await bench.time.tickAsync(5 * HOUR_MS - MINUTE_MS);
    await bench.failOver();
    await bench.time.tickAsync(21 * HOUR_MS + MINUTE_MS - 1);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at a');
  });

  it('goes on when the window closes while it is prepared', async () => {
    begin(NIGHT);
    await bench.time.tickAsync(5 * HOUR_MS - MINUTE_MS - 1);
    await bench.failOver();
    await bench.time.tickAsync(MINUTE_MS);
    expect(bench.takeLog()).to.include('client: hold');
    await bench.time.tickAsync(500);
    bench.client.drain();
    await bench.time.tickAsync(0);

    expect(bench.registry.activeId).to.equal('a');
  });

  it('waits again when the application refused it', async () => {
    begin(NIGHT);
    bench.mayFailBack = () => Promise.resolve(false);
    await bench.time.tickAsync(5 * HOUR_MS - MINUTE_MS - 1);
    await bench.failOver();
    await bench.time.tickAsync(MINUTE_MS);
    expect(bench.takeLog()).to.deep.equal(['look at a', 'may go from b to a?']);
    await bench.time.tickAsync(1);
    bench.signal('a healthy 3');
    await bench.time.tickAsync(21 * HOUR_MS - 1);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at a');
  });

  it('is looked at again every ten minutes with one timer, and with none when it is not due', async () => {
    begin(NIGHT);
    expect(bench.time.countTimers()).to.equal(0);
    await bench.failOver();
    await bench.time.tickAsync(MINUTE_MS);
    expect(bench.time.countTimers()).to.equal(1);
    let looks = 0;
    while (bench.takeLog().length === 0) {
      expect(bench.time.countTimers()).to.equal(1);
      await bench.time.nextAsync();
      looks++;
    }
    expect(looks).to.equal(12);
    expect(bench.time.now).to.equal(2 * HOUR_MS);
  });

  it('is done when the calendar is set into the window, ten minutes later at most', async () => {
    begin(NIGHT);
    await bench.failOver();
    await bench.time.tickAsync(MINUTE_MS);
    bench.time.setSystemTime(3 * HOUR_MS);
    await bench.time.tickAsync(10 * MINUTE_MS);

    expect(bench.takeLog()).to.include('look at a');
  });

  it('is done at once then when anything is heard of an endpoint', async () => {
    begin(NIGHT);
    await bench.failOver();
    await bench.time.tickAsync(MINUTE_MS);
    bench.time.setSystemTime(3 * HOUR_MS);
    bench.signal('a healthy 4');

    expect(bench.takeLog()).to.include('look at a');
  });

  it('is not bound by it when somebody asks for it, nor is any other switch', async () => {
    begin(NIGHT);
    await bench.failOver();
    const back = bench.controller.switchTo('a', 'failback');
    bench.client.drain();
    expect(await back).to.include({ from: 'b', to: 'a' });
    bench.signal('verdict a silence');

    expect(bench.registry.activeId).to.equal('b');
  });

  it('is one to a better weight, too', async () => {
    begin({ from: '00:00', to: '01:00' }, { from: '12:00', to: '13:00' });
    await bench.time.tickAsync(HOUR_MS);
    bench.signal('weight b 3');
    await bench.time.tickAsync(11 * HOUR_MS - 1);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at b');
  });

  it('waits for no longer than the day has when clocks are put forward into the window', async () => {
    begin({ from: '02:30', to: '05:00', timeZone: 'Europe/Berlin' });
    bench.time.setSystemTime(Date.parse('2026-03-29T00:55:00.000Z'));
    await bench.failOver();
    await bench.time.tickAsync(5 * MINUTE_MS - 1);
    expect(bench.takeLog()).to.deep.equal([]);
    await bench.time.tickAsync(1);

    expect(bench.takeLog()).to.include('look at a');
  });
});
