import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Redis } from 'ioredis';

const require = createRequire(import.meta.url);
const support = dirname(fileURLToPath(import.meta.url));
const root = join(support, '../..');
// Only files inside of the repository are redirected, so the programs have to be written here.
const scratch = join(root, '.tmp');
const major = process.env['IOREDIS_MAJOR'] ?? '5';

const installed = (name: string): string => {
  const manifest = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
};

interface Seen {
  readonly imported: string;
  readonly required: string;
  readonly same: boolean;
  readonly metaResolved: string;
  readonly fromDependency: string;
  readonly fromLibraries: readonly string[];
}

// Reports which versions of ioredis one program gets in the ways it can ask for it.
const program = (extension: string): string => `
import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import manifest from 'ioredis/package.json' with { type: 'json' };
const require = createRequire(import.meta.url);
const dependency = createRequire(require.resolve('ioredis-mock'));
const libraries = ['bullmq', '@boringnode/bus'].map((name) => createRequire(require.resolve(name)));
console.log(JSON.stringify({
  imported: manifest.version,
  required: require('ioredis/package.json').version,
  same: require('ioredis').Redis === Redis && (await import('ioredis')).Redis === Redis,
  metaResolved: import.meta.resolve('ioredis'),
  fromDependency: dependency('ioredis/package.json').version,
  fromLibraries: libraries.map((library) => library('ioredis/package.json').version),
})${extension === 'ts' ? ' as string' : ''});
`;

async function run(extension: 'mjs' | 'ts', selected: string, tsx: 'before' | 'after' | 'none'): Promise<Seen> {
  mkdirSync(scratch, { recursive: true });
  const directory = mkdtempSync(join(scratch, 'select-ioredis-'));
  const selector = ['--import', join(support, 'select-ioredis.mjs')];
  const loader = ['--import', 'tsx'];
  const flags = tsx === 'none' ? selector : tsx === 'before' ? [...loader, ...selector] : [...selector, ...loader];
  try {
    const file = join(directory, `program.${extension}`);
    writeFileSync(file, program(extension));
    const env = { ...process.env, IOREDIS_MAJOR: selected, NODE_OPTIONS: '' };
    const child = spawn(process.execPath, [...flags, file], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(child.exitCode, errors).to.equal(0);
    return JSON.parse(output) as Seen;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('select-ioredis', () => {
  it(`gives this very spec ioredis ${major}`, () => {
    const name = major === '6' ? 'ioredis-6' : 'ioredis';
    const { version } = require('ioredis/package.json') as { version: string };
    expect(version).to.equal(installed(name));
    expect((require('ioredis') as { Redis: unknown }).Redis).to.equal(Redis);
    expect((require(join(root, 'node_modules', name)) as { Redis: unknown }).Redis).to.equal(Redis);
  });

  for (const [selected, name] of [
    ['5', 'ioredis'],
    ['6', 'ioredis-6'],
  ] as const) {
    for (const [extension, tsx] of [
      ['mjs', 'none'],
      ['mjs', 'before'],
      ['ts', 'before'],
      ['ts', 'after'],
    ] as const) {
      it(`IOREDIS_MAJOR=${selected} selects ${name} for a .${extension} file (tsx: ${tsx})`, async () => {
        const seen = await run(extension, selected, tsx);
        expect(seen.imported).to.equal(installed(name));
        expect(seen.required).to.equal(installed(name));
        expect(seen.same).to.equal(true);
        expect(seen.metaResolved).to.include(`/node_modules/${name}/`);
        expect(seen.fromDependency).to.equal(installed('ioredis'));
        expect(seen.fromLibraries).to.deep.equal([installed(name), installed(name)]);
      });
    }
  }

  it('refuses a major version it does not know', async () => {
    const flags = ['--import', join(support, 'select-ioredis.mjs'), '--eval', '0'];
    const child = spawn(process.execPath, flags, {
      env: { ...process.env, IOREDIS_MAJOR: '4', NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [errors] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(child.exitCode).to.not.equal(0);
    expect(errors).to.include('only "5" and "6" can be selected');
  });
});
