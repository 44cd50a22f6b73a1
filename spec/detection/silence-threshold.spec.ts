import { expect } from 'chai';
import fc from 'fast-check';
import { SilenceThreshold } from '../../lib/detection/silence-threshold.ts';
import { FakeClock } from '../support/fake-clock.ts';

const BOUNDS = { silenceFloorMs: 350, silenceCeilingMs: 500 };
const MINUTE = 60_000;

describe('The silence after which an endpoint is suspected', () => {
  let clock: FakeClock;
  let threshold: SilenceThreshold;

  beforeEach(() => {
    clock = new FakeClock();
    threshold = new SilenceThreshold(clock, () => BOUNDS);
  });

  const table: readonly (readonly [observed: readonly number[], expected: number])[] = [
    [[], 350],
    [[0], 350],
    [[200, 20], 350],
    [[240, 100], 360],
    [[100, 300, 200], 450],
    [[400], 500],
    [[60_000], 500],
  ];
  for (const [observed, expected] of table) {
    it(`is ${expected} ms where silences of [${observed.join(', ')}] ms ended by themselves`, () => {
      for (const silentMs of observed) threshold.observe(silentMs);

      expect(threshold.ms).to.equal(expected);
    });
  }

  it('remembers for five minutes at least, and for ten at most', () => {
    threshold.observe(1);
    clock.advance(4 * MINUTE);
    threshold.observe(300);
    clock.advance(5 * MINUTE);
    expect(threshold.ms).to.equal(450);
    clock.advance(5 * MINUTE + 1);

    expect(threshold.ms).to.equal(350);
  });

  it('forgets all that was long ago, however long nobody asked', () => {
    threshold.observe(300);
    clock.advance(60 * MINUTE);

    expect(threshold.ms).to.equal(350);
  });

  it('is never outside of its bounds, and never below a silence of the last five minutes that is within them', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ pauseMs: fc.integer({ min: 0, max: 4 * MINUTE }), silentMs: fc.integer({ min: 0, max: 2_000 }) }),
        ),
        (steps) => {
          const time = new FakeClock();
          const subject = new SilenceThreshold(time, () => BOUNDS);
          const seen: { at: number; silentMs: number }[] = [];
          for (const { pauseMs, silentMs } of steps) {
            time.advance(pauseMs);
            subject.observe(silentMs);
            seen.push({ at: time.now(), silentMs });
            const recent = seen.filter(({ at }) => time.now() - at < 5 * MINUTE).map((each) => each.silentMs);
            const least = Math.min(BOUNDS.silenceCeilingMs, Math.max(BOUNDS.silenceFloorMs, ...recent));
            expect(subject.ms).to.be.within(least, BOUNDS.silenceCeilingMs);
          }
        },
      ),
    );
  });
});
