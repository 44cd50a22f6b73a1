import { expect } from 'chai';
import { CoreBench } from './core-bench.ts';

describe('A health check of the application that takes everything down', () => {
  let bench: CoreBench;
  let failing: Set<string>;
  let told: string[];

  beforeEach(async () => {
    failing = new Set();
    told = [];
    bench = new CoreBench(['a', 'b'], ({ endpointId }) => !failing.has(endpointId));
    bench.control.on('checksOverruled', ({ endpointId, reason }) => told.push(`${endpointId}: ${reason}`));
    bench.control.on('allEndpointsUnhealthy', () => told.push('all unhealthy'));
    await bench.start();
  });

  afterEach(() => bench.close());

  const fail = async (...ids: string[]): Promise<void> => {
    for (const id of ids) failing.add(id);
    await bench.pass(1_500);
  };
  const switches = (): string[] => bench.takeLog().filter((line) => /^. > .:/.test(line));

  it('is overruled at the last endpoint whose server answers, without a switch when all fail at once', async () => {
    await fail('a', 'b');

    expect(bench.control.activeEndpoint).to.equal('a');
    expect(bench.core.isServing('a')).to.equal(true);
    expect(bench.statusOf('a')).to.include({ health: 'healthy', lastReason: 'custom' });
    expect(bench.statusOf('b')).to.include({ health: 'unhealthy', lastReason: 'custom' });
    expect(bench.control.snapshot()).to.include({ overruledEndpoint: 'a', areAllUnhealthy: false });
    await bench.pass(10_000);
    expect([told, switches()]).to.deep.equal([['a: custom'], []]);
  });

  it('is obeyed while another endpoint can serve', async () => {
    await fail('a');

    expect(switches()).to.deep.equal(['a > b: health-check']);
    expect([told, bench.control.snapshot().overruledEndpoint]).to.deep.equal([[], undefined]);
  });

  it('is obeyed again when another endpoint can serve again', async () => {
    await fail('a', 'b');
    failing.delete('b');
    await bench.pass(3_000);

    expect(switches()).to.deep.equal(['a > b: health-check']);
    expect(bench.control.snapshot().overruledEndpoint).to.equal(undefined);
  });

  it('is no matter any more when it passes', async () => {
    await fail('a', 'b');
    failing.clear();
    await bench.pass(1_500);

    expect(bench.control.endpoints().map(({ health, lastReason }) => [health, lastReason])).to.deep.equal([
      ['healthy', undefined],
      ['healthy', undefined],
    ]);
    expect(bench.control.snapshot().overruledEndpoint).to.equal(undefined);
    await fail('a', 'b');
    expect(told).to.deep.equal(['a: custom', 'a: custom']);
  });

  it('is overruled at an endpoint that was left for it, when the other one really fails', async () => {
    await fail('a');
    bench.fail('b');
    bench.disconnect('b');
    bench.core.suspect('b', 'connection-lost');
    await bench.pass(100);

    expect(switches()).to.deep.equal(['a > b: health-check', 'b > a: connection-lost']);
    expect(told).to.deep.equal(['a: custom']);
    await bench.pass(3_000);
    expect(bench.statusOf('a')).to.include({ health: 'healthy', isActive: true });
    bench.heal('b');
    bench.connect('b');
    await bench.pass(3_000);
    expect(switches()).to.deep.equal(['a > b: health-check']);
  });

  it('says nothing of another endpoint that gets the id of a removed one', async () => {
    await fail('a');
    await bench.control.remove('a');
    bench.fail('a');
    bench.control.add({ ...bench.endpoint('a'), weight: 2 });
    bench.disconnect('a');
    bench.connect('a');
    await bench.pass(1_500);
    bench.fail('b');
    bench.disconnect('b');
    bench.core.suspect('b', 'connection-lost');
    await bench.pass(100);

    expect(told).to.deep.equal(['all unhealthy']);
    expect(switches()).to.deep.equal(['a > b: health-check']);
  });

  it('is not overruled where the server fails as well', async () => {
    bench.fail('a');
    bench.fail('b');
    await fail('a', 'b');

    expect(told).to.deep.equal(['all unhealthy']);
    expect(bench.core.isServing('a')).to.equal(false);
  });

  it('is not overruled at an endpoint that is isolated, or has no connection', async () => {
    await fail('a');
    bench.disconnect('a');
    failing.add('b');
    bench.fail('b');
    bench.core.suspect('b', 'connection-lost');
    await bench.pass(100);
    expect(told).to.deep.equal(['all unhealthy']);
    bench.connect('a');
    await bench.pass(1_000);

    expect(told).to.deep.equal(['all unhealthy', 'a: custom']);
    expect(switches()).to.deep.equal(['a > b: health-check', 'b > a: connection-lost']);
  });

  it('is told of once, however often the server of the endpoint is verified', async () => {
    await fail('a', 'b');
    for (let i = 0; i < 8; i++) {
      bench.core.suspect('a', 'rejected');
      await bench.pass(100);
      expect(bench.control.snapshot().overruledEndpoint).to.equal('a');
      await bench.pass(1_000);
    }

    expect([told, switches()]).to.deep.equal([['a: custom'], []]);
  });

  it('is obeyed when it was overruled for long, and another endpoint turns out to be good, not before', async () => {
    const slowly = (endpointId: string): boolean | Promise<boolean> =>
      endpointId === 'c' && new Promise((resolve) => void bench.clock.after(60, () => resolve(!failing.has('c'))));
    bench.close();
    bench = new CoreBench(['a', 'b'], ({ endpointId }) => slowly(endpointId));
    await bench.start();
    failing.add('c');
    await bench.pass(1_500);
    bench.takeLog();
    // Until a round of the active endpoint falls into the first check of another one.
    for (let i = 0; i < 12; i++) {
      bench.control.add(bench.endpoint('c'));
      bench.connect('c');
      await bench.pass(75);
      await bench.control.remove('c');
    }
    expect(switches()).to.deep.equal([]);
    failing.delete('c');
    bench.control.add(bench.endpoint('c'));
    bench.connect('c');
    await bench.pass(1_500);
    expect(switches()).to.deep.equal(['a > c: health-check']);
  });
});
