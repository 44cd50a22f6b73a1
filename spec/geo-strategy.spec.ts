import { expect } from 'chai';
import { CoreBench } from './core-bench.ts';

/** It is asked in the midst of a decision. */
describe('A strategy of the application that itself changes what it is asked about', () => {
  let bench: CoreBench;
  let done: Promise<unknown>;

  afterEach(() => bench.close());

  /** `a` is left for `b`, and meanwhile that is done for the first time. */
  async function leaveDuring(change: () => Promise<unknown>): Promise<void> {
    let isAsked = false;
    bench = new CoreBench(['a', 'b', 'c'], undefined, () => {
      if (!isAsked) done = change();
      isAsked = true;
      return 'b';
    });
    await bench.start();
    await bench.openCircuit('a');
    await bench.pass(100);
  }

  const switches = (): string[] => bench.takeLog().filter((line) => /^. > .:/.test(line));

  it('leaves an endpoint behind the decision for it that it removes', async () => {
    await leaveDuring(() => bench.control.remove('b'));

    expect(await done).to.include({ from: 'b', to: 'c' });
    expect(switches()).to.deep.equal(['a > b: circuit-breaker', 'b > c: endpoint-removed']);
    expect(bench.control.endpoints().map(({ id, isActive }) => [id, isActive])).to.deep.equal([
      ['a', false],
      ['c', true],
    ]);
  });

  it('leaves an endpoint behind the decision for it that it isolates', async () => {
    await leaveDuring(() => bench.control.isolate('b'));

    expect(await done).to.include({ from: 'b', to: 'c' });
    expect(switches()).to.deep.equal(['a > b: circuit-breaker', 'b > c: endpoint-isolated']);
  });

  for (const force of [true, false]) {
    it(`switches behind the decision, and is told so (${force ? 'forced' : 'checked'})`, async () => {
      await leaveDuring(() => bench.control.switchTo('c', { force }));

      expect(await done).to.include({ from: 'b', to: 'c' });
      expect(switches()).to.deep.equal(['a > b: circuit-breaker', 'b > c: manual']);
      expect(bench.control.snapshot()).to.include({ activeEndpoint: 'c', pinnedEndpoint: 'c' });
    });
  }

  it('finds its switch done when the decision was for the same endpoint', async () => {
    await leaveDuring(() => bench.control.switchTo('b', { force: true }));

    expect(await done).to.include({ from: 'b', to: 'b' });
    expect(bench.control.snapshot()).to.include({ activeEndpoint: 'b', pinnedEndpoint: 'b' });
    expect(bench.core.controller.state.planned).to.equal(undefined);
  });

  it('goes back behind the decision', async () => {
    await leaveDuring(() => {
      bench.control.setWeight('c', 9);
      return bench.control.failback();
    });

    expect(await done).to.include({ from: 'b', to: 'c' });
    expect(switches()).to.deep.equal(['a > b: circuit-breaker', 'b > c: failback']);
  });
});
