import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Files that are run in one process. */
export interface TestGroup {
  readonly name: string;
  readonly files: readonly string[];
}

/** Cluster endpoints have tests of their own. */
const LEFT_OUT = ['cluster'];

/** Each file by itself; folders of small ones as a whole. */
export function testGroups(source: string, only: string): TestGroup[] {
  const folder = join(source, 'test/functional');
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !LEFT_OUT.includes(name) && name.includes(only))
    .map((entry) => {
      const path = join(folder, entry.name);
      const files = entry.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
      return { name: entry.name.replace(/\.ts$/, ''), files };
    });
}
