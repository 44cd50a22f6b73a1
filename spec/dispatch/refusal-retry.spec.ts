import { expect } from 'chai';
import { ConstantBackoff, type IBackoffFactory } from 'cockatiel';
import { RefusalRetry } from '../../lib/dispatch/refusal-retry.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';

const REFUSED = new Error('refused');

describe('Trying the head of the line again', () => {
  const time = fakeTimeForEachTest();
  let attempts: number[];
  let retry: RefusalRetry;
  let failures: string[];

  function failed({ message }: Error): void {
    failures.push(message);
  }

  beforeEach(() => {
    attempts = [];
    failures = [];
    retry = new RefusalRetry({ retry: { ...DEFAULTS.retry, backoff: { initialMs: 10, maxMs: 1_000 } } }, failed);
  });

  function start(failures: number): void {
    let left = failures;
    retry.start(() => {
      attempts.push(time.now);
      return left-- > 0 ? Promise.reject(REFUSED) : Promise.resolve();
    });
  }

  it("pauses as a backoff of the application's says", async () => {
    const backoff = { ...DEFAULTS.retry.backoff, strategy: new ConstantBackoff(50) };
    retry = new RefusalRetry({ retry: { ...DEFAULTS.retry, backoff } }, failed);
    start(3);
    await time.tickAsync(1_000);

    expect(attempts.map((at) => at - (attempts[0] ?? 0))).to.deep.equal([0, 50, 100, 150]);
  });

  const failing: readonly (readonly [name: string, next: () => unknown, told: string])[] = [
    [
      'throws',
      () => {
        throw new Error('no idea');
      },
      'no idea',
    ],
    ['gives no number', () => ({ duration: NaN }), 'NaN is no pause'],
    ['gives an end of all time', () => ({ duration: Infinity }), 'Infinity is no pause'],
    ['gives nothing', () => undefined, 'Cannot destructure'],
    ['has no second pause', () => ({ duration: 10 }), 'pause.next is not a function'],
  ];

  for (const [name, next, told] of failing) {
    it(`goes on with other pauses when a backoff of the application's ${name}, and tells it`, async () => {
      const backoff = { ...DEFAULTS.retry.backoff, strategy: { next } as IBackoffFactory<unknown> };
      retry = new RefusalRetry({ retry: { ...DEFAULTS.retry, backoff } }, failed);
      start(3);
      await time.tickAsync(5_000);

      expect(attempts).to.have.length(4);
      expect(retry.isRunning).to.equal(false);
      expect(failures).to.have.length(1);
      expect(failures[0]).to.contain(told);
    });
  }

  it('begins at once, and ends with the first success', async () => {
    start(0);
    expect(retry.isRunning).to.equal(true);
    await time.tickAsync(0);

    expect(attempts).to.have.length(1);
    expect(retry.isRunning).to.equal(false);
    await time.tickAsync(60_000);
    expect(attempts).to.have.length(1);
  });

  it('goes on until it succeeds', async () => {
    start(7);
    await time.tickAsync(20_000);

    expect(attempts).to.have.length(8);
    expect(retry.isRunning).to.equal(false);
  });

  it('never gives up, and pauses for a second at most', async () => {
    start(Number.POSITIVE_INFINITY);
    await time.tickAsync(100_000);

    expect(attempts).to.have.length.within(100, 130);
    expect(retry.isRunning).to.equal(true);
    const pauses = attempts.slice(-20).map((at, i, all) => at - (all[i - 1] ?? at - 1_000));
    expect(Math.max(...pauses)).to.equal(1_000);
  });

  it('does not begin the next attempt before the one under way has ended', async () => {
    let fail: ((error: Error) => void) | undefined;
    retry.start(() => {
      attempts.push(time.now);
      return new Promise((_resolve, reject) => (fail = reject));
    });
    await time.tickAsync(60_000);
    expect(attempts).to.have.length(1);

    fail?.(REFUSED);
    await time.tickAsync(1_000);

    expect(attempts).to.have.length(2);
  });

  describe('that is cancelled', () => {
    it('does not run any more, and its pause ends without an attempt', async () => {
      start(Number.POSITIVE_INFINITY);
      await time.tickAsync(50);
      const before = attempts.length;

      retry.cancel();
      expect(retry.isRunning).to.equal(false);
      await time.tickAsync(60_000);

      expect(attempts).to.have.length(before);
      expect(time.countTimers()).to.equal(0);
    });

    it('can be started again at once, and the old run wakes nothing', async () => {
      start(Number.POSITIVE_INFINITY);
      await time.tickAsync(50);
      retry.cancel();
      attempts = [];
      let calls = 0;

      retry.start(() => {
        calls++;
        return new Promise(() => undefined);
      });
      await time.tickAsync(60_000);

      expect([calls, attempts.length]).to.deep.equal([1, 0]);
      expect(retry.isRunning).to.equal(true);
    });
  });

  it('is one run only: a new one takes the place of the one before', async () => {
    start(Number.POSITIVE_INFINITY);
    await time.tickAsync(50);
    attempts = [];
    start(0);
    await time.tickAsync(60_000);

    expect(attempts).to.have.length(1);
    expect(retry.isRunning).to.equal(false);
  });
});
