import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionKeeper } from '../../lib/endpoints/connection-keeper.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';

describe('The keeper of a connection', () => {
  let time: sinon.SinonFakeTimers;
  let attempts: number[];

  beforeEach(() => {
    time = fakeSystemTime();
    attempts = [];
  });

  afterEach(() => {
    time.restore();
  });

  /** Fails so often before it succeeds. */
  function keeper(failures: number, error: Error = new Error('refused')): ConnectionKeeper {
    return new ConnectionKeeper(() => {
      attempts.push(time.now);
      return attempts.length > failures ? Promise.resolve() : Promise.reject(error);
    });
  }

  function pauses(): number[] {
    return attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
  }

  it('does nothing before it is started', async () => {
    keeper(0);

    await time.tickAsync(10_000);

    expect(attempts).to.deep.equal([]);
  });

  it('tries at once, and no more after a success', async () => {
    keeper(0).start();

    await time.tickAsync(0);
    expect(attempts).to.have.length(1);
    await time.tickAsync(60_000);
    expect(attempts).to.have.length(1);
  });

  it('repeats until it succeeds', async () => {
    keeper(3).start();

    await time.tickAsync(60_000);

    expect(attempts).to.have.length(4);
  });

  describe('between attempts', () => {
    it('pauses for 20 to 40 ms at first, and every time for twice that, up to a second', async () => {
      keeper(12).start();
      await time.tickAsync(60_000);

      for (const [i, pause] of pauses().entries()) {
        expect(pause).to.be.at.least(Math.min(1_000, 20 * 2 ** i));
        expect(pause).to.be.at.most(Math.min(1_000, 40 * 2 ** i));
      }
      expect(pauses().slice(-3)).to.deep.equal([1_000, 1_000, 1_000]);
    });

    it('keeps the process alive', async () => {
      const setTimeoutSpy = sinon.spy(globalThis, 'setTimeout');
      keeper(1).start();
      await time.tickAsync(0);
      const keepAlive = setTimeoutSpy.returnValues.map((timer) => timer.hasRef());
      setTimeoutSpy.restore();

      expect(keepAlive).to.deep.equal([true]);
    });

    it('never gives up', async () => {
      keeper(Number.POSITIVE_INFINITY).start();

      await time.tickAsync(3_600_000);

      expect(attempts).to.have.length.within(3_600, 3_610);
    });

    it('does not take a TypeError, which may come from a socket option, for a mistake in the program', async () => {
      keeper(3, new TypeError('The "options.port" property must be a number')).start();

      await time.tickAsync(10_000);

      expect(attempts).to.have.length(4);
    });
  });

  describe('that is stopped', () => {
    it('tries no more', async () => {
      const kept = keeper(Number.POSITIVE_INFINITY);
      kept.start();
      await time.tickAsync(100);
      const before = attempts.length;

      kept.stop();
      await time.tickAsync(60_000);

      expect(attempts).to.have.length(before);
    });

    it('tries no more when the attempt that is under way fails afterwards', async () => {
      let fail: ((error: Error) => void) | undefined;
      const kept = new ConnectionKeeper(() => {
        attempts.push(time.now);
        return new Promise((_resolve, reject) => (fail = reject));
      });
      kept.start();
      await time.tickAsync(0);

      kept.stop();
      fail?.(new Error('too late'));
      await time.tickAsync(60_000);

      expect(attempts).to.have.length(1);
    });

    it('may be stopped again, and before it was started', () => {
      const kept = keeper(0);

      expect(() => {
        kept.stop();
        kept.stop();
      }).not.to.throw();
    });

    it('leaves no timer behind', async () => {
      const kept = keeper(Number.POSITIVE_INFINITY);
      kept.start();
      await time.tickAsync(5);

      kept.stop();
      await time.tickAsync(0);

      expect(time.countTimers()).to.equal(0);
    });
  });

  describe('that is started again', () => {
    it('cuts the pause short and begins with short pauses anew', async () => {
      const kept = keeper(Number.POSITIVE_INFINITY);
      kept.start();
      await time.tickAsync(20_000);
      attempts = [];

      kept.start();
      await time.tickAsync(0);
      expect(attempts).to.deep.equal([time.now]);
      await time.tickAsync(40);
      expect(attempts).to.have.length(2);
    });

    it('ends the run before it, so that there is one only', async () => {
      const kept = keeper(Number.POSITIVE_INFINITY);
      for (let i = 0; i < 5; i++) kept.start();
      await time.tickAsync(20_000);
      attempts = [];

      await time.tickAsync(10_000);

      expect(attempts).to.have.length(10);
    });

    it('tries again after a success', async () => {
      const kept = keeper(0);
      kept.start();
      await time.tickAsync(1_000);

      kept.start();
      await time.tickAsync(1_000);

      expect(attempts).to.have.length(2);
    });
  });
});
