import { expect } from 'chai';
import { ProgressTicker } from '../../lib/detection/progress-ticker.ts';
import { TICK_MS } from '../../lib/detection/progress-watch.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('The ticker', () => {
  let clock: FakeClock;
  let ticks: number[];
  let ticker: ProgressTicker;

  beforeEach(() => {
    clock = new FakeClock();
    ticks = [];
    ticker = new ProgressTicker(clock, (elapsedMs) => ticks.push(elapsedMs));
  });

  it('does not tick before it is started', () => {
    clock.advance(1_000);

    expect(ticks).to.deep.equal([]);
  });

  it('ticks again and again, and says how much time has passed', () => {
    ticker.start();
    clock.advance(TICK_MS - 1);
    expect(ticks).to.deep.equal([]);
    clock.advance(4 * TICK_MS);

    expect(ticks).to.deep.equal(Array(4).fill(TICK_MS));
  });

  it('ticks once after the process stood still, and says for how long', () => {
    ticker.start();
    clock.freeze(60_000);
    clock.advance(TICK_MS);

    expect(ticks).to.deep.equal([60_000, TICK_MS]);
  });

  it('does not keep the process alive', () => {
    ticker.start();

    expect(clock.timers).to.deep.equal([{ dueInMs: TICK_MS, keepAlive: false }]);
  });

  it('ticks no faster when it is started twice', () => {
    ticker.start();
    ticker.start();
    clock.advance(TICK_MS);

    expect(ticks).to.have.length(1);
  });

  it('goes on when a tick throws, which is told as it would be otherwise', () => {
    ticker = new ProgressTicker(clock, (elapsedMs) => {
      ticks.push(elapsedMs);
      if (ticks.length === 1) throw new Error('of the application');
    });
    ticker.start();

    expect(() => clock.advance(TICK_MS)).to.throw('of the application');
    clock.advance(2 * TICK_MS);
    expect(ticks).to.have.length(3);
  });

  describe('that rests', () => {
    it('ticks no more until it is started again, and does not count the pause', () => {
      ticker.start();
      clock.advance(TICK_MS);
      ticker.rest();
      clock.advance(1_000);
      expect(clock.timers).to.deep.equal([]);
      ticker.start();
      clock.advance(TICK_MS);

      expect(ticks).to.deep.equal([TICK_MS, TICK_MS]);
    });

    it('does so when a tick itself puts it to rest', () => {
      ticker = new ProgressTicker(clock, (elapsedMs) => {
        ticks.push(elapsedMs);
        ticker.rest();
      });
      ticker.start();
      clock.advance(1_000);

      expect(ticks).to.have.length(1);
    });
  });
});
