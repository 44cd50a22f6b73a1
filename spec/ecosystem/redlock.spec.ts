import { ExecutionError, Redlock } from '@sesamecare-oss/redlock';
import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { regionsForEachTest } from './regions.ts';

const LONG = 60_000;

/**
 * All regions together are one of Redlock's servers: the client stands for the one that is active. A region that has not
 * heard of a lock grants it once more, so that work under a lock has to tolerate that (`redis.geo.epoch` tells it).
 */
describe('Redlock', () => {
  const regions = regionsForEachTest();
  let client: GeoFailoverRedis;
  let redlock: Redlock;

  beforeEach(async () => {
    client = await regions.connect();
    redlock = new Redlock([client], { retryCount: 0 });
    regions.atTheEnd(() => redlock.quit());
  });

  async function isFree(resource: string): Promise<boolean> {
    try {
      await (await redlock.acquire([resource], LONG)).release();
      return true;
    } catch (error) {
      expect(error).to.be.instanceOf(ExecutionError);
      return false;
    }
  }

  it('grants, extends and releases locks after its region was lost', async () => {
    for (const lose of [() => regions.loseEast(client), () => Promise.resolve()]) {
      const lock = await redlock.acquire(['a', 'b'], LONG);
      expect([await isFree('b'), await isFree('c')]).to.deep.equal([false, true]);
      const extended = await lock.extend(LONG);
      await extended.release();
      expect(await isFree('b')).to.equal(true);
      await lose();
    }
  });

  it('holds on to a lock that the other region knows', async () => {
    const lock = await redlock.acquire(['a'], LONG);
    await regions.copyData();
    await regions.loseEast(client);

    expect(await isFree('a')).to.equal(false);
    const extended = await lock.extend(LONG);
    await extended.release();
    expect(await isFree('a')).to.equal(true);
  });

  it('cannot extend a lock that the other region does not know, and grants it to others', async () => {
    const { epoch } = client.geo;
    const lock = await redlock.acquire(['a'], LONG);
    await regions.loseEast(client);
    const failure: unknown = await lock.extend(LONG).catch((reason: unknown) => reason);

    expect(failure).to.be.instanceOf(ExecutionError);
    expect(await isFree('a')).to.equal(true);
    expect(client.geo.epoch).to.be.greaterThan(epoch);
  });

  it('tells work under a lock when that could not be extended', async () => {
    const aborted = redlock.using(['a'], 400, { automaticExtensionThreshold: 300 }, async (signal) => {
      await regions.loseEast(client);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return signal.error;
    });

    expect(await aborted.catch((reason: unknown) => reason)).to.be.instanceOf(ExecutionError);
  });
});
