import { expect } from 'chai';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { regionsForEachTest } from './regions.ts';

const LIMIT = { points: 2, duration: 60 };

describe('rate-limiter-flexible', () => {
  const regions = regionsForEachTest();
  let client: GeoFailoverRedis;
  let limiter: RateLimiterRedis;

  beforeEach(async () => {
    client = await regions.connect();
    limiter = new RateLimiterRedis({ ...LIMIT, storeClient: client, rejectIfRedisNotReady: true });
  });

  /** Whether a request of this user is let through. */
  async function isAdmitted(user: string, by: RateLimiterRedis = limiter): Promise<boolean> {
    return by.consume(user).then(
      () => true,
      (reason: unknown) => {
        if (reason instanceof RateLimiterRes) return false;
        throw reason;
      },
    );
  }

  async function expectLimited(user: string): Promise<void> {
    const admitted = [await isAdmitted(user), await isAdmitted(user), await isAdmitted(user)];
    expect(admitted).to.deep.equal([true, true, false]);
  }

  it('counts anew in the other region what that has not seen', async () => {
    await expectLimited('ann');
    await regions.copyData();
    await expectLimited('bob');
    await regions.loseEast(client);

    expect(await isAdmitted('ann')).to.equal(false);
    await expectLimited('bob');
  });

  it('blocks, rewards and forgets in the other region', async () => {
    await regions.loseEast(client);
    await limiter.block('ann', 60);
    expect(await isAdmitted('ann')).to.equal(false);
    await limiter.penalty('bob', 2);
    await limiter.reward('bob', 1);
    expect(await limiter.get('bob')).to.include({ consumedPoints: 1, remainingPoints: 1 });
    expect(await limiter.delete('ann')).to.equal(true);
    await expectLimited('ann');
  });

  it('asks its insurance about a request that was being counted when the region was lost', async () => {
    const insured = new RateLimiterRedis({
      ...LIMIT,
      storeClient: client,
      keyPrefix: 'insured',
      insuranceLimiter: new RateLimiterMemory(LIMIT),
    });
    await isAdmitted('ann', insured);
    await regions.pair.east.proxy.swallowReplies();
    // Whether it was counted is not known, and to count it again could be once too often.
    const requests = [limiter.consume('ann').catch((reason: unknown) => reason), isAdmitted('ann', insured)];
    await regions.loseEast(client);

    const [uninsured, insuredAnswer] = await Promise.all(requests);
    expect(uninsured).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
    expect(insuredAnswer).to.equal(true);
    expect(await isAdmitted('ann')).to.equal(true);
  });
});
