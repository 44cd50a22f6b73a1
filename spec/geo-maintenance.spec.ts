import { expect } from 'chai';
import { CoreBench } from './core-bench.ts';

describe('redis.geo, for maintenance', () => {
  let bench: CoreBench;

  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
  });

  afterEach(() => bench.close());

  /** From now on the endpoint fails, and everybody knows. */
  async function lose(endpointId: string): Promise<void> {
    bench.fail(endpointId);
    await bench.pass(1_000);
    expect(bench.takeLog()).to.deep.equal([`given up ${endpointId}`, `${endpointId}: healthy > unhealthy`]);
  }

  async function force(endpointId: string): Promise<void> {
    expect(await bench.control.switchTo(endpointId, { force: true })).to.include({ to: endpointId });
    await bench.pass(0);
  }

  function statusOf(endpointId: string) {
    return bench.control.endpoints().find(({ id }) => id === endpointId);
  }

  async function openCircuit(endpointId: string): Promise<void> {
    for (let i = 0; i < 2; i++) bench.core.recordFailure(endpointId, new Error('refused'), { isRound: true });
    await bench.pass(0);
  }

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

      expect(bench.takeLog()).to.deep.equal(['a > b: endpoint-isolated', 'a: closed > isolated']);
    });

    it('outlasts good checks, and is ended by a forced switch', async () => {
      await bench.control.isolate('b');
      await bench.pass(120_000);
      expect(statusOf('b')).to.include({ circuit: 'isolated', health: 'healthy' });
      await force('b');

      expect(statusOf('b')).to.include({ circuit: 'closed', isActive: true });
    });

    it('is not done when no other endpoint could take over', async () => {
      await lose('b');

      await rejects(
        bench.control.isolate('a'),
        'GEO_NO_HEALTHY_ENDPOINT',
        'Cannot isolate a: no other endpoint is healthy',
      );
      expect(statusOf('a')).to.include({ circuit: 'closed', isActive: true });
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
      await openCircuit('b');
      bench.control.rejoin('b');

      expect(statusOf('b')).to.include({ circuit: 'open' });
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

  it('refuses times that are none', async () => {
    for (const pinMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const rule = `pinMs must be a finite number >= 1, got ${pinMs}`;
      await rejects(bench.control.switchTo('b', { pinMs }), 'GEO_INVALID_OPTIONS', rule);
    }
    await rejects(bench.control.switchTo('b', { drainMs: -1 }), 'GEO_INVALID_OPTIONS');
    expect(bench.control.activeEndpoint).to.equal('a');
  });

  async function rejects(promise: Promise<unknown>, code: string, message = ''): Promise<void> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.an('error').that.includes({ code });
    expect((error as Error).message).to.include(message);
  }
});
