import { setTimeout as delay } from 'node:timers/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startGeoPair } from '../spec/support/geo-pair.ts';
import { startLoad } from '../spec/support/checker/load.ts';
import { longestGap } from '../spec/support/checker/timeline.ts';
import { Observation } from './shared/observe-client.ts';
for (let i = 0; i < 40; i++) {
  const pair = await startGeoPair();
  const client = await pair.connect({ failback: { enabled: false } });
  const o = new Observation(client);
  const load = startLoad(client, { seed: i });
  await load.nextSuccesses(500 + i * 50);
  const h = monitorEventLoopDelay({ resolution: 1 }); h.enable();
  const t = performance.now();
  const killed = pair.east.server.kill().then(() => performance.now() - t);
  await delay(900);
  h.disable();
  const { history } = await load.stop();
  const g = longestGap(history, t, t + 1500)!;
  console.log('last', (g.lastBefore - t).toFixed(0), 'gone', (await killed).toFixed(0), 'switch', o.switches.map((s) => `${(s.seenAt - t).toFixed(0)} ${s.reason} ${s.durationMs.toFixed(0)}`).join(), 'first', (g.firstAfter - t).toFixed(0), 'loop max', (h.max / 1e6).toFixed(0));
  await pair.dispose();
}
process.exit();
