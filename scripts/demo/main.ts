import { constants } from 'node:os';
import { startRedisServers } from '../../spec/support/redis-server.ts';
import { findRedisServer } from '../redis-server/find-redis-server.ts';
import { LiveView } from './live-view.ts';
import { PlainView } from './plain-view.ts';
import { readPlan, PREFERRED, STANDBY } from './plan.ts';
import { runScenario, type Servers } from './scenario.ts';
import { summarize } from './summary.ts';
import type { View } from './view.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(view: View): Promise<void> {
  const plan = readPlan(process.env);
  view.print([], [['bold', '  ioredis-geo-failover'], ': one client, two Redis servers']);
  view.print([], [['dim', `  ${findRedisServer()}`]]);
  const servers = await startServers();
  try {
    for (const [{ id, weight }, tone, server] of [
      [PREFERRED, 'first', servers.preferred],
      [STANDBY, 'second', servers.standby],
    ] as const) {
      view.print([
        '  ',
        [tone, id],
        `  ${server.host}:${server.port}, weight ${weight}`,
        ['dim', `, pid ${server.pid}`],
      ]);
    }
    view.print([]);
    const { lines, problems } = summarize(await runScenario(plan, servers, view));
    view.print(...lines);
    if (problems.length > 0) throw new Error(problems.join(', '));
    view.print([['good', '  ✓ Nothing acknowledged was lost, nothing was done twice.']], []);
  } finally {
    await Promise.all([servers.preferred.dispose(), servers.standby.dispose()]);
  }
}

async function startServers(): Promise<Servers> {
  const [preferred, standby] = await startRedisServers(2);
  if (preferred === undefined || standby === undefined) throw new Error('two servers were asked for');
  return { preferred, standby };
}

function chooseView({ stdout, env }: NodeJS.Process): View {
  if (!stdout.isTTY || env['TERM'] === 'dumb') return new PlainView(stdout);
  return new LiveView(stdout, (env['NO_COLOR'] ?? '') === '' && stdout.hasColors());
}

const view = chooseView(process);
// Servers end with this process, whatever ends it; so does what the view did to the terminal.
process.on('exit', () => view.close());
// Not once(): Ctrl-C reaches this process twice, and the second time would kill it in the midst of its exit.
for (const signal of SIGNALS) process.on(signal, () => process.exit(128 + constants.signals[signal]));
// Nobody reads any more: `npm run demo | head`.
process.stdout.on('error', () => process.exit(1));

try {
  await main(view);
} catch (error) {
  const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
  process.stderr.write(`demo failed: ${reason}\n`);
  process.exitCode = 1;
}
