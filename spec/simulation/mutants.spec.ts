import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MUTANTS } from '../../scripts/simulation/mutants.ts';

const run = promisify(execFile);

describe('The simulation, with a bug that is put in', () => {
  for (const bug of ['double-send', 'pending-promise']) {
    it(`catches it (${bug})`, async function () {
      // A process that is started for it, and several runs.
      this.timeout(120_000);
      const main = fileURLToPath(new URL('../../scripts/simulation/main.ts', import.meta.url));
      const options = { mutant: bug, from: 3, seeds: 10, operations: 3_000, processes: 1, ioredis: 5 };
      const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const { stdout } = await run(process.execPath, ['--import', 'tsx', main, ...args]);

      expect(stdout).to.match(/caught by seed \d/);
    });
  }

  for (const [name, mutant] of Object.entries(MUTANTS)) {
    it(`has one place for it in the sources (${name})`, async () => {
      for (const { file, find } of [mutant, mutant.also ?? []].flat()) {
        const source = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
        expect(source.split(find)).to.have.length(2);
      }
    });
  }
});
