import { expect } from 'chai';
import { CoreBench } from './core-bench.ts';

describe('redis.geo, on endpoints that fail', () => {
  let bench: CoreBench;

  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
  });

  afterEach(() => bench.close());

  it('asserts that no other endpoint has become active', async () => {
    const { epoch } = bench.control;
    expect(() => bench.control.assertEpoch(epoch)).not.to.throw();
    await bench.control.switchTo('b');

    expect(() => bench.control.assertEpoch(epoch))
      .to.throw('Another endpoint is active than in epoch 0: it is b, in epoch 1')
      .that.includes({ code: 'GEO_EPOCH_CHANGED', endpointId: 'b', epoch: 1 });
  });

  describe('a forced switchTo() an endpoint that is known as unhealthy', () => {
    beforeEach(() => bench.lose('b'));

    it('stays, with a health that is unknown, and lets commands flow', async () => {
      await bench.force('b');

      expect(bench.takeLog()).to.deep.equal(['b: unhealthy > unknown', 'a > b: manual']);
      expect(bench.statusOf('b')).to.include({ isActive: true, health: 'unknown', lastError: undefined });
      expect(bench.core.isServing('b')).to.equal(true);
      await bench.pass(500);
      expect(bench.takeLog()).to.deep.equal([]);
    });

    it('stays when the endpoint is found healthy', async () => {
      await bench.force('b');
      bench.heal('b');
      await bench.pass(3_000);

      expect(bench.takeLog()).to.deep.equal(['b: unhealthy > unknown', 'a > b: manual', 'b: unknown > healthy']);
    });

    it('leaves when the endpoint is looked at and still fails', async () => {
      await bench.force('b');
      bench.takeLog();
      await bench.pass(1_500);

      expect(bench.takeLog()).to.deep.equal(['b: unknown > unhealthy', 'b > a: health-check']);
    });

    it('stays when a look that began before it fails', async () => {
      let fail: (error: Error) => void = () => undefined;
      bench.ping.set('b', () => new Promise((_resolve, reject) => (fail = reject)));
      await bench.pass(1_025);
      await bench.force('b');
      fail(new Error('too late'));
      await bench.pass(500);

      expect(bench.takeLog()).to.deep.equal(['b: unhealthy > unknown', 'a > b: manual']);
    });

    it('leaves when the connection is lost and the endpoint does not answer', async () => {
      await bench.force('b');
      bench.takeLog();
      bench.core.suspect('b', 'connection-lost');
      await bench.pass(0);

      expect(bench.takeLog()).to.deep.equal(['b: unknown > unhealthy', 'b > a: connection-lost']);
    });

    it('waits for a connection, and leaves when the endpoint answers and there is none all the same', async () => {
      bench.disconnect('b');
      await bench.force('b');
      bench.heal('b');
      bench.takeLog();
      await bench.pass(1_000);
      expect(bench.takeLog()).to.deep.equal(['b: unknown > healthy']);
      await bench.pass(500);

      expect(bench.takeLog()).to.deep.equal(['b: healthy > unhealthy', 'b > a: connection-lost']);
      expect(bench.statusOf('b')?.lastError?.message).to.contain('no connection for data');
    });

    it('stays when the connection is there in time', async () => {
      bench.disconnect('b');
      await bench.force('b');
      bench.heal('b');
      await bench.pass(1_000);
      bench.connect('b');
      bench.takeLog();
      await bench.pass(3_000);

      expect(bench.takeLog()).to.deep.equal([]);
    });
  });

  it('does not leave an endpoint that got its connection in time for one that is lost at the end of that time', async () => {
    bench.disconnect('b');
    await bench.force('b');
    bench.heal('b');
    await bench.pass(1_000);
    bench.connect('b');
    await bench.pass(150);
    bench.takeLog();
    bench.disconnect('b');
    await bench.pass(150);

    expect(bench.takeLog()).to.deep.equal([]);
  });

  describe('a forced switchTo() an endpoint whose circuit is open', () => {
    beforeEach(async () => {
      await bench.openCircuit('b');
      bench.takeLog();
    });

    it('closes the circuit, and stays', async () => {
      await bench.force('b');
      await bench.pass(5_000);

      expect(bench.takeLog()).to.deep.equal(['b: open > closed', 'a > b: manual']);
      expect(bench.statusOf('b')).to.include({ isActive: true, circuit: 'closed', health: 'healthy' });
    });

    it('leaves when the circuit opens anew', async () => {
      await bench.force('b');
      bench.takeLog();
      await bench.openCircuit('b');

      expect(bench.takeLog()).to.deep.equal(['b: closed > open', 'b > a: circuit-breaker']);
    });
  });

  describe('a forced switchTo() the active endpoint, which is down like every other', () => {
    it('lets commands flow again', async () => {
      await bench.lose('b');
      bench.fail('a');
      await bench.pass(1_500);
      expect(bench.core.isServing('a')).to.equal(false);
      bench.takeLog();
      await bench.force('a');

      expect(bench.takeLog()).to.deep.equal(['a: unhealthy > unknown']);
      expect(bench.core.isServing('a')).to.equal(true);
    });
  });

  describe('a forced switchTo() the active endpoint, which answers and has no connection for data', () => {
    it('has it get its whole time for one again', async () => {
      bench.disconnect('a');
      await bench.pass(1_025);
      expect(bench.control.activeEndpoint).to.equal('a');
      await bench.pass(100);
      await bench.force('a');
      bench.takeLog();
      await bench.pass(175);
      expect(bench.takeLog()).to.deep.equal([]);
      await bench.pass(1_000);

      expect(bench.takeLog()).to.include('a > b: connection-lost');
    });
  });

  describe('switchTo() without force', () => {
    it('stays with an endpoint that was unhealthy and passes the look', async () => {
      await bench.lose('b');
      bench.heal('b');
      await bench.control.switchTo('b');
      await bench.pass(0);

      expect(bench.takeLog()).to.deep.equal(['b: unhealthy > healthy', 'a > b: manual']);
    });

    it('refuses an endpoint whose circuit is open, which would be left at once', async () => {
      await bench.openCircuit('b');
      bench.takeLog();
      const error: unknown = await bench.control.switchTo('b').catch((reason: unknown) => reason);

      expect(error).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY', endpointId: 'b' });
      expect((error as Error).message).to.equal('Cannot switch to b: its circuit is open');
      expect(bench.takeLog()).to.deep.equal([]);
    });
  });

  describe('on a client that was closed', () => {
    const CALLS: readonly (readonly [name: string, call: () => Promise<unknown>])[] = [
      ['switchTo()', () => bench.control.switchTo('b')],
      ['switchTo() with force', () => bench.control.switchTo('b', { force: true })],
      ['switchTo() the active endpoint', () => bench.control.switchTo('a')],
      ['remove()', () => bench.control.remove('b')],
      ['remove() of the active endpoint', () => bench.control.remove('a')],
    ];

    for (const [name, call] of CALLS) {
      it(`${name} says so`, async () => {
        bench.core.leave(bench.member);
        const error: unknown = await call().catch((reason: unknown) => reason);

        expect(error).to.include({ code: 'GEO_CLIENT_CLOSED', message: 'The client was closed' });
      });
    }

    it('add() says so, and adds nothing', () => {
      bench.core.leave(bench.member);

      expect(() => bench.control.add(bench.endpoint('c'))).to.throw('The client was closed');
      expect(bench.control.endpoints()).to.have.length(2);
    });

    it('switchTo() says so also when it was closed during the look', async () => {
      bench.ping.set('b', () => new Promise(() => undefined));
      const outcome = bench.control.switchTo('b').catch((reason: unknown) => reason);
      bench.core.leave(bench.member);
      await bench.pass(300);

      expect(await outcome).to.include({ code: 'GEO_CLIENT_CLOSED' });
    });

    it('no endpoint is ready', async () => {
      bench.core.leave(bench.member);
      await bench.pass(0);

      expect(bench.control.endpoints().map(({ isReady }) => isReady)).to.deep.equal([false, false]);
    });

    it('all goes on when another client of the same endpoints connects', async () => {
      bench.core.leave(bench.member);
      await bench.start();

      expect(await bench.control.switchTo('b')).to.include({ to: 'b' });
    });
  });

  describe('remove() of the active endpoint', () => {
    it('leaves it for good, even if the circuit of the only other one is open', async () => {
      await bench.openCircuit('b');
      bench.takeLog();
      await bench.control.remove('a');
      await bench.pass(0);

      expect(bench.takeLog()).to.deep.equal(['removed a', 'b: open > closed', 'a > b: endpoint-removed']);
      expect(bench.control.endpoints().map(({ id, isActive }) => [id, isActive])).to.deep.equal([['b', true]]);
    });

    it('rather goes to a lighter one whose circuit is closed', async () => {
      bench.control.add(bench.endpoint('c'));
      bench.control.setWeight('c', 0.5);
      bench.connect('c');
      await bench.pass(0);
      await bench.openCircuit('b');
      await bench.control.remove('a');

      expect(bench.control.activeEndpoint).to.equal('c');
    });
  });
});
