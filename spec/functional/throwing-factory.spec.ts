import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { createGeoFailoverRedis, type GeoFailoverRedis } from '../../lib/index.ts';

const REASON = new Error('no credentials');

/** A client without a wire: enough for what a factory has to return. */
function fakeClient(name: string): Redis {
  return { ping: () => Promise.resolve('PONG'), get: () => Promise.resolve(name) } as unknown as Redis;
}

function throwing(): never {
  throw REASON;
}

describe('A factory that throws', () => {
  let client: GeoFailoverRedis | undefined;

  afterEach(() => client?.disconnect());

  it('is told to whoever makes the client', () => {
    const create = (): unknown => createGeoFailoverRedis([() => fakeClient('a'), throwing]);

    expect(create).to.throw(REASON.message);
  });

  it('is told to whoever connects it', async () => {
    client = createGeoFailoverRedis([() => fakeClient('a'), throwing], { redis: { lazyConnect: true } });
    const error: unknown = await client.connect().catch((reason: unknown) => reason);

    expect(error).to.equal(REASON);
    expect(client.status).to.equal('end');
  });

  for (const enableAutoPipelining of [false, true]) {
    const how = enableAutoPipelining ? ', with auto-pipelining as well' : '';
    it(`is told to whoever sends the first command${how}`, async () => {
      client = createGeoFailoverRedis([throwing], { redis: { lazyConnect: true, enableAutoPipelining } });
      const sent = client.get('k');

      expect(await sent.catch((reason: unknown) => reason)).to.equal(REASON);
      expect(client.status).to.equal('end');
    });
  }

  it('during a switch lets the switch happen, and is called again after the next good check', async () => {
    let isBroken = false;
    let calls = 0;
    const broken = (): Redis => {
      calls++;
      return isBroken ? throwing() : fakeClient('b');
    };
    client = createGeoFailoverRedis({
      endpoints: [
        { id: 'a', weight: 2, redis: () => fakeClient('a') },
        { id: 'b', weight: 1, redis: broken },
      ],
      healthCheck: { intervalMs: 100 },
      failback: { enabled: false },
    });
    // It connects to what is active, and has to ask the factory at the switch.
    const duplicate = client.duplicate();
    expect(await duplicate.get('k')).to.equal('a');

    isBroken = true;
    await client.geo.switchTo('b', { force: true });
    const before = calls;
    const read = duplicate.get('k');
    expect(await client.get('k')).to.equal('b');
    isBroken = false;

    expect(await read).to.equal('b');
    expect(calls).to.equal(before + 1);
    duplicate.disconnect();
  });
});
