import { expect } from 'chai';
import type { EndpointReplacement, GeoFailoverError, SwitchReport } from '../lib/index.ts';
import { CoreBench, FakeMember } from './core-bench.ts';

/** Four round trips of 200 ms. */
const HANDSHAKE_MS = 800;

describe('replace()', () => {
  let bench: CoreBench;

  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
  });

  afterEach(() => bench.close());

  /** What replaces an endpoint; its PING is another one. */
  function replacement(ping: () => Promise<unknown> = () => Promise.resolve('PONG')): EndpointReplacement {
    return { redis: (() => ({ ping })) as unknown as () => never };
  }

  interface Call {
    report?: SwitchReport | undefined;
    error?: GeoFailoverError;
    isOver: boolean;
  }

  function replace(id: string, endpoint = replacement()): Call {
    const call: Call = { isOver: false };
    void bench.control
      .replace(id, endpoint)
      .then(
        (report) => (call.report = report),
        (error: unknown) => (call.error = error as GeoFailoverError),
      )
      .finally(() => (call.isOver = true));
    return call;
  }

  /** Keeps the drain of the next planned switch going until it is called. */
  function drainLater(): () => void {
    let drained: () => void = () => undefined;
    const outcome = new Promise<{ answered: number; unanswered: number }>((resolve) => {
      drained = () => resolve({ answered: 0, unanswered: 0 });
    });
    bench.member.drained = () => outcome;
    return drained;
  }

  it('of the active endpoint is a switch, after which it is the other one that is asked', async () => {
    let looks = 0;
    const call = replace(
      'a',
      replacement(() => Promise.resolve(looks++)),
    );
    await bench.pass(0);

    expect(call.report).to.include({ from: 'a', to: 'a', epoch: 1 });
    expect(bench.control.epoch).to.equal(1);
    expect(bench.takeLog()).to.deep.equal(['taken a', 'a > a: endpoint-replaced']);
    bench.fail('a');
    await bench.pass(2_000);
    expect(looks).to.be.greaterThan(2);
    expect(bench.takeLog()).to.deep.equal([]);
    expect(bench.control.endpoints().map(({ id, isReady }) => [id, isReady])).to.deep.equal([
      ['a', true],
      ['b', true],
    ]);
  });

  it('of another endpoint is none, and resolves nothing', async () => {
    const call = replace('b');
    await bench.pass(0);

    expect(call).to.deep.equal({ isOver: true, report: undefined });
    expect(bench.control.epoch).to.equal(0);
    expect(bench.takeLog()).to.deep.equal(['taken b']);
  });

  it('keeps a pin', async () => {
    await bench.force('b');
    replace('b');
    await bench.pass(0);

    expect(bench.control.snapshot()).to.include({ pinnedEndpoint: 'b', epoch: 2 });
  });

  describe('when something is against it', () => {
    let before: unknown;

    beforeEach(() => {
      before = bench.control.snapshot().endpoints;
    });

    function expectNothingHappened(): void {
      expect(bench.member.successors.ids).to.deep.equal([]);
      expect(bench.control.snapshot().endpoints).to.deep.equal(before);
      expect(bench.control.epoch).to.equal(0);
      expect(bench.core.isServing('a')).to.equal(true);
      expect(bench.member.holds).to.equal(0);
    }

    it('refuses what does not pass the look', async () => {
      const call = replace(
        'a',
        replacement(() => Promise.reject(new Error('not today'))),
      );
      await bench.pass(0);

      expect(call.error).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY', endpointId: 'a' });
      expect(call.error?.message).to.equal('Cannot replace a: not today');
      expectNothingHappened();
    });

    it('refuses what gets no connection for data in time', async () => {
      bench.member.successors.isConnected = false;
      const call = replace('a');
      await bench.pass(HANDSHAKE_MS - 100);
      expect(call.isOver).to.equal(false);
      await bench.pass(200);

      expect(call.error?.message).to.equal('Cannot replace a: its data connection is not ready');
      expectNothingHappened();
    });

    it('goes on as soon as the connection is ready', async () => {
      bench.member.successors.isConnected = false;
      const call = replace('a');
      await bench.pass(100);
      bench.member.successors.become({ isConnected: true });
      await bench.pass(0);

      expect(call.report).to.include({ epoch: 1 });
    });

    it('refuses what loses its connection during the drain', async () => {
      const drained = drainLater();
      const call = replace('a');
      await bench.pass(0);
      bench.member.successors.become({ isConnected: false });
      drained();
      await bench.pass(0);

      expect(call.error).to.include({ code: 'GEO_ENDPOINT_UNHEALTHY' });
      expectNothingHappened();
    });

    it('is superseded by a newer call at once', async () => {
      bench.member.successors.isConnected = false;
      const first = replace('a');
      await bench.pass(0);
      const second = replace('a');
      await bench.pass(0);
      expect(first.error?.message).to.equal('Cannot replace a: another one was wanted in its place meanwhile');
      expect(second.isOver).to.equal(false);
      bench.member.successors.become({ isConnected: true });
      await bench.pass(0);

      expect(second.report).to.include({ epoch: 1 });
      expect(bench.takeLog()).to.deep.equal(['called off a', 'taken a', 'a > a: endpoint-replaced']);
    });

    it('ends at once when the endpoint is removed', async () => {
      bench.member.successors.isConnected = false;
      const call = replace('b');
      await bench.pass(0);
      await bench.control.remove('b');
      await bench.pass(0);

      expect(call.error).to.include({ code: 'GEO_UNKNOWN_ENDPOINT', endpointId: 'b' });
      expect(bench.member.successors.ids).to.deep.equal([]);
      bench.control.add(bench.endpoint('b'));
      expect(bench.control.endpoints().map(({ id }) => id)).to.deep.equal(['a', 'b']);
    });

    it('ends when the client is closed during the drain', async () => {
      const drained = drainLater();
      const call = replace('a');
      await bench.pass(0);
      bench.core.leave(bench.member);
      drained();
      await bench.pass(0);

      expect(call.error).to.include({ code: 'GEO_CLIENT_CLOSED' });
      expect(bench.control.epoch).to.equal(0);
    });

    it('replaces an endpoint that was left during the drain all the same, without a switch', async () => {
      const drained = drainLater();
      const call = replace('a');
      await bench.pass(0);
      bench.fail('a');
      bench.core.suspect('a', 'connection-lost');
      await bench.pass(0);
      drained();
      await bench.pass(0);

      expect(call).to.deep.equal({ isOver: true, report: undefined });
      expect(bench.takeLog()).to.deep.equal([
        'a: healthy > unhealthy',
        'a > b: connection-lost',
        'taken a',
        'a: unhealthy > healthy',
      ]);
      expect(bench.control).to.include({ activeEndpoint: 'b', epoch: 1 });
    });

    it('throws what the factory of clients throws', async () => {
      bench.member.successors.connect = () => {
        throw new Error('no such region');
      };
      const call = replace('a');
      await bench.pass(0);

      expect(call.error?.message).to.equal('no such region');
      expectNothingHappened();
    });
  });

  describe('of an endpoint that fails', () => {
    it('makes it healthy', async () => {
      await bench.lose('b');
      replace('b');
      await bench.pass(0);

      expect(bench.takeLog()).to.have.members(['taken b', 'b: unhealthy > healthy']);
      expect(bench.statusOf('b')).to.include({ health: 'healthy', lastError: undefined });
    });

    it('lets commands flow again when all others fail as well', async () => {
      await bench.lose('b');
      bench.fail('a');
      await bench.pass(1_500);
      expect(bench.control.snapshot().areAllUnhealthy).to.equal(true);
      replace('a');
      await bench.pass(0);

      expect(bench.control.snapshot().areAllUnhealthy).to.equal(false);
      expect(bench.core.isServing('a')).to.equal(true);
    });

    it('closes its circuit', async () => {
      await bench.openCircuit('b');
      bench.takeLog();
      replace('b');
      await bench.pass(0);

      expect(bench.takeLog()).to.have.members(['taken b', 'b: open > closed']);
    });

    it('is not concerned by what comes of a look at the one before', async () => {
      let fail: (error: Error) => void = () => undefined;
      bench.ping.set('a', () => new Promise((_resolve, reject) => (fail = reject)));
      bench.core.suspect('a', 'connection-lost');
      const call = replace('a');
      await bench.pass(0);
      fail(new Error('too late'));
      await bench.pass(500);

      expect(call.report).to.include({ epoch: 1 });
      expect(bench.takeLog()).to.deep.equal(['taken a', 'a > a: endpoint-replaced']);
      expect(bench.core.isServing('a')).to.equal(true);
    });
  });

  it('is not concerned by the silence of the one before that is told late', async () => {
    for (const id of ['a', 'b']) bench.ping.set(id, () => new Promise(() => undefined));
    bench.core.suspect('a', 'silence');
    await bench.pass(0);
    replace('b');
    await bench.pass(0);
    expect(bench.takeLog()).to.deep.equal(['taken b']);
    await bench.pass(500);

    expect(bench.takeLog()).to.deep.equal(['a: healthy > unhealthy', 'a > b: silence']);
    expect(bench.statusOf('b')).to.include({ health: 'healthy', isActive: true });
  });

  it('of an isolated endpoint leaves it isolated', async () => {
    await bench.control.isolate('b');
    await bench.pass(0);
    bench.takeLog();
    replace('b');
    await bench.pass(0);
    expect(bench.takeLog()).to.deep.equal(['taken b']);
    expect(bench.statusOf('b')).to.include({ circuit: 'isolated' });
    bench.control.rejoin('b');

    expect(bench.statusOf('b')).to.include({ circuit: 'closed' });
  });

  it('asks a client that is made meanwhile to take part', async () => {
    const drained = drainLater();
    const second = new FakeMember('second', bench.log);
    const call = replace('a');
    await bench.pass(0);
    bench.core.join(second);
    drained();
    await bench.pass(0);

    expect(call.report).to.include({ epoch: 1 });
    expect(bench.log.filter((line) => line === 'second: hold' || line === 'second: release')).to.have.length(2);
  });

  it('keeps the weight, also one that is set meanwhile, unless another one is given', async () => {
    bench.member.successors.isConnected = false;
    replace('b');
    await bench.pass(0);
    bench.control.setWeight('b', 0.5);
    bench.member.successors.become({ isConnected: true });
    await bench.pass(0);
    expect(bench.statusOf('b')).to.include({ weight: 0.5 });
    replace('b', { ...replacement(), id: 'b', weight: 0.25 });
    await bench.pass(0);

    expect(bench.statusOf('b')).to.include({ weight: 0.25 });
    const origins = bench.control.configuration().filter(({ path }) => path.startsWith('endpoints[1]'));
    expect(origins.map(({ origin }) => origin)).to.deep.equal(Array.from(origins, () => 'replace()'));
  });

  const REFUSED: readonly (readonly [given: unknown, message: string])[] = [
    [{ redis: 'redis://a', id: 'c' }, 'endpoint.id must be "a", or left out, got "c"'],
    [{ redis: 'redis://a', weight: 0 }, 'endpoint.weight must be a finite number > 0, got 0'],
    [{}, 'endpoint.redis must be'],
    [{ redis: 'redis://a', wait: 3 }, 'endpoint.wait is not an option'],
    ['redis://a', 'endpoint must be'],
    [null, 'endpoint must be'],
  ];

  for (const [given, message] of REFUSED) {
    it(`refuses ${JSON.stringify(given)}`, async () => {
      const call = replace('a', given as EndpointReplacement);
      await bench.pass(0);

      expect(call.error).to.include({ code: 'GEO_INVALID_OPTIONS' });
      expect(call.error?.message).to.contain(message);
    });
  }

  it('refuses an endpoint that there is not', async () => {
    const call = replace('c');
    await bench.pass(0);

    expect(call.error).to.include({ code: 'GEO_UNKNOWN_ENDPOINT', endpointId: 'c' });
  });

  it('says so on a client that was closed', async () => {
    bench.core.leave(bench.member);
    const call = replace('a');
    await bench.pass(0);

    expect(call.error).to.include({ code: 'GEO_CLIENT_CLOSED' });
  });
});
