import { expect } from 'chai';
import type { EndpointReplacement, HealthCheck } from '../lib/index.ts';
import { CoreBench } from './core-bench.ts';
import { never } from './health/fake-clients.ts';

const messageOf = (error: unknown): string => (error as Error).message;

/** What is known, found out or wanted of an endpoint, and what it means for the one that replaces it. */
describe('An endpoint that has replaced another one', () => {
  let bench: CoreBench;

  const begin = async (ids: string[], check?: HealthCheck): Promise<void> => {
    bench = new CoreBench(ids, check);
    await bench.start();
  };
  const silence = (...ids: string[]): void => ids.forEach((id) => bench.ping.set(id, never));
  const switches = (): string[] => bench.takeLog().filter((line) => /^. > .:/.test(line));

  afterEach(() => bench.close());

  /** It answers, until it is told otherwise. */
  async function replace(id: string, more: Partial<EndpointReplacement> = {}): Promise<{ fail: () => void }> {
    let answer = (): Promise<unknown> => Promise.resolve('PONG');
    const redis = (() => ({ ping: () => answer() })) as unknown as () => never;
    const replaced = bench.control.replace(id, { redis, ...more });
    await bench.pass(0);
    await replaced;
    return { fail: () => (answer = () => Promise.reject(new Error(`the new ${id} is down`))) };
  }

  describe('that was being found out about', () => {
    it('is not left for a verification of that one which ends late', async () => {
      await begin(['a', 'b']);
      silence('a');
      bench.core.suspect('a', 'silence');
      await bench.pass(100);
      await replace('a');
      expect(bench.core).to.include({ isVerifying: false, activeEndpointId: 'a' });
      expect(bench.core.isServing('a')).to.equal(true);
      bench.takeLog();
      await bench.pass(500);

      expect(bench.takeLog()).to.deep.equal([]);
    });

    it('keeps its connection when that one is found to answer', async () => {
      await begin(['a', 'b']);
      bench.ping.set('a', () => new Promise((resolve) => bench.clock.after(50, () => resolve('PONG'))));
      bench.core.suspect('a', 'silence');
      await bench.pass(25);
      await replace('a');
      bench.takeLog();
      await bench.pass(500);

      expect(bench.takeLog()).to.deep.equal([]);
    });

    it('is verified by itself while that one still is', async () => {
      await begin(['a', 'b']);
      silence('a');
      bench.core.suspect('a', 'silence');
      await bench.pass(100);
      const { fail } = await replace('a');
      fail();
      bench.takeLog();
      bench.core.suspect('a', 'rejected');
      await bench.pass(0);

      expect(bench.takeLog()).to.deep.equal(['a: healthy > unhealthy', 'a > b: rejected']);
      await bench.pass(500);
      expect(switches()).to.deep.equal([]);
    });

    it('is not concerned by what a check of the application says of that one', async () => {
      let answer: (isGood: boolean) => void = () => undefined;
      let isAsked = false;
      await begin(['a', 'b'], ({ endpointId }) => {
        if (endpointId !== 'a' || !isAsked) return true;
        return new Promise((resolve) => (answer = resolve));
      });
      isAsked = true;
      for (let i = 0; i < 60 && answer.length === 0; i++) await bench.pass(25);
      isAsked = false;
      await replace('a');
      bench.takeLog();
      answer(false);
      await bench.pass(500);

      expect(bench.takeLog()).to.deep.equal([]);
      expect(bench.statusOf('a')).to.include({ health: 'healthy', lastReason: undefined });
    });

    it('is not left for a check that failed, and is repeated, when that one is replaced', async () => {
      let answers: 'good' | 'bad once' | 'never' = 'good';
      await begin(['a', 'b'], ({ endpointId, signal }) => {
        if (endpointId !== 'a' || answers === 'good') return true;
        if (answers === 'never')
          return new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason as Error)));
        answers = 'never';
        return false;
      });
      answers = 'bad once';
      for (let i = 0; i < 60 && !bench.core.isVerifying; i++) await bench.pass(25);
      expect(bench.core.isVerifying).to.equal(true);
      answers = 'good';
      await replace('a');
      bench.takeLog();
      await bench.pass(500);

      expect(bench.takeLog()).to.deep.equal([]);
    });

    it('is gone to when it is good, whatever a look at that one says', async () => {
      await begin(['a', 'b']);
      bench.ping.set('b', () => new Promise((_, no) => bench.clock.after(50, () => no(new Error('not that one')))));
      const moved = bench.control.switchTo('b');
      await bench.pass(25);
      await replace('b');
      await bench.pass(100);

      expect(await moved).to.include({ from: 'a', to: 'b' });
    });

    it('is not gone to when it fails, whatever a look at that one says', async () => {
      await begin(['a', 'b']);
      bench.ping.set('b', () => new Promise((resolve) => bench.clock.after(50, () => resolve('PONG'))));
      const moved = bench.control.switchTo('b').catch(messageOf);
      await bench.pass(25);
      (await replace('b')).fail();
      await bench.pass(100);

      expect(await moved).to.equal('Cannot switch to b: the new b is down');
    });
  });

  describe('that was silent', () => {
    it('is not used to the silences that that one was used to', async () => {
      await begin(['a', 'b']);
      bench.core.silenceSeen('a', 0, 5_000);
      expect(bench.control.detectionBoundMs).to.equal(500 + 40 + 200);
      await replace('a');

      expect(bench.control.detectionBoundMs).to.equal(350 + 40 + 200);
    });

    it('ends the suspicion of our own network, and is the active one', async () => {
      await begin(['a', 'b']);
      silence('a', 'b');
      bench.core.suspect('a', 'silence');
      await bench.pass(300);
      expect(bench.control.snapshot()).to.include({ areAllUnhealthy: true, isOwnNetworkSuspected: true });
      bench.takeLog();
      await replace('a');
      expect(bench.control.snapshot()).to.include({ areAllUnhealthy: false, activeEndpoint: 'a' });
      await bench.pass(500);

      expect(bench.control.snapshot()).to.include({ isOwnNetworkSuspected: false });
      expect(switches()).to.deep.equal(['a > a: endpoint-replaced']);
    });

    it('is failed over to while all others are silent', async () => {
      await begin(['a', 'b']);
      silence('a', 'b');
      bench.core.suspect('a', 'silence');
      await bench.pass(300);
      bench.takeLog();
      await replace('b');
      await bench.pass(500);

      expect(switches()).to.deep.equal(['a > b: silence']);
      expect(bench.core.isServing('b')).to.equal(true);
    });
  });

  describe('whose check of the application failed', () => {
    let failing: Set<string>;
    let told: string[];

    beforeEach(async () => {
      failing = new Set();
      told = [];
      await begin(['a', 'b'], ({ endpointId }) => !failing.has(endpointId));
      bench.control.on('checksOverruled', ({ endpointId, reason }) => told.push(`${endpointId}: ${reason}`));
      bench.control.on('allEndpointsUnhealthy', () => told.push('all unhealthy'));
    });

    const fail = async (...ids: string[]): Promise<void> => {
      for (const id of ids) failing.add(id);
      await bench.pass(1_500);
    };
    const checkedBy = (check: HealthCheck): Partial<EndpointReplacement> => ({ healthCheck: { check } });

    it('does not serve in its place when its own server fails', async () => {
      await fail('a');
      let isGood = true;
      const replaced = await replace(
        'a',
        checkedBy(() => isGood),
      );
      isGood = false;
      replaced.fail();
      await bench.pass(1_500);
      bench.fail('b');
      bench.disconnect('b');
      bench.core.suspect('b', 'connection-lost');
      await bench.pass(1_500);

      expect(told).to.deep.equal(['all unhealthy']);
    });

    it('is not overruled any more when it passes its own', async () => {
      await fail('a', 'b');
      expect(bench.control.snapshot().overruledEndpoint).to.equal('a');
      let isGood = true;
      await replace(
        'a',
        checkedBy(() => isGood),
      );
      expect(bench.control.snapshot().overruledEndpoint).to.equal(undefined);
      expect(bench.statusOf('a')).to.include({ health: 'healthy', lastReason: undefined });
      isGood = false;
      await bench.pass(1_500);

      expect(told).to.deep.equal(['a: custom', 'a: custom']);
      expect(bench.control.snapshot()).to.include({ overruledEndpoint: 'a', areAllUnhealthy: false });
    });
  });

  describe('that somebody keeps commands from, or to', () => {
    const slowly = (id: string, answer: () => Promise<unknown>): void =>
      void bench.ping.set(id, () => new Promise((resolve) => bench.clock.after(50, () => resolve(answer()))));

    it('is isolated when that one was being left for it', async () => {
      await begin(['a', 'b']);
      slowly('b', () => Promise.resolve('PONG'));
      const isolated = bench.control.isolate('a');
      await bench.pass(25);
      await replace('a');
      await bench.pass(100);

      expect(await isolated).to.include({ from: 'a', to: 'b' });
      expect(bench.statusOf('a')).to.include({ isActive: false, circuit: 'isolated' });
    });

    it('is not isolated when that one could not be left for it', async () => {
      await begin(['a', 'b']);
      slowly('b', () => Promise.reject(new Error('not me')));
      const isolated = bench.control.isolate('a').catch(messageOf);
      await bench.pass(25);
      await replace('a');
      await bench.pass(100);

      expect(await isolated).to.equal('Cannot switch to b: not me');
      expect(bench.statusOf('a')).to.include({ isActive: true, circuit: 'closed' });
      expect(bench.core.isServing('a')).to.equal(true);
    });

    it('is not isolated any more by a call that was cut short', async () => {
      await begin(['a', 'b']);
      slowly('b', () => Promise.resolve('PONG'));
      const isolated = bench.control.isolate('a').catch(messageOf);
      await bench.pass(25);
      await replace('a');
      bench.core.leave(bench.member);
      await bench.pass(300);
      expect(await isolated).to.equal('The client was closed');
      bench.core.join(bench.member);
      bench.core.start();
      await bench.pass(3_000);

      expect(bench.statusOf('a')).to.include({ isActive: true, circuit: 'closed' });
    });

    it('is pinned for as long as that one was', async () => {
      await begin(['a', 'b']);
      bench.control.setWeight('b', 5);
      await bench.control.switchTo('a', { pinMs: 1_000 });
      await replace('a');
      expect(bench.control.snapshot()).to.include({ pinnedEndpoint: 'a', epoch: 1 });
      await bench.pass(1_000);
      bench.connect('a');
      bench.control.setWeight('b', 6);

      expect(bench.control.snapshot()).to.include({ pinnedEndpoint: undefined });
    });

    it('is left as planned by a switch that waits for what is in flight', async () => {
      await begin(['a', 'b']);
      let drained: () => void = () => undefined;
      const outcome = new Promise<{ answered: number; unanswered: number }>((resolve) => {
        drained = () => resolve({ answered: 0, unanswered: 0 });
      });
      bench.member.drained = () => outcome;
      const moved = bench.control.switchTo('b');
      await bench.pass(0);
      const replaced = bench.control.replace('a', bench.endpoint('a'));
      await bench.pass(0);
      drained();
      await bench.pass(0);

      expect(await moved).to.include({ from: 'a', to: 'b' });
      await replaced;
      expect(bench.control).to.include({ activeEndpoint: 'b' });
      expect(bench.member.holds).to.equal(0);
    });
  });
});
