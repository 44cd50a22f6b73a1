import { expect } from 'chai';
import { ConsecutiveBreaker } from 'cockatiel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConfigurationEntry, HealthCheckContext, UpdateOptions } from '../lib/index.ts';
import { isGeoFailoverError } from '../lib/index.ts';
import { CoreBench } from './core-bench.ts';
import { type BadCase, problemsOf } from './options/problems-of.ts';

/** From the beginning of a round to that of the next one. The bench draws no jitter. */
const INTERVAL_MS = 1_000;

const refused: readonly BadCase[] = [
  [undefined, 'options', 'must be a plain object', 'undefined'],
  [[], 'options', 'must be a plain object', '[] (array)'],
  [
    { endpoints: [] },
    'endpoints',
    'cannot be changed by update(): use add(), remove(), replace() and setWeight()',
    '[]',
  ],
  [
    { redis: { password: 's3cret' } },
    'redis',
    'cannot be changed by update(): use replace() for each endpoint',
    '{ password: *** }',
  ],
  [
    { topology: 'independent' },
    'topology',
    'cannot be changed by update(): it holds for as long as the client does',
    '"independent"',
  ],
  [{ preset: 'fast' }, 'preset', 'cannot be changed by update(): give the options that it stands for', '"fast"'],
  [{ environment: 'x' }, 'environment', 'cannot be changed by update(): give the options themselves', '"x"'],
  [{ environments: {} }, 'environments', 'cannot be changed by update(): give the options themselves', '{}'],
  [{ initialization: {} }, 'initialization', 'cannot be changed by update(): the start is over', '{}'],
  [{ onSwitch: () => 1 }, 'onSwitch', "cannot be changed by update(): use on('endpointSwitched', …)", 'function'],
  [
    { circuitBreaker: { breaker: () => new ConsecutiveBreaker(3) } },
    'circuitBreaker.breaker',
    'cannot be changed by update(): what it has counted belongs to it',
    'function',
  ],
  [{ failbakc: {} }, 'failbakc', 'is not an option; did you mean "failback"?', 'object'],
  [{ drainMs: 5 }, 'drainMs', 'is not an option', 'number'],
  [
    { failover: { silenceFlorMs: 5 } },
    'failover.silenceFlorMs',
    'is not an option; did you mean "silenceFloorMs"?',
    'number',
  ],
  [{ failover: 5 }, 'failover', 'must be a plain object', '5 (number)'],
  [{ retry: { deadlineMs: 0 } }, 'retry.deadlineMs', 'must be a finite number >= 1', '0'],
  [{ failback: { enabled: 'no' } }, 'failback.enabled', 'must be true or false', '"no" (string)'],
  [{ healthCheck: { check: 'ping' } }, 'healthCheck.check', 'must be a function', '"ping" (string)'],
  [{ circuitBreaker: { failureRate: 2 } }, 'circuitBreaker.failureRate', 'must be a finite number > 0 and <= 1', '2'],
  // Against what is in effect.
  [
    { failover: { silenceCeilingMs: 100 } },
    'failover.silenceCeilingMs',
    'must be >= failover.silenceFloorMs (350)',
    '100',
  ],
  [
    { failback: { maxGracePeriodMs: 5 } },
    'failback.maxGracePeriodMs',
    'must be >= failback.gracePeriodMs (60000)',
    '5',
  ],
  [
    { retry: { backoff: { initialMs: 5_000 } } },
    'retry.backoff.maxMs',
    'must be >= retry.backoff.initialMs (5000)',
    '1000 (the default)',
  ],
  [
    { failback: { windows: [{ from: '02:00', to: '02:00' }] } },
    'failback.windows[0].to',
    'must differ from `from`; a whole day is from "00:00" to "24:00"',
    '"02:00"',
  ],
];

