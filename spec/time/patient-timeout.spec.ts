import { expect } from 'chai';
import fc from 'fast-check';
import { discountLateness, patientTimeout } from '../../lib/time/patient-timeout.ts';
import { FakeClock } from '../support/fake-clock.ts';

function started(ms: number): { clock: FakeClock; fired: () => number; cancel: () => void } {
  const clock = new FakeClock();
  let count = 0;
  const timer = patientTimeout(clock, ms, () => count++);
  return { clock, fired: () => count, cancel: () => timer.cancel() };
}

describe('A patient timeout', () => {
  describe('on a loop that runs freely', () => {
    for (const ms of [1, 24, 25, 26, 100, 550, 1_234.5]) {
      it(`fires once after ${ms} ms, not before`, () => {
        const { clock, fired } = started(ms);

        clock.advance(ms - 0.5);
        expect(fired()).to.equal(0);
        clock.advance(1);
        expect(fired()).to.equal(1);
        clock.advance(10_000);
        expect(fired()).to.equal(1);
      });
    }

    it('does not fire before the sockets were read, even when it has no time at all', () => {
      const { clock, fired } = started(0);

      expect(fired()).to.equal(0);
      clock.advance(0);
      expect(fired()).to.equal(1);
    });

    it('does not keep the process alive', () => {
      const { clock } = started(100);

      expect(clock.timers.map(({ keepAlive }) => keepAlive)).to.deep.equal([false]);
    });

    it('keeps the process alive when it is asked to, at each of its steps', () => {
      const clock = new FakeClock();
      patientTimeout(clock, 100, () => undefined, { keepAlive: true });
      clock.advance(60);

      expect(clock.timers.map(({ keepAlive }) => keepAlive)).to.deep.equal([true]);
    });
  });

  describe('when its time is up', () => {
    it('has the sockets read twice before it fires', () => {
      const { clock, fired } = started(20);

      clock.freeze(20);
      expect(fired()).to.equal(0);
      clock.poll();
      expect(fired()).to.equal(0);
      clock.poll();
      expect(fired()).to.equal(1);
    });

    it('does not fire when the answer was in one of the sockets', () => {
      for (const polls of [0, 1]) {
        const { clock, fired, cancel } = started(20);
        clock.freeze(20);
        for (let i = 0; i < polls; i++) clock.poll();

        cancel();
        clock.advance(1_000);

        expect(fired()).to.equal(0);
      }
    });
  });

  describe('that is cancelled', () => {
    it('never fires and leaves no timer behind', () => {
      const { clock, fired, cancel } = started(100);
      clock.advance(60);

      cancel();
      expect(clock.timers).to.deep.equal([]);
      clock.advance(1_000);
      expect(fired()).to.equal(0);
    });

    it('may be cancelled again, also after it fired', () => {
      const { clock, fired, cancel } = started(10);
      clock.advance(100);

      cancel();
      cancel();

      expect(fired()).to.equal(1);
    });
  });

  describe('in a process that stands still', () => {
    it('does not count 60 s in one step, and fires only after further steps', () => {
      const { clock, fired } = started(100);

      clock.freeze(60_000);
      clock.pollUntilIdle();
      expect(fired()).to.equal(0);
      // The late step counted for twice its 25 ms.
      clock.advance(49);
      expect(fired()).to.equal(0);
      clock.advance(1);
      expect(fired()).to.equal(1);
    });

    it('fires after a single late step only when that step was the rest', () => {
      const { clock, fired } = started(50);

      clock.freeze(60_000);
      clock.pollUntilIdle();

      expect(fired()).to.equal(1);
    });

    it('still fires on a loop that is blocked most of the time', () => {
      const { clock, fired } = started(500);
      let turns = 0;

      for (; fired() === 0 && turns < 100; turns++) {
        clock.freeze(80);
        clock.pollUntilIdle();
      }

      expect(turns).to.equal(10);
    });
  });

  it('counts every late step for 25 ms at least and 50 ms at most', () => {
    const lateSteps = fc.array(fc.integer({ min: 25, max: 5_000 }), { minLength: 1, maxLength: 50 });

    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), lateSteps, (ms, steps) => {
        const { clock, fired } = started(ms);
        let elapsed = 0;
        for (const [index, step] of steps.entries()) {
          clock.freeze(step);
          clock.pollUntilIdle();
          elapsed += step;
          const done = index + 1;
          if (elapsed < ms || done * 50 < ms) expect(fired()).to.equal(0);
          if (done * 25 >= ms) expect(fired()).to.equal(1);
        }
      }),
    );
  });
});

describe('discountLateness', () => {
  const cases: readonly (readonly [elapsed: number, expected: number, counts: number])[] = [
    [0, 20, 0],
    [19, 20, 19],
    [20, 20, 20],
    [39, 20, 39],
    [40, 20, 40],
    [41, 20, 40],
    [60_000, 20, 40],
    [60_000, 25, 50],
    [5, 0, 0],
  ];

  for (const [elapsed, expected, counts] of cases) {
    it(`counts ${elapsed} ms for ${counts} ms when ${expected} ms were expected`, () => {
      expect(discountLateness(elapsed, expected)).to.equal(counts);
    });
  }
});
