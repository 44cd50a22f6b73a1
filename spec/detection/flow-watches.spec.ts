import { expect } from 'chai';
import { FlowWatches } from '../../lib/detection/flow-watches.ts';
import { TICK_MS } from '../../lib/detection/progress-watch.ts';

const flow = () => ({
  isReady: true,
  head: { name: 'get', args: ['k'] },
  bytesRead: 0,
  bytesWritten: 10,
  bytesQueued: 0,
});

describe('The watch over the sockets of a connection', () => {
  const [silent, busy] = [flow(), flow()];
  let watches: FlowWatches<ReturnType<typeof flow>>;

  function tick(times: number, flows = [silent, busy]): void {
    for (let count = 0; count < times; count++) {
      busy.bytesRead++;
      watches.tick(flows, TICK_MS);
    }
  }

  beforeEach(() => {
    watches = new FlowWatches();
  });

  it('notices the silence of one while another answers', () => {
    tick(11);

    expect(watches.silentMs).to.equal(10 * TICK_MS);
    expect(watches.mostSilent).to.equal(silent);
    expect(watches.isLost(silent, 0)).to.equal(false);
    tick(100);
    expect(watches.isLost(silent, 0)).to.equal(true);
    expect(watches.isLost(busy, 0)).to.equal(false);
  });

  it('begins to count anew when it is forgiven', () => {
    tick(11);
    watches.forgive();

    expect(watches.silentMs).to.equal(0);
  });

  it('forgets those that are there no more', () => {
    tick(11);
    tick(1, [busy]);

    expect(watches.silentMs).to.equal(0);
    expect(watches.mostSilent).to.equal(busy);
    expect(watches.isLost(silent, 0)).to.equal(false);
  });

  it('knows of no silence where there is nothing', () => {
    tick(1, []);

    expect([watches.silentMs, watches.mostSilent]).to.deep.equal([0, undefined]);
  });
});