describe('redis.geo.update()', () => {
  let bench: CoreBench;

  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
  });

  afterEach(() => bench.close());

  /** What is different, as `path: value`. */
  function update(options: UpdateOptions): string[] {
    return bench.control.update(options).map(print);
  }

  function print({ path, value, origin }: ConfigurationEntry): string {
    expect(origin).to.equal('update()');
    return `${path}: ${value}`;
  }

  function configured(path: string): ConfigurationEntry | undefined {
    return bench.control.configuration().find((entry) => entry.path === path);
  }

  /** Leaves a for b, and makes a good again. */
  async function failOver(): Promise<void> {
    bench.fail('a');
    await bench.pass(INTERVAL_MS);
    bench.heal('a');
    await bench.pass(3 * INTERVAL_MS);
    expect(bench.takeLog()).to.include('a > b: health-check');
    expect(bench.statusOf('a')?.health).to.equal('healthy');
  }

  describe('refuses', () => {
    for (const [input, path, rule, value] of refused) {
      it(`${path} (${value}), and changes nothing`, () => {
        const before = bench.control.configuration();
        const mixed =
          typeof input === 'object' && !Array.isArray(input) ? { healthCheck: { probes: 7 }, ...input } : input;

        expect(problemsOf(() => bench.control.update(mixed as UpdateOptions))).to.deep.equal([{ path, rule, value }]);
        expect(bench.control.configuration()).to.deep.equal(before);
      });
    }

    it('everything that is wrong at once', () => {
      const input = { endpoints: [], failover: { drainMs: -1, silenceCeilingMs: 20 }, circuitBreaker: { brekaer: 1 } };

      expect(problemsOf(() => bench.control.update(input as UpdateOptions)).map(({ path }) => path)).to.have.members([
        ...['failover.drainMs', 'failover.silenceCeilingMs', 'circuitBreaker.brekaer', 'endpoints'],
      ]);
    });

    it('to go on when there is no client any more', () => {
      bench.core.leave(bench.member);

      expect(() => bench.control.update({ failback: { enabled: true } })).to.satisfy((run: () => unknown) => {
        try {
          run();
        } catch (error) {
          return isGeoFailoverError(error, 'GEO_CLIENT_CLOSED');
        }
        return false;
      });
      expect(configured('failback.enabled')?.value).to.equal('false');
    });
  });

  describe('returns what is different', () => {
    it('which is nothing when it is as it was, or not given', () => {
      expect(bench.control.update({})).to.deep.equal([]);
      expect(
        bench.control.update({ failback: { enabled: false, jitterMs: undefined }, retry: undefined }),
      ).to.deep.equal([]);
      expect(configured('failback.enabled')).to.include({ value: 'false', origin: 'options' });
    });

    it('with what follows from it, and shows it from then on', () => {
      expect(update({ failover: { silenceFloorMs: 800 }, failback: { gracePeriodMs: 10 } })).to.deep.equal([
        ...['failover.silenceFloorMs: 800', 'failover.silenceCeilingMs: 800'],
        ...['failback.maxGracePeriodMs: 320', 'failback.gracePeriodMs: 10'],
      ]);
      expect(update({ failover: { silenceFloorMs: 350 } })).to.deep.equal([
        ...['failover.silenceFloorMs: 350', 'failover.silenceCeilingMs: 500'],
      ]);
      expect(configured('failback.gracePeriodMs')).to.include({ value: '10', origin: 'update()' });
      expect(configured('failover.drainMs')).to.include({ value: '1000', origin: 'default' });
      expect(configured('failover.verifyTimeoutMs')).to.include({ value: '200', origin: 'options' });
    });

    it('also where it is a function that looks like the one before', () => {
      const gate = (): boolean => true;
      expect(update({ failback: { gate } })).to.deep.equal(['failback.gate: function']);
      expect(update({ failback: { gate } })).to.deep.equal([]);
      expect(update({ failback: { gate: () => true } })).to.deep.equal(['failback.gate: function']);
    });

    it('for each endpoint that has not its own', () => {
      bench.control.add({ ...bench.endpoint('c'), healthCheck: { intervalMs: 5_000 } });

      expect(bench.control.update({ healthCheck: { intervalMs: 300 } }).map(({ path }) => path)).to.deep.equal([
        ...['endpoints[0].healthCheck', 'endpoints[1].healthCheck', 'healthCheck.intervalMs'],
      ]);
      expect(configured('endpoints[1].healthCheck')).to.include({ origin: 'update()' });
      expect(configured('endpoints[1].healthCheck')?.value).to.contain('intervalMs: 300');
      expect(configured('endpoints[2].healthCheck')).to.include({ origin: 'add()' });
      expect(configured('endpoints[2].healthCheck')?.value).to.contain('intervalMs: 5000');
    });

    it('and merges what has names of its own', () => {
      update({ retry: { commands: { 'my.get': 'read-only' } } });
      update({ retry: { commands: { 'my.add': 'effect' }, backoff: { maxMs: 50 } } });

      expect(configured('retry.commands')?.value).to.equal('{ "my.get": "read-only", "my.add": "effect" }');
      expect(configured('retry.backoff.initialMs')).to.include({ value: '10', origin: 'default' });
      expect(configured('retry.backoff.maxMs')).to.include({ value: '50', origin: 'update()' });
    });

    it('whatever becomes of the object that the client was made with, or this one', () => {
      const failover = { drainMs: 5 };
      update({ failover });
      failover.drainMs = 6;

      expect(update({ failback: { jitterMs: 1 } })).to.deep.equal(['failback.jitterMs: 1']);
      expect(configured('failover.drainMs')?.value).to.equal('5');
    });
  });

  describe('of failback', () => {
    it('goes back when that is enabled, and due', async () => {
      await failOver();
      await bench.pass(60_000);
      expect(bench.control.activeEndpoint).to.equal('b');

      update({ failback: { enabled: true, jitterMs: 0 } });
      await bench.pass(300);
      expect(bench.takeLog()).to.deep.equal(['b > a: failback']);
    });

    it('goes back when the grace period becomes shorter, and not before it is over', async () => {
      update({ failback: { enabled: true, jitterMs: 0 } });
      await failOver();
      update({ failback: { gracePeriodMs: 20_000 } });
      expect(bench.statusOf('a')).to.include({ holdDownMs: 20_000 });
      await bench.pass(15_000);
      expect(bench.control.activeEndpoint).to.equal('b');
      await bench.pass(5_000);
      expect(bench.takeLog()).to.deep.equal(['b > a: failback']);
    });

    it('waits for a longer grace period', async () => {
      update({ failback: { enabled: true, jitterMs: 0 } });
      await failOver();
      update({ failback: { gracePeriodMs: 120_000 } });
      await bench.pass(100_000);
      expect(bench.control.activeEndpoint).to.equal('b');
      await bench.pass(20_000);
      expect(bench.takeLog()).to.deep.equal(['b > a: failback']);
    });

    it('draws the random part anew when that is another one, and only then', async () => {
      update({ failback: { enabled: true, gracePeriodMs: 0, jitterMs: 60_000 } });
      await failOver();
      const { holdDownRemainingMs = 0 } = bench.statusOf('a') ?? {};
      expect(holdDownRemainingMs).to.be.above(20_000);
      update({ failback: { consecutiveSuccesses: 2 } });
      expect(bench.statusOf('a')).to.include({ holdDownRemainingMs });
      update({ failback: { jitterMs: 0 } });
      await bench.pass(300);
      expect(bench.takeLog()).to.deep.equal(['b > a: failback']);
    });

    it('makes a hold-down as long as the last of several changes says, also when they come while a failover is decided', async () => {
      bench.control.add(bench.endpoint('c'));
      bench.connect('c');
      await bench.pass(0);
      let isAsked = false;
      const selectEndpoint = (): undefined => {
        if (isAsked) return;
        isAsked = true;
        for (const gracePeriodMs of [20_000, 40_000]) update({ failback: { gracePeriodMs } });
      };
      update({ failback: { enabled: true, gracePeriodMs: 10_000, jitterMs: 0 }, failover: { selectEndpoint } });
      await failOver();

      expect(isAsked).to.equal(true);
      expect(bench.statusOf('a')).to.include({ holdDownMs: 40_000 });
    });

    it('asks a gate from then on', async () => {
      const asked: string[] = [];
      update({
        failback: {
          enabled: true,
          gracePeriodMs: 0,
          jitterMs: 0,
          gate: ({ from, to }) => !asked.push(`${from} ${to}`),
        },
      });
      await failOver();
      await bench.pass(3_000);
      expect(asked).to.include('b a');
      expect(bench.control.activeEndpoint).to.equal('b');

      update({ failback: { gate: () => true } });
      await bench.pass(4_000);
      expect(bench.takeLog()).to.deep.equal(['b > a: failback']);
    });

    describe('while one is being prepared', () => {
      let answer: (isWelcome: boolean) => void;
      let asked: number;

      beforeEach(async () => {
        asked = 0;
        const gate = (): Promise<boolean> => {
          asked++;
          return new Promise((resolve) => (answer = resolve));
        };
        update({ failback: { enabled: true, gracePeriodMs: 0, jitterMs: 0, gate } });
        await failOver();
        expect(asked).to.equal(1);
      });

      it('calls it off when it would not begin any more', async () => {
        update({ failback: { enabled: false } });
        answer(true);
        await bench.pass(2_000);

        expect(bench.takeLog()).to.deep.equal([]);
        expect(bench.control.activeEndpoint).to.equal('b');
      });

      it('lets it go on otherwise, without asking again', async () => {
        update({ failback: { consecutiveSuccesses: 1 }, failover: { drainMs: 7 } });
        await bench.pass(2_000);
        expect(asked).to.equal(1);
        answer(true);
        await bench.pass(100);

        expect(bench.takeLog()).to.deep.equal(['b > a: failback']);
      });
    });
  });

  describe('of detection', () => {
    it('counts from the next look on, with the silences that were seen', () => {
      bench.core.silenceSeen('a', 0, 300);
      expect(bench.control.detectionBoundMs).to.equal(450 + 40 + 200);

      update({
        failover: { silenceFloorMs: 100, silenceCeilingMs: 5_000, verifyTimeoutMs: 1_000, localRecoveryMs: 7 },
      });
      expect(bench.control.detectionBoundMs).to.equal(450 + 40 + 1_000 + 7);
      update({ failover: { silenceFloorMs: 600 } });
      expect(bench.control.detectionBoundMs).to.equal(600 + 40 + 1_000 + 7);
    });

    it('leaves a verification alone that is under way, and the next one has the new time', async () => {
      bench.ping.set('a', () => new Promise(() => undefined));
      bench.core.suspect('a', 'silence');
      update({ failover: { verifyTimeoutMs: 5_000 } });
      expect(bench.core.isVerifying).to.equal(true);
      await bench.pass(250);
      expect(bench.takeLog()).to.include('a > b: silence');

      bench.heal('a');
      bench.ping.set('b', () => new Promise(() => undefined));
      bench.core.suspect('b', 'silence');
      await bench.pass(4_000);
      expect(bench.core.isVerifying).to.equal(true);
    });
  });

  describe('of health checks', () => {
    function roundsOf(endpointId: string): number[] {
      const rounds: number[] = [];
      bench.ping.set(endpointId, () => Promise.resolve(rounds.push(bench.clock.now())));
      return rounds;
    }

    it('has the next round come by the new interval, and is none itself', async () => {
      const rounds = roundsOf('b');
      await bench.pass(INTERVAL_MS);
      const [first = 0] = rounds;
      update({ healthCheck: { intervalMs: 200 } });
      await bench.pass(600);
      expect(rounds.map((at) => at - first)).to.deep.equal([0, 200, 400, 600]);

      update({ healthCheck: { intervalMs: 5_000 } });
      await bench.pass(5_000);
      expect(rounds.map((at) => at - first)).to.deep.equal([0, 200, 400, 600, 5_600]);
    });

    it('leaves the rounds of an endpoint alone whose own options win', async () => {
      bench.control.add({ ...bench.endpoint('c'), healthCheck: { intervalMs: 2_000 } });
      await bench.pass(0);
      const rounds = roundsOf('c');
      update({ healthCheck: { intervalMs: 100 } });
      await bench.pass(1_900);
      expect(rounds).to.have.lengthOf(0);
      await bench.pass(100);
      expect(rounds).to.have.lengthOf(1);
    });

    it('lets a round that is under way end as it began', async () => {
      const rounds: ((answer: string) => void)[] = [];
      bench.ping.set('b', () => new Promise((resolve) => rounds.push(resolve)));
      await bench.pass(INTERVAL_MS);
      expect(rounds).to.have.lengthOf(1);
      update({ healthCheck: { intervalMs: 300, timeoutMs: 90 } });
      await bench.pass(50);
      rounds[0]?.('PONG');
      await bench.pass(225);
      expect(rounds).to.have.lengthOf(1);
      await bench.pass(50);
      expect(rounds).to.have.lengthOf(2);
      expect(bench.takeLog()).to.deep.equal([]);
    });

    it('asks another check from then on, also in a round that is under way', async () => {
      const asked: string[] = [];
      const late: ((isWell: boolean) => void)[] = [];
      const hanging = ({ endpointId }: HealthCheckContext): Promise<boolean> => {
        asked.push(`hanging ${endpointId}`);
        return new Promise((resolve) => late.push(resolve));
      };
      update({ healthCheck: { check: hanging, timeoutMs: 900 } });
      await bench.pass(INTERVAL_MS);
      expect(asked).to.deep.equal(['hanging a', 'hanging b']);

      update({ healthCheck: { check: ({ endpointId }) => asked.push(`other ${endpointId}`) > 0 } });
      await bench.pass(0);
      expect(asked.slice(2)).to.deep.equal(['other a', 'other b']);
      for (const answer of late) answer(false);
      await bench.pass(INTERVAL_MS);
      expect(bench.takeLog()).to.deep.equal([]);
    });
  });

  it('lets a check have another one take its place each time that it is asked', async () => {
    let asked = 0;
    const replaced = (): boolean => {
      if (asked++ < 100) update({ healthCheck: { check: () => replaced() } });
      return true;
    };
    update({ healthCheck: { check: () => replaced() } });
    await bench.pass(3 * INTERVAL_MS);

    // Two endpoints are asked three times, and once more each time at most.
    expect(asked).to.be.within(6, 12);
    expect(bench.takeLog()).to.deep.equal([]);
  });

  describe('of the circuit breaker', () => {
    it('counts for what fails from then on, with what was counted', async () => {
      update({ circuitBreaker: { consecutiveFailures: 4 } });
      await bench.openCircuit('b');
      expect(bench.statusOf('b')?.circuit).to.equal('closed');
      update({ circuitBreaker: { consecutiveFailures: 3 } });
      expect(bench.statusOf('b')?.circuit).to.equal('closed');

      bench.core.recordFailure('b', new Error('refused'), { isRound: true });
      await nextTurn();
      expect(bench.statusOf('b')?.circuit).to.equal('open');
    });

    it('leaves one that is isolated as it is', async () => {
      await bench.control.isolate('b');
      update({ circuitBreaker: { consecutiveFailures: 1, windowMs: 500, halfOpenAfterMs: 0 } });
      await bench.pass(2_000);

      expect(bench.statusOf('b')?.circuit).to.equal('isolated');
    });
  });

  describe('while everything is down', () => {
    beforeEach(async () => {
      bench.fail('a');
      bench.fail('b');
      await bench.pass(2 * INTERVAL_MS);
      expect(bench.core.controller.state.isDown).to.equal(true);
      bench.takeLog();
    });

    it('tells nobody anything, and commands are served by the first that is back', async () => {
      update({ failback: { enabled: true, gracePeriodMs: 5 }, healthCheck: { intervalMs: 100 } });
      await bench.pass(0);
      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.core.retryAfterMs).to.equal(100);

      bench.heal('b');
      await bench.pass(200);
      expect(bench.control.activeEndpoint).to.equal('b');
    });
  });

  it('of the choice of an endpoint counts for the next failover', async () => {
    bench.control.add(bench.endpoint('c'));
    bench.connect('c');
    await bench.pass(0);
    update({ failover: { selectEndpoint: () => 'c' } });
    bench.fail('a');
    await bench.pass(INTERVAL_MS);

    expect(bench.takeLog()).to.include('a > c: health-check');
  });
});
