import { expect } from 'chai';
import { commandOptions } from '../../lib/options/command-options.ts';

describe("What ioredis's options say about commands", () => {
  it("is ioredis's default when nothing is given", () => {
    expect(commandOptions({})).to.deep.equal({
      maxRetriesPerRequest: 20,
      commandTimeoutMs: undefined,
      mayQueueOffline: true,
      resubscribes: true,
    });
  });

  it('is what is given', () => {
    const given = { maxRetriesPerRequest: null, commandTimeout: 7, enableOfflineQueue: false, autoResubscribe: false };

    expect(commandOptions(given)).to.deep.equal({
      maxRetriesPerRequest: null,
      commandTimeoutMs: 7,
      mayQueueOffline: false,
      resubscribes: false,
    });
  });
});
