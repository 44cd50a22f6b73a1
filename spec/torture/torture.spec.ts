import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);

describe('The torture', () => {
  const main = fileURLToPath(new URL('../../scripts/torture/main.ts', import.meta.url));
  const start = (options: Readonly<Record<string, string | number>>): Promise<{ stdout: string }> => {
    const args = Object.entries({ ioredis: process.env['IOREDIS_MAJOR'] ?? '5', rounds: 1, ...options });
    return run(process.execPath, [
      '--import',
      'tsx',
      main,
      ...args.flatMap(([name, value]) => [`--${name}`, `${value}`]),
    ]);
  };

  it('breaks no rule in a short round', async function () {
    this.timeout(60_000);
    const { stdout } = await start({ seed: 11, 'round-seconds': 6 });

    expect(stdout).to.match(/1 seeds, \d{4,} operations, [3-9]\d* confirmed faults/);
    expect(stdout).to.not.match(/broke a rule/);
  });
});
