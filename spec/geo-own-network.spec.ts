import { expect } from 'chai';
import type { EndpointSwitchedEvent } from '../lib/index.ts';
import { CoreBench } from './core-bench.ts';
import { never } from './health/fake-clients.ts';

describe('A network of our own that brings nothing', () => {
  let bench: CoreBench;
  let suspected: (readonly string[])[];

  beforeEach(async () => {
    suspected = [];
    bench = new CoreBench(['a', 'b', 'c']);
    bench.control.on('ownNetworkSuspected', ({ silentEndpoints }) => suspected.push(silentEndpoints));
    await bench.start();
  });

  afterEach(() => bench.close());

  const silence = (...ids: string[]): void => ids.forEach((id) => bench.ping.set(id, never));
  const switches = (): string[] => bench.takeLog().filter((line) => /^. > .:/.test(line));

  it('is suspected when all endpoints fall silent at once, and nothing is switched', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(300);

    expect(suspected).to.deep.equal([['a', 'b', 'c']]);
    expect(bench.takeLog()).to.deep.equal([
      ...['given up b', 'given up c', 'in flight limited a'],
      ...['b: healthy > unhealthy', 'c: healthy > unhealthy', 'a: healthy > unhealthy'],
    ]);
    await bench.pass(10_000);
    expect([suspected.length, switches()]).to.deep.equal([1, []]);
  });

  it('leaves the active endpoint active when everything answers again, whoever is asked first', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(3_000);
    for (const id of ['a', 'b', 'c']) bench.heal(id);
    await bench.pass(500);

    expect(bench.statusOf('a')).to.include({ health: 'healthy', isActive: true });
    await bench.pass(2_000);
    expect(bench.control.endpoints().map(({ health }) => health)).to.deep.equal(['healthy', 'healthy', 'healthy']);
    expect(switches()).to.deep.equal([]);
  });

  it('is suspected no more as soon as something makes it needless', async () => {
    const isSuspected = (): boolean => bench.control.snapshot().isOwnNetworkSuspected;
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(300);
    expect(isSuspected()).to.equal(true);
    await bench.control.switchTo('b', { force: true });
    expect(isSuspected()).to.equal(false);

    // Nothing else answered when it failed.
    bench.fail('b');
    bench.core.suspect('b', 'connection-lost');
    await bench.pass(0);
    expect([isSuspected(), suspected.length]).to.deep.equal([false, 1]);
  });

  it('is looked at sooner than the checks would', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(300);
    let looks = 0;
    bench.ping.set('a', () => (looks++, never()));
    await bench.pass(3_000);

    expect(looks).to.be.above(6);
  });

  it('is not suspected while another endpoint answers: it is switched to at once, the silent one beside it is not', async () => {
    const told: EndpointSwitchedEvent[] = [];
    bench.control.on('endpointSwitched', (event) => told.push(event));
    silence('a', 'b');
    bench.core.suspect('a', 'silence');
    await bench.pass(200);

    expect(switches()).to.deep.equal(['a > c: silence']);
    expect(suspected).to.deep.equal([]);
    expect(told[0]?.durationMs).to.be.below(250);
  });

  it('is not suspected when an endpoint refuses', async () => {
    silence('b', 'c');
    bench.fail('a');
    bench.core.suspect('a', 'connection-lost');
    await bench.pass(0);

    expect(suspected).to.deep.equal([]);
    expect(switches()).to.deep.equal(['a > b: connection-lost']);
  });

  it('is not suspected where no other endpoint was good before', async () => {
    await bench.lose('b');
    await bench.lose('c');
    silence('a');
    bench.core.suspect('a', 'silence');
    await bench.pass(3_000);

    expect(suspected).to.deep.equal([]);
    expect(bench.statusOf('a')).to.include({ health: 'unhealthy', isActive: true });
  });

  it('gives way to an endpoint that answers, when the active one still does not', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(2_000);
    bench.heal('c');
    await bench.pass(1_000);

    expect(switches()).to.deep.equal(['a > c: silence']);
  });

  it('gives the active endpoint one more look when only others answered', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(2_000);
    let looks = 0;
    // What was under way when the network came back is lost.
    bench.ping.set('a', () => (looks++ === 0 ? never() : Promise.resolve('PONG')));
    bench.heal('b');
    await bench.pass(1_000);

    expect(bench.statusOf('a')).to.include({ health: 'healthy', isActive: true });
    expect(switches()).to.deep.equal([]);
  });

  it('is left to the rounds of checks when the active endpoint refuses', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(1_000);
    bench.fail('a');
    await bench.pass(2_000);
    bench.heal('b');
    await bench.pass(1_000);

    expect(switches()).to.deep.equal(['a > b: silence']);
  });

  it('does not have an endpoint left that became active while another one was looked at', async () => {
    let looks = 0;
    let answer: () => void = () => undefined;
    const slowly = new Promise<string>((resolve) => (answer = () => resolve('PONG')));
    bench.ping.set('b', () => (++looks <= 2 ? slowly : never()));
    const report = bench.control.switchTo('b');
    await bench.pass(0);
    silence('a', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(100);
    answer();
    await bench.pass(150);

    expect(await report).to.include({ to: 'b' });
    expect(switches()).to.deep.equal(['a > b: manual']);
  });

  it('is not looked for at an endpoint that is isolated', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(1_000);
    await bench.control.isolate('b');
    bench.heal('b');
    await bench.pass(600);
    let looks = 0;
    bench.ping.set('a', () => (looks++, never()));
    await bench.pass(3_000);

    expect(looks).to.be.above(6);
  });

  it('does not have a silent endpoint gone to because it was added meanwhile', async () => {
    silence('a', 'b', 'c', 'd');
    bench.core.suspect('a', 'silence');
    await bench.pass(1_000);
    bench.control.add(bench.endpoint('d'));
    await bench.pass(5_000);
    expect(bench.statusOf('d')).to.include({ health: 'unhealthy' });
    bench.connect('d');
    await bench.pass(1_000);

    expect(switches()).to.deep.equal([]);
  });

  it('is not suspected for an endpoint that is another one by now', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(50);
    bench.heal('b');
    await bench.control.remove('b');
    bench.control.add({ ...bench.endpoint('b'), weight: 2 });
    bench.connect('b');
    await bench.pass(200);

    expect([switches(), suspected]).to.deep.equal([['a > b: silence'], []]);
  });

  it('is suspected for those that are left when another one is removed meanwhile', async () => {
    silence('a', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(50);
    await bench.control.remove('b');
    await bench.pass(200);

    expect([switches(), suspected]).to.deep.equal([[], [['a', 'c']]]);
  });

  describe('with a check of the application', () => {
    const failing = new Set<string>();
    let overruled: string[];

    beforeEach(async () => {
      bench.close();
      failing.clear();
      overruled = [];
      bench = new CoreBench(['a', 'b', 'c'], ({ endpointId }) => !failing.has(endpointId));
      bench.control.on('checksOverruled', ({ endpointId }) => overruled.push(endpointId));
      await bench.start();
    });

    /** The check is against these, and then nothing answers for a second. */
    const loseEverything = async (...unwelcome: string[]): Promise<void> => {
      for (const id of unwelcome) failing.add(id);
      await bench.pass(1_200);
      silence('a', 'b', 'c');
      bench.core.suspect('a', 'silence');
      await bench.pass(1_000);
      bench.takeLog();
    };

    it('does not have an endpoint gone to that the check is against, while another one answers', async () => {
      await loseEverything('b');
      bench.heal('b');
      bench.heal('c');
      await bench.pass(3_000);

      expect([switches(), overruled]).to.deep.equal([['a > c: silence'], []]);
    });

    it('has an endpoint gone to that the check is against, when no other answers', async () => {
      await loseEverything('b', 'c');
      failing.add('a');
      bench.heal('c');
      await bench.pass(3_000);

      expect([switches(), overruled]).to.deep.equal([['a > c: silence'], ['c']]);
    });

    it('has the active endpoint stay that the check was overruled at', async () => {
      for (const id of ['a', 'b', 'c']) failing.add(id);
      await bench.pass(1_500);
      await loseEverything();
      for (const id of ['a', 'b', 'c']) bench.heal(id);
      await bench.pass(3_000);

      expect([switches(), bench.control.snapshot().overruledEndpoint]).to.deep.equal([[], 'a']);
    });
  });

  it('is of no interest any more when the client is closed', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(1_000);
    let looks = 0;
    bench.ping.set('a', () => (looks++, never()));
    bench.close();
    await bench.pass(3_000);

    expect(looks).to.equal(0);
  });

  it('does not keep anybody from going elsewhere by hand', async () => {
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(1_000);
    bench.heal('b');
    const report = bench.control.switchTo('b');
    await bench.pass(200);

    expect(await report).to.include({ to: 'b' });
    await bench.pass(3_000);
    expect(bench.statusOf('b')).to.include({ health: 'healthy', isActive: true });
  });
});
