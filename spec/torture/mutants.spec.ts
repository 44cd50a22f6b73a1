import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);

describe('The torture, with a bug that is put in', () => {
  it('catches it (listeners-left)', async function () {
    this.timeout(60_000);
    const main = fileURLToPath(new URL('../../scripts/torture/main.ts', import.meta.url));
    const options = { mutant: 'listeners-left', rounds: 1, 'round-seconds': 1, only: 'reset', ioredis: 6 };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const failure = await run(process.execPath, ['--import', 'tsx', main, ...args]).then(
      () => undefined,
      (error: unknown) => error as { readonly code: number; readonly stdout: string },
    );

    expect(failure).to.include({ code: 1 });
    expect(failure?.stdout).to.match(/FOUND\s+leaks: listener of the process: \d+ x exit/);
  });
});
