import { expect } from 'chai';
import type { HealthCheckAnswer, HealthCheckContext, SwitchToOptions } from '../lib/index.ts';
import { CoreBench } from './core-bench.ts';

describe('redis.geo, for maintenance', () => {
  let bench: CoreBench;

  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
  });

  afterEach(() => bench.close());

  describe('isolate()', () => {
    it('keeps a failover away, even if nothing else is left, until it rejoins', async () => {
      await bench.control.isolate('b');
      bench.fail('a');
      await bench.pass(1_000);
      expect(bench.takeLog()).to.deep.equal(['b: closed > isolated', 'in flight limited a', 'a: healthy > unhealthy']);

      bench.control.rejoin('b');
      await bench.pass(0);
      expect(bench.takeLog()).to.include('a > b: health-check');
    });

    it('leaves the active endpoint first', async () => {
      expect(await bench.control.isolate('a')).to.include({ from: 'a', to: 'b', interrupted: 0 });
      await bench.pass(0);

      expect(bench.takeLog()).to.deep.equal(['a: closed > isolated', 'a > b: endpoint-isolated']);
    });

    it('is not done to both of two endpoints at once: the first is undone, because the second was its way out', async () => {
      const first = bench.control.isolate('a');
      const second = bench.control.isolate('b');
      await rejects(first, 'GEO_ENDPOINT_UNHEALTHY');

      expect(await second).to.equal(undefined);
      expect(['a', 'b'].map((id) => bench.statusOf(id)?.circuit)).to.deep.equal(['closed', 'isolated']);
      expect(bench.control.activeEndpoint).to.equal('a');
    });

    it('is left for what answers, when the best of the others does not', async () => {
      await addC();
      bench.fail('b');

      expect(await bench.control.isolate('a')).to.include({ from: 'a', to: 'c' });
    });

    it('outlasts the last client, and is ended while there is none', async () => {
      await bench.control.isolate('b');
      bench.core.leave(bench.member);
      bench.control.rejoin('b');
      await bench.start();

      expect(bench.statusOf('b')).to.include({ circuit: 'closed' });
    });

    it('is done when a failure takes commands away from the endpoint meanwhile', async () => {
      await addC();
      bench.member.drained = () => {
        bench.core.controller.signal({ type: 'ready', endpointId: 'b', isReady: false });
        const failure = { reason: 'silence', isAnswering: false } as const;
        bench.core.controller.signal({ type: 'verdict', endpointId: 'a', failure });
        return Promise.resolve({ answered: 0, unanswered: 0 });
      };

      expect(await bench.control.isolate('a')).to.equal(undefined);
      expect(bench.statusOf('a')).to.include({ circuit: 'isolated', isActive: false });
      expect(bench.control.activeEndpoint).to.equal('c');
    });

    it('outlasts good checks, and is ended by a forced switch', async () => {
      await bench.control.isolate('b');
      await bench.pass(120_000);
      expect(bench.statusOf('b')).to.include({ circuit: 'isolated', health: 'healthy' });
      await bench.force('b');

      expect(bench.statusOf('b')).to.include({ circuit: 'closed', isActive: true });
    });

    it('is not done when no other endpoint could take over', async () => {
      await bench.lose('b');

      await rejects(
        bench.control.isolate('a'),
        'GEO_NO_HEALTHY_ENDPOINT',
        'Cannot isolate a: no other endpoint is healthy',
      );
      expect(bench.statusOf('a')).to.include({ circuit: 'closed', isActive: true });
    });

    it('makes switchTo(), failback() and remove() look elsewhere', async () => {
      await bench.control.isolate('b');

      await rejects(bench.control.switchTo('b'), 'GEO_ENDPOINT_UNHEALTHY', 'Cannot switch to b: it is isolated');
      await rejects(
        bench.control.remove('a'),
        'GEO_NO_HEALTHY_ENDPOINT',
        'Cannot remove a: no other endpoint is healthy',
      );
      bench.control.setWeight('b', 9);
      expect(await bench.control.failback()).to.equal(undefined);
    });

    it('does nothing to rejoin one that is not isolated, and knows no other', async () => {
      await bench.openCircuit('b');
      bench.control.rejoin('b');

      expect(bench.statusOf('b')).to.include({ circuit: 'open' });
      expect(() => bench.control.rejoin('z'))
        .to.throw()
        .that.includes({ code: 'GEO_UNKNOWN_ENDPOINT' });
      await rejects(bench.control.isolate('z'), 'GEO_UNKNOWN_ENDPOINT');
    });
  });

  describe('failback()', () => {
    it('goes to the best endpoint now, although it is off', async () => {
      await bench.control.switchTo('b');

      expect(await bench.control.failback()).to.include({ from: 'b', to: 'a', interrupted: 0 });
      await bench.pass(0);
      expect(bench.takeLog()).to.deep.equal(['a > b: manual', 'b > a: failback']);
      expect(bench.core.controller.state.pinnedId).to.equal(undefined);
    });

    it('goes to the next better one when the best does not answer', async () => {
      await addC();
      await bench.control.switchTo('c');
      bench.fail('a');

      expect(await bench.control.failback()).to.include({ from: 'c', to: 'b' });
    });

    it('ends the pin also where it is', async () => {
      await bench.control.switchTo('a');
      expect(bench.core.controller.state.pinnedId).to.equal('a');
      await bench.control.failback();

      expect(bench.core.controller.state.pinnedId).to.equal(undefined);
    });

    it('does nothing when no other is better', async () => {
      expect(await bench.control.failback()).to.equal(undefined);
      expect(bench.control.epoch).to.equal(0);
    });

    it('is refused when the better one fails, or came back without its data', async () => {
      await bench.control.switchTo('b');
      bench.core.controller.signal({ type: 'data', endpointId: 'a', hasLostData: true });
      await rejects(
        bench.control.failback(),
        'GEO_ENDPOINT_UNHEALTHY',
        'Cannot switch to a: it came back without its data',
      );
      bench.fail('a');

      await rejects(bench.control.failback(), 'GEO_ENDPOINT_UNHEALTHY', 'Cannot switch to a: a is down');
      expect(bench.control.activeEndpoint).to.equal('b');
    });
  });

  describe('with an endpoint that its check holds back', () => {
    const heldBack = { ok: false, reason: 'lag', message: 'far behind', failbackOnly: true } as const;
    let answer: HealthCheckAnswer;

    beforeEach(async () => {
      bench.close();
      answer = heldBack;
      const check = ({ endpointId }: HealthCheckContext): HealthCheckAnswer => endpointId !== 'a' || answer;
      bench = new CoreBench(['a', 'b'], check);
      await bench.start();
      expect(await bench.control.isolate('a')).to.include({ from: 'a', to: 'b' });
      bench.control.rejoin('a');
    });

    it('refuses failback(), but not switchTo()', async () => {
      await rejects(bench.control.failback(), 'GEO_ENDPOINT_UNHEALTHY', 'Cannot switch to a: far behind');
      expect(bench.control.activeEndpoint).to.equal('b');

      expect(await bench.control.switchTo('a')).to.include({ from: 'b', to: 'a' });
    });

    it('still shows that when it was unhealthy, and is gone to', async () => {
      answer = false;
      await bench.pass(1_000);
      expect(bench.statusOf('a')).to.include({ health: 'unhealthy' });
      answer = heldBack;
      await bench.control.switchTo('a');

      expect(bench.statusOf('a')).to.include({
        health: 'healthy',
        isActive: true,
        isHeldBack: true,
        lastReason: 'lag',
      });
    });

    it('goes there when the other one is isolated', async () => {
      expect(await bench.control.isolate('b')).to.include({ from: 'b', to: 'a' });
    });
  });

  it('refuses options that are none, and times that are too short', async () => {
    const cases: readonly (readonly [options: unknown, message: string])[] = [
      [{ pinMs: 0 }, 'pinMs must be a finite number >= 1, got 0'],
      [{ pinMs: Number.NaN }, 'pinMs must be a finite number >= 1, got NaN'],
      [{ pinMs: Number.POSITIVE_INFINITY }, 'pinMs must be a finite number >= 1, got Infinity'],
      [{ drainMs: -1 }, 'drainMs must be a finite number >= 0, got -1'],
      [{ pinMS: 5 }, 'pinMS is not an option; did you mean "pinMs"?'],
      [{ force: 'no' }, 'force must be true or false'],
      [null, 'options must be a plain object, got null'],
      ['x', 'options must be a plain object'],
    ];
    for (const [options, message] of cases) {
      await rejects(bench.control.switchTo('b', options as SwitchToOptions), 'GEO_INVALID_OPTIONS', message);
    }
    expect(bench.control.activeEndpoint).to.equal('a');
  });

  describe('a request that a newer one supersedes during its look', () => {
    let answer: (reply: string) => void;

    beforeEach(() => bench.ping.set('b', () => new Promise((resolve) => (answer = resolve))));

    async function answered(): Promise<void> {
      bench.ping.delete('b');
      answer('PONG');
      await bench.pass(0);
    }

    it('does not switch any more', async () => {
      await addC();
      const first = bench.control.switchTo('b');
      const isRefused = rejects(first, 'GEO_ENDPOINT_UNHEALTHY', 'another switch was wanted meanwhile');
      await bench.pass(0);
      await bench.control.switchTo('c');
      await answered();

      await isRefused;
      expect(bench.control.activeEndpoint).to.equal('c');
    });

    it('does not pin any more when that is release()', async () => {
      const isRefused = rejects(bench.control.switchTo('b'), 'GEO_ENDPOINT_UNHEALTHY', 'another switch');
      await bench.pass(0);
      bench.control.release();
      await answered();

      await isRefused;
      expect(bench.control.activeEndpoint).to.equal('a');
    });

    it('does not fail back to what is no better any more', async () => {
      bench.control.setWeight('b', 9);
      const back = bench.control.failback();
      await bench.pass(0);
      bench.control.setWeight('b', 0.1);
      await answered();

      expect(await back).to.equal(undefined);
      expect(bench.control.activeEndpoint).to.equal('a');
    });

    it('does not pin what became active by a failure', async () => {
      bench.control.setWeight('b', 9);
      const back = bench.control.failback();
      await bench.pass(0);
      bench.core.controller.signal({
        type: 'verdict',
        endpointId: 'a',
        failure: { reason: 'silence', isAnswering: false },
      });
      await answered();

      expect(await back).to.equal(undefined);
      expect(bench.core.controller.state).to.include({ activeId: 'b', pinnedId: undefined });
    });
  });

  /** The lightest. */
  async function addC(): Promise<void> {
    bench.control.add(bench.endpoint('c'));
    bench.control.setWeight('c', 0.5);
    bench.connect('c');
    await bench.pass(0);
    bench.takeLog();
  }

  async function rejects(promise: Promise<unknown>, code: string, message = ''): Promise<void> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.an('error').that.includes({ code });
    expect((error as Error).message).to.include(message);
  }
});
