import { expect } from 'chai';
import { CoreBench } from './core-bench.ts';
import { never } from './health/fake-clients.ts';

describe('An endpoint that has the id of one that was removed', () => {
  let bench: CoreBench;

  const begin = async (ids: string[]): Promise<void> => {
    bench = new CoreBench(ids);
    await bench.start();
  };
  const silence = (...ids: string[]): void => ids.forEach((id) => bench.ping.set(id, never));
  const slowly = (id: string, ms: number): void =>
    void bench.ping.set(id, () => new Promise((resolve) => bench.clock.after(ms, () => resolve('PONG'))));
  const replace = async (id: string, weight: number): Promise<void> => {
    await bench.control.remove(id);
    bench.control.add({ ...bench.endpoint(id), weight });
    bench.connect(id);
  };

  afterEach(() => bench.close());

  it('is not taken to be healthy because the one before it answers', async () => {
    await begin(['a', 'b']);
    silence('a', 'b');
    bench.core.suspect('a', 'silence');
    await bench.pass(1_000);
    let looks = 0;
    bench.ping.set('b', () => {
      looks++;
      return new Promise((resolve) => bench.clock.after(50, () => resolve('PONG')));
    });
    for (let i = 0; i < 40 && looks === 0; i++) await bench.pass(25);
    await bench.pass(75); // it answered; a has up to 400 ms for its look, and its one more look
    await bench.control.remove('b');
    silence('b');
    bench.control.add(bench.endpoint('b'));
    bench.takeLog();
    await bench.pass(700); // no connection for data yet, so that nothing is switched to it for being unknown
    expect(bench.takeLog()).not.to.include('b: unknown > healthy'); // it has answered nothing so far
  });

  it('is not gone to by a look at the one before it', async () => {
    await begin(['a', 'b']);
    slowly('b', 50);
    const answer = bench.control.switchTo('b').then(
      () => 'switched',
      () => 'refused',
    );
    await bench.pass(25);
    silence('b');
    await replace('b', 1);
    await bench.pass(300); // it is looked at itself, and does not answer
    expect(await answer).to.equal('refused');
  });
});
