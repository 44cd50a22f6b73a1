import { expect } from 'chai';
import { resolveOptions } from '../lib/options/resolve-options.ts';
import { CoreBench } from './core-bench.ts';
import { never } from './health/fake-clients.ts';

describe('An endpoint that is silent', () => {
  let bench: CoreBench;

  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
  });

  afterEach(() => bench.close());

  /** Whether it is suspected after so long, without which nothing happens. */
  async function isSuspectedAfter(silentMs: number): Promise<boolean> {
    bench.ping.set('a', never);
    bench.core.silenceSeen('a', silentMs, 0);
    const { isVerifying } = bench.core;
    bench.heal('a');
    await bench.pass(500);
    return isVerifying;
  }

  it('is suspected after silenceFloorMs', async () => {
    expect(await isSuspectedAfter(349)).to.equal(false);
    expect(bench.control.detectionBoundMs).to.equal(350 + 40 + 200);
    expect(await isSuspectedAfter(350)).to.equal(true);
  });

  it('is suspected later when it is used to be silent for longer', async () => {
    bench.core.silenceSeen('a', 0, 300);

    expect(bench.control.detectionBoundMs).to.equal(450 + 40 + 200);
    expect(await isSuspectedAfter(449)).to.equal(false);
    expect(await isSuspectedAfter(450)).to.equal(true);
  });

  it('is not taken to be used to a silence during which it failed', async () => {
    bench.fail('a');
    bench.fail('b');
    bench.core.suspect('a', 'silence');
    await bench.pass(100);
    bench.core.silenceSeen('a', 0, 5_000);

    expect(bench.control.detectionBoundMs).to.equal(350 + 40 + 200);
  });

  it('has its own habits', async () => {
    bench.core.silenceSeen('a', 0, 5_000);
    expect(bench.control.detectionBoundMs).to.equal(500 + 40 + 200);
    await bench.force('b');

    expect(bench.control.detectionBoundMs).to.equal(350 + 40 + 200);
  });

  it('has as much time as a floor that is given alone', () => {
    const { failover } = resolveOptions({
      endpoints: ['redis://a'].map((redis) => ({ id: 'a', redis })),
      failover: { silenceFloorMs: 600 },
    });

    expect(failover).to.include({ silenceFloorMs: 600, silenceCeilingMs: 600 });
  });
});

describe('A snapshot', () => {
  it('is plain data, with what is known of everything', async () => {
    const bench = new CoreBench(['a', 'b']);
    await bench.start();
    await bench.lose('b');
    const before = Date.now();
    const snapshot = bench.control.snapshot();

    expect(JSON.parse(JSON.stringify(snapshot))).to.include({ activeEndpoint: 'a', epoch: 0 });
    expect(snapshot.at).to.be.within(before, Date.now());
    expect(snapshot).to.deep.include({
      ...{ activeEndpoint: 'a', epoch: 0, pinnedEndpoint: undefined },
      ...{ isVerifying: false, areAllUnhealthy: false, isOwnNetworkSuspected: false, detectionBoundMs: 590 },
    });
    expect(snapshot.endpoints[1]).to.include({ id: 'b', health: 'unhealthy', lastError: 'b is down' });
    await bench.control.switchTo('a');
    expect(bench.control.snapshot().pinnedEndpoint).to.equal('a');
    bench.close();
  });

  it('tells when all endpoints are silent', async () => {
    const bench = new CoreBench(['a', 'b']);
    await bench.start();
    for (const id of ['a', 'b']) bench.ping.set(id, never);
    bench.core.suspect('a', 'silence');
    expect(bench.control.snapshot().isVerifying).to.equal(true);
    await bench.pass(300);

    expect(bench.control.snapshot()).to.include({ areAllUnhealthy: true, isOwnNetworkSuspected: true });
    for (const id of ['a', 'b']) bench.heal(id);
    await bench.pass(500);
    expect(bench.control.snapshot()).to.include({ areAllUnhealthy: false, isOwnNetworkSuspected: false });
    bench.close();
  });
});
