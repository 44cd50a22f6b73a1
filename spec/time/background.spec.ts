import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { inBackground } from '../../lib/time/background.ts';
import { systemClock } from '../../lib/time/clock.ts';

describe('Work in the background', () => {
  const caller = new AsyncLocalStorage<string>();

  it('does not belong to the call that brought it about', async () => {
    const seen = await caller.run('request', () =>
      inBackground(async () => {
        await Promise.resolve();
        return caller.getStore();
      }),
    );
    expect(seen).to.equal(undefined);
  });

  it('is what the clock calls back', async () => {
    const seen = await caller.run(
      'request',
      () => new Promise((resolve) => systemClock.after(1, () => resolve(caller.getStore()))),
    );
    expect(seen).to.equal(undefined);
  });

  it('leaves the call its own context', () => {
    caller.run('request', () => {
      inBackground(() => undefined);
      expect(caller.getStore()).to.equal('request');
    });
  });
});
