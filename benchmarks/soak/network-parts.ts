import { setTimeout as delay } from 'node:timers/promises';
import type { FaultProxy } from '../../spec/support/fault-proxy.ts';
import { WRITES } from '../../spec/support/faults.ts';
import { type Part, type PartContext, underLoad } from './context.ts';
import type { NetworkPartName } from './part-names.ts';

const SPIKE_SHARE = 0.05;
const SPIKES_MS = 60_000;
const CUTS = 5;
const CUT_MS = 3_000;
const DROPS = 10;
const PAUSE_MS = 4_000;
const REFUSED_MS = 300_000;

/** The network does something, and no endpoint is to be left for it. */
export const NETWORK_PARTS: Readonly<Record<NetworkPartName, Part>> = {
  spikes: (context) =>
    underLoad(context, async () => {
      const { spikeMs } = context.disturbance;
      for (const proxy of proxiesOf(context)) await proxy.spike({ share: SPIKE_SHARE, ms: spikeMs });
      await delay(SPIKES_MS);
      for (const proxy of proxiesOf(context)) await proxy.heal();
      return { 'share of replies': SPIKE_SHARE, 'ms each': spikeMs };
    }),

  'all-cut': (context) =>
    underLoad(context, async () => {
      for (let times = 0; times < CUTS; times += 1) {
        await Promise.all(proxiesOf(context).map((proxy) => proxy.blackhole()));
        await delay(CUT_MS);
        await Promise.all(proxiesOf(context).map((proxy) => proxy.heal()));
        await delay(PAUSE_MS);
      }
      return { cuts: CUTS, 'ms each': CUT_MS };
    }),

  'dropped-connection': (context) =>
    underLoad(context, async () => {
      const [east] = proxiesOf(context);
      for (let times = 0; times < DROPS; times += 1) {
        const [busiest] = (east?.connections() ?? [])
          .filter(({ clientGone, blackholed }) => !clientGone && !blackholed)
          .sort((left, right) => right.bytesFromClient - left.bytesFromClient);
        if (busiest === undefined) throw new Error('the client is not connected');
        await east?.blackhole({ connections: ({ id }) => id === busiest.id });
        await delay(PAUSE_MS);
      }
      return { connections: DROPS };
    }),

  // Checks cannot see it, so that the endpoint is gone back to: less and less often.
  'refused-writes': async (context) => {
    const outcome = await underLoad(context, async () => {
      const [east] = proxiesOf(context);
      const message = 'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.';
      await east?.replyWithErrors({ message, match: (name) => WRITES.has(name) });
      await delay(REFUSED_MS);
      await east?.heal();
      return { minutes: REFUSED_MS / 60_000, 'refused commands': east?.counters.errorReplies };
    });
    return { ...outcome, mostSwitches: context.disturbance.mostSwitches };
  },
};

function proxiesOf({ proxies }: PartContext): readonly FaultProxy[] {
  if (proxies.length === 0) throw new Error('There is no proxy in this part');
  return proxies;
}
