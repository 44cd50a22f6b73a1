import { expect } from 'chai';
import type { HealthCheck } from '../lib/index.ts';
import { CoreBench } from './core-bench.ts';
import { never } from './health/fake-clients.ts';

describe('A client that is closed, and connected again', () => {
  let bench: CoreBench;

  const begin = async (ids: string[], check?: HealthCheck): Promise<void> => {
    bench = new CoreBench(ids, check);
    await bench.start();
  };
  const silence = (...ids: string[]): void => ids.forEach((id) => bench.ping.set(id, never));
  const slowly = (id: string, ms: number): void =>
    void bench.ping.set(id, () => new Promise((resolve) => bench.clock.after(ms, () => resolve('PONG'))));
  const switches = (): string[] => bench.takeLog().filter((line) => /^. > .:/.test(line));

  afterEach(() => bench.close());

  it('is not left for a verification that ended with the client', async () => {
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
    answers = 'good';
    bench.takeLog();
    bench.core.leave(bench.member); // disconnect()
    bench.core.join(bench.member); // connect()
    bench.core.start();
    await bench.pass(500);
    expect(bench.takeLog()).to.deep.equal([]);
  });

  it('goes on with the endpoint that it had, whoever answers first', async () => {
    await begin(['a', 'b', 'c']);
    silence('a', 'b', 'c');
    bench.core.suspect('a', 'silence');
    await bench.pass(2_000);
    bench.core.leave(bench.member);
    await bench.pass(60_000);
    bench.heal('b');
    bench.heal('c');
    slowly('a', 30);
    bench.takeLog();
    bench.core.join(bench.member);
    bench.core.start();
    await bench.pass(500);
    expect(switches()).to.deep.equal([]);
  });

  it('is not isolated any more by a call that was cut short', async () => {
    await begin(['a', 'b']);
    slowly('b', 50);
    const answer = bench.control.isolate('a').then(
      () => 'done',
      (error: unknown) => (error as Error).message,
    );
    await bench.pass(25);
    bench.core.leave(bench.member);
    await bench.pass(300);
    expect(await answer).to.equal('The client was closed');
    bench.core.join(bench.member);
    bench.core.start();
    await bench.pass(3_000);
    expect(bench.statusOf('a')).to.include({ isActive: true, circuit: 'closed' });
  });
});
