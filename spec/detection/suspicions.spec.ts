import { expect } from 'chai';
import { type Suspicion, Suspicions } from '../../lib/detection/suspicions.ts';
import { type Endpoint, createEndpoint } from '../../lib/endpoints/endpoint.ts';
import { type CheckResult, GOOD } from '../../lib/health/check-result.ts';
import { DEFAULTS, DEFAULT_WEIGHT } from '../../lib/options/defaults.ts';
import { FakeClock } from '../support/fake-clock.ts';

const BAD: CheckResult = { ok: false, isAnswer: false, error: new Error('no answer'), reason: 'timeout' };

describe('A suspicion', () => {
  let clock: FakeClock;
  let log: string[];
  let answers: ((result: CheckResult) => void)[];
  let suspicions: Suspicions;
  let a: Endpoint;
  let b: Endpoint;

  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    answers = [];
    [a, b] = [endpoint('a'), endpoint('b')];
    const at = (since: number): string => `since ${since - 1_000}`;
    suspicions = new Suspicions({
      clock,
      verify: ({ id }, suspicion) => {
        log.push(`verify ${id}: ${suspicion}`);
        return new Promise((resolve) => answers.push(resolve));
      },
      onSuspected: ({ id, isSuspected }) => log.push(`suspected ${id}: ${isSuspected}`),
      onCleared: ({ id }, suspicion, since) => log.push(`cleared ${id}: ${suspicion} ${at(since)}`),
      onVerdict: ({ id }, suspicion, result, since) =>
        log.push(`verdict ${id}: ${suspicion} ${at(since)}, ${result.error.message}`),
    });
  });

  function endpoint(id: string): Endpoint {
    const options = { id, weight: DEFAULT_WEIGHT, redis: {}, healthCheck: DEFAULTS.healthCheck };
    return createEndpoint(options, () => DEFAULTS.circuitBreaker, clock, {
      onChange: () => undefined,
      onBreakerFailed: (error) => expect.fail(error.message),
    });
  }

  async function answer(result: CheckResult): Promise<void> {
    answers.shift()?.(result);
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }

  /** Until the endpoint is found good. */
  async function cleared(suspicion: Suspicion): Promise<void> {
    suspicions.suspect(a, suspicion);
    await answer(GOOD);
    log = [];
  }

  it('stops the endpoint from serving before it is verified', () => {
    suspicions.suspect(a, 'silence');

    expect(a.isSuspected).to.equal(true);
    expect(log).to.deep.equal(['suspected a: true', 'verify a: silence']);
  });

  it('is verified once at a time, whoever complains meanwhile', () => {
    for (const suspicion of ['silence', 'connection-lost', 'rejected', 'health-check'] as const) {
      suspicions.suspect(a, suspicion);
    }

    expect(log).to.deep.equal(['suspected a: true', 'verify a: silence']);
  });

  it('is verified for every endpoint by itself', () => {
    suspicions.suspect(a, 'silence');
    suspicions.suspect(b, 'rejected');

    expect(log).to.include.members(['verify a: silence', 'verify b: rejected']);
  });

  describe('that is cleared', () => {
    it('lets the endpoint serve again, and tells of it', async () => {
      suspicions.suspect(a, 'silence');
      clock.advance(40);
      await answer(GOOD);

      expect(a).to.include({ isSuspected: false, judgedAt: 1_040 });
      expect(log.slice(2)).to.deep.equal(['cleared a: silence since 0']);
    });

    it('can arise again at once', async () => {
      for (const suspicion of ['silence', 'connection-lost', 'health-check'] as const) {
        await cleared(suspicion);
        suspicions.suspect(a, suspicion);
        expect(log).to.include(`verify a: ${suspicion}`);
        await answer(GOOD);
      }
    });
  });

  describe('of refusals', () => {
    it('does not arise again right after the endpoint was found good', async () => {
      for (const suspicion of ['rejected', 'silence'] as const) {
        await cleared(suspicion);
        clock.advance(249);
        suspicions.suspect(a, 'rejected');

        expect(a.isSuspected).to.equal(false);
        expect(log).to.deep.equal([]);
        clock.advance(1_000);
      }
    });

    it('arises again after a pause', async () => {
      await cleared('rejected');
      clock.advance(250);
      suspicions.suspect(a, 'rejected');

      expect(log).to.include('verify a: rejected');
    });

    it('pauses from the latest clearing on', async () => {
      await cleared('rejected');
      clock.advance(200);
      await cleared('silence');
      clock.advance(200);
      suspicions.suspect(a, 'rejected');

      expect(log).to.deep.equal([]);
    });

    it('does not pause for another endpoint', async () => {
      await cleared('rejected');
      suspicions.suspect(b, 'rejected');

      expect(log).to.include('verify b: rejected');
    });

    it('does not pause after a verdict', async () => {
      suspicions.suspect(a, 'rejected');
      await answer(BAD);
      log = [];
      suspicions.suspect(a, 'rejected');

      expect(log).to.include('verify a: rejected');
    });
  });

  describe('that is confirmed', () => {
    it('ends in a verdict, with the reason and the first sign of it', async () => {
      clock.advance(5);
      suspicions.suspect(a, 'connection-lost');
      clock.advance(500);
      await answer(BAD);

      expect(a).to.include({ isSuspected: false, judgedAt: 1_505 });
      expect(log.slice(2)).to.deep.equal(['verdict a: connection-lost since 5, no answer']);
    });
  });
});
