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
        const setup = {
          core: bench.core,
          override: {},
          onReady: nothing,
          onEnd: nothing,
          onDown: nothing,
          onMessage: nothing,
          onSubscriptionsMoved: nothing,
          onSelected: nothing,
          onError: nothing,
        };
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

describe('A verification', () => {
  let bench: CoreBench;
  let answer: (isGood: boolean) => void;

  /** Somebody complains about a, which does not answer before the spec says so. */
  beforeEach(async () => {
    bench = new CoreBench(['a', 'b']);
    await bench.start();
    const answered = new Promise<string>((resolve, reject) => {
      answer = (isGood) => (isGood ? resolve('PONG') : reject(new Error('a is down')));
    });
    bench.ping.set('a', () => answered);
    bench.core.suspect('a', 'silence');
  });

  afterEach(() => bench.close());

  async function told(isGood: boolean): Promise<string[]> {
    await bench.pass(0);
    bench.takeLog();
    answer(isGood);
    await bench.pass(0);
    return bench.takeLog();
  }

  it('makes clients look at their connection when the endpoint answers', async () => {
    expect(await told(true)).to.deep.equal(['replaced if silent a']);
  });

  it('makes nobody hold commands for an endpoint that was left meanwhile', async () => {
    await bench.control.switchTo('b', { force: true });

    expect(await told(true)).to.deep.equal([]);
  });

  it('ends the wait for what is in flight to an endpoint that was left meanwhile', async () => {
    await bench.control.switchTo('b', { force: true });

    expect(await told(false)).to.have.members(['a: healthy > unhealthy', 'given up a']);
  });

  it('limits the wait for what is in flight when there is no other endpoint', async () => {
    bench.disconnect('b');

    expect(await told(false)).to.have.members(['a: healthy > unhealthy', 'in flight limited a']);
  });
});
