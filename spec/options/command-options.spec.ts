import { expect } from 'chai';
import { commandOptions } from '../../lib/options/command-options.ts';

describe("What ioredis's options say about commands", () => {
  it("is ioredis's default when nothing is given", () => {
    expect(commandOptions({})).to.deep.equal({
      maxRetriesPerRequest: 20,
      commandTimeoutMs: undefined,
      blockingTimeout: undefined,
      mayQueueOffline: true,
      resubscribes: true,
    });
  });

  it('is what is given', () => {
    const given = {
      ...{ maxRetriesPerRequest: null, commandTimeout: 7, enableOfflineQueue: false, autoResubscribe: false },
      ...{ blockingTimeout: 9, blockingTimeoutGrace: 1 },
    };

    expect(commandOptions(given)).to.deep.equal({
      maxRetriesPerRequest: null,
      commandTimeoutMs: 7,
      blockingTimeout: { ms: 9, graceMs: 1 },
      mayQueueOffline: false,
      resubscribes: false,
    });
  });

  it('is no limit for blocking commands when that is no number above 0, as with ioredis', () => {
    for (const blockingTimeout of [0, -1, Number.NaN, '5' as unknown as number]) {
      expect(commandOptions({ blockingTimeout }).blockingTimeout).to.equal(undefined);
    }
    expect(commandOptions({ blockingTimeout: 5 }).blockingTimeout).to.deep.equal({ ms: 5, graceMs: 100 });
  });
});
