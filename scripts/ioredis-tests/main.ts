/**
 * Runs the functional tests of a checkout of ioredis twice, with plain ioredis and through this package, and tells where
 * they differ. See README.md in this folder.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArguments, choiceOption } from '../../benchmarks/common/arguments.ts';
import { print } from '../../benchmarks/common/table.ts';
import { RedisServer, startRedisServer } from '../../spec/support/redis-server.ts';
import { compare, printComparison } from './comparison.ts';
import { testGroups } from './test-groups.ts';
import { TestRun, type Variant } from './test-run.ts';

/** Where the tests expect a server. */
const PORT = 6379;

const textOption = (help: string) => ({ fallback: '', help, read: (text: string) => text });

const { source, endpoints, only } = parseArguments({
  source: textOption('path of a checkout of ioredis'),
  endpoints: choiceOption(['1', '2'], '1', 'endpoints of the client under test'),
  only: textOption('files whose name contains this'),
});

// A signal ends a process without its `exit` event, at which servers and tests are ended.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

async function main(folder: string): Promise<boolean> {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const major = version.startsWith('6.') ? '6' : '5';
  const servers = [
    new RedisServer({ port: PORT, release: () => undefined }, { config: ['bind 127.0.0.1 -::1'] }),
    await startRedisServer(),
  ] as const;
  try {
    await servers[0].restart();
    const setup = { source: folder, major, secondPort: servers[1].port } as const;
    const variant: Variant = endpoints === '1' ? 'one endpoint' : 'two endpoints';
    print(`Tests of ioredis ${version}: plain, and through this package with ${variant}`);
    const comparisons = [];
    for (const group of testGroups(folder, only)) {
      const bare = await new TestRun(setup, 'bare', group).all();
      const passing = [...bare].filter(([, { state }]) => state === 'passed').map(([title]) => title);
      const ours = await new TestRun(setup, variant, group).allAndAlone(passing);
      comparisons.push(compare(group.name, bare, ours));
      print(`${group.name}: done`);
    }
    return printComparison(comparisons);
  } finally {
    await Promise.all(servers.map((server) => server.dispose()));
  }
}

if (source === '') throw new Error('--source must be the path of a checkout of ioredis');
process.exitCode = (await main(resolve(source))) ? 0 : 1;
