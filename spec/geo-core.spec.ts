import { expect } from 'chai';
import { GeoClient } from '../lib/geo-client.ts';
import { CoreBench, FakeMember } from './core-bench.ts';

describe('An endpoint that is added', () => {
  let bench: CoreBench;

  beforeEach(() => {
    bench = new CoreBench(['a']);
  });

  afterEach(() => bench.close());

  it('is not looked at before the first client connects, and then once a round', async () => {
    let looks = 0;
    bench.ping.set('b', () => Promise.resolve(looks++));
    bench.control.add(bench.endpoint('b'));
    await bench.pass(2_000);
    expect(looks).to.equal(0);
    await bench.start();

    expect(looks).to.equal(1);
  });

  describe('with a factory of clients that fails', () => {
    const failures: readonly (readonly [name: string, make: () => unknown, message: string])[] = [
      [
        'throws',
        () => {
          throw new Error('no such region');
        },
        'no such region',
      ],
      ['returns no client', () => 'redis', 'endpoint "b" must return an ioredis client'],
    ];

    for (const [name, make, message] of failures) {
      it(`leaves everything as it was when it ${name}`, async () => {
        const nothing = (): void => undefined;
        const setup = { core: bench.core, override: {}, onReady: nothing, onEnd: nothing };
        const client = new GeoClient(setup, {});
        client.start();
        bench.core.start();
        await bench.pass(0);
        const before = bench.control.endpoints();
        let calls = 0;
        const redis = () => (calls++, make() as never);

        expect(() => bench.control.add({ id: 'b', redis })).to.throw(message);
        await bench.pass(5_000);
        expect(bench.control.endpoints()).to.deep.equal(before);
        expect(bench.core.registry.find('b')).to.equal(undefined);
        expect(calls, 'calls of the factory').to.equal(1);
        bench.control.add(bench.endpoint('b'));
        await bench.pass(0);
        expect(bench.control.endpoints()[1]).to.include({ id: 'b', health: 'healthy', isReady: true });
        client.close();
      });
    }

    it('is taken back from the clients that have it already', async () => {
      await bench.start();
      const failing = new FakeMember('failing', bench.log);
      failing.endpointAdded = () => {
        throw new Error('no such region');
      };
      bench.core.join(failing);

      expect(() => bench.control.add(bench.endpoint('b'))).to.throw('no such region');
      expect(bench.takeLog().slice(0, 2)).to.deep.equal(['added b', 'removed b']);
    });
  });
});
