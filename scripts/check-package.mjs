/**
 * Checks the package as its users get it: builds and packs it, installs the tarball beside ioredis 5 and beside
 * ioredis 6, runs programs that import and require it, and compiles a program against its types.
 */
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const consumers = join(root, 'spec/package/consumers');

/** How long a tool may take, and a program that should end by itself within a second. */
const TIMEOUT_MS = { tool: 60_000, program: 15_000 };

/** Every file of the tarball, and no other. */
const FILES = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'THIRD-PARTY-LICENSES.md',
  'dist/index.cjs',
  'dist/index.d.cts',
  'dist/index.d.mts',
  'dist/index.mjs',
  'docs/commands.md',
  'package.json',
];

/** Packages whose code is in `dist`. */
const INLINED = ['is-network-error', 'p-retry'];

/** The local name of each major version of ioredis that has to work. */
const IOREDIS = { 5: 'ioredis', 6: 'ioredis-6' };

const COMMON_TYPES = { strict: true, noEmit: true, types: ['node'], lib: ['es2022'] };

/** The ways in which programs see the types: compiler options, and the names under which the program is copied. */
const TYPE_CHECKS = {
  nodenext: { compilerOptions: { ...COMMON_TYPES, module: 'nodenext' }, files: ['types.mts', 'types.cts'] },
  bundler: {
    compilerOptions: { ...COMMON_TYPES, module: 'esnext', moduleResolution: 'bundler' },
    files: ['types.ts'],
  },
};

/** What would tell where it was built, on this machine or on another. */
const ABSOLUTE_PATH = /file:\/\/\/|(?<![\w.~-])\/(?:home|Users|root|tmp|var|opt|usr|mnt|private)\/|\b[A-Za-z]:\\\\?\w/;

const problems = [];
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const tool = (name) => join(root, 'node_modules/.bin', name);

/** Runs a program; one that fails, or does not end by itself, is a problem. */
async function run(name, file, args, cwd = root, timeout = TIMEOUT_MS.tool) {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_PATH: '' };
  const start = performance.now();
  try {
    await promisify(execFile)(file, args, { cwd, env, timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 });
    console.log(`ok      ${name} (${((performance.now() - start) / 1_000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    const reason = error.killed ? `did not end within ${timeout} ms` : `failed (${error.code ?? error.signal})`;
    report(`${name} ${reason}\n${error.stdout ?? ''}${error.stderr ?? ''}`.trimEnd());
    return false;
  }
}

function report(problem) {
  problems.push(problem);
  console.log(`FAILED  ${problem}`);
}

function expectAll(name, found) {
  if (found.length === 0) console.log(`ok      ${name}`);
  for (const problem of found) report(`${name}: ${problem}`);
}

/** Copies an installed package with everything that it depends on, so that npm has nothing to download. */
function place(project, name, source = join(root, 'node_modules', name), target = name) {
  const folder = join(project, 'node_modules', target);
  if (existsSync(folder)) return;
  cpSync(source, folder, { recursive: true });
  placeDependencies(project, source);
}

function placeDependencies(project, folder) {
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    const nested = join(folder, 'node_modules', name);
    if (existsSync(nested)) placeDependencies(project, nested);
    else place(project, name);
  }
}

function createProject(project, localIoredis) {
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  for (const name of [...Object.keys(manifestOf(root).dependencies), '@types/node']) place(project, name);
  place(project, localIoredis, undefined, 'ioredis');
  const dependencies = {
    ioredis: manifestOf(join(project, 'node_modules/ioredis')).version,
    '@types/node': manifestOf(join(project, 'node_modules/@types/node')).version,
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
  for (const program of ['esm.mjs', 'cjs.cjs']) cpSync(join(consumers, program), join(project, program));
  for (const [name, { compilerOptions, files }] of Object.entries(TYPE_CHECKS)) {
    for (const file of files) cpSync(join(consumers, 'types.ts'), join(project, file));
    writeFileSync(join(project, `tsconfig.${name}.json`), JSON.stringify({ compilerOptions, files }));
  }
}

async function checkConsumers(project, major, tarball) {
  createProject(project, IOREDIS[major]);
  const title = `ioredis ${major}:`;
  // npm asks the registry about peers even if they are there; `npm ls` looks at them just as well.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps'];
  const install = ['install', ...flags, '--prefer-offline', tarball];
  if (!(await run(`${title} npm install`, 'npm', install, project))) return;
  await run(`${title} npm ls`, 'npm', ['ls', '--all', '--no-legacy-peer-deps'], project);
  const { version } = manifestOf(join(project, 'node_modules/ioredis'));
  expectAll(`${title} is what npm left`, version.startsWith(`${major}.`) ? [] : [`it is ${version}`]);
  await run(`${title} import`, process.execPath, ['esm.mjs'], project, TIMEOUT_MS.program);
  await run(`${title} require`, process.execPath, ['cjs.cjs'], project, TIMEOUT_MS.program);
  // Jest and older bundlers cannot require() ES modules.
  const plain = ['--no-experimental-require-module', 'cjs.cjs'];
  await run(`${title} require, with no ES module to be required`, process.execPath, plain, project, TIMEOUT_MS.program);
  for (const name of Object.keys(TYPE_CHECKS)) {
    // The declarations themselves are checked once, where both kinds of them are seen: it takes long.
    const skipLibCheck = String(major !== '5' || name !== 'nodenext');
    const args = ['-p', `tsconfig.${name}.json`, '--skipLibCheck', skipLibCheck];
    await run(`${title} types, ${name}`, tool('tsc'), args, project);
  }
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function checkContents(installed) {
  const files = filesOf(installed);
  expectAll('the tarball has its files and no others', [
    ...files.filter((file) => !FILES.includes(file)).map((file) => `${file} is unexpected`),
    ...FILES.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
  ]);
  const dist = files.filter((file) => file.startsWith('dist/'));
  const text = (file) => readFileSync(join(installed, file), 'utf8');
  const secrets = [root, homedir(), realpathSync(tmpdir())].filter((path) => path.length > 4);
  expectAll(
    'dist names no absolute path',
    dist.flatMap((file) => {
      const line = text(file)
        .split('\n')
        .find((candidate) => ABSOLUTE_PATH.test(candidate) || secrets.some((path) => candidate.includes(path)));
      return line === undefined ? [] : [`${file}: ${line.trim().slice(0, 200)}`];
    }),
  );
  checkInlined(dist.map(text).join('\n'), text('THIRD-PARTY-LICENSES.md'));
}

function checkInlined(code, licenses) {
  const inlined = new Set(
    [...code.matchAll(/^\/\/#region node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/gm)].map(([, name]) => name),
  );
  const licenseOf = (name) => {
    const folder = join(root, 'node_modules', name);
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8').trim();
  };
  expectAll('what is inlined is as intended, and has its license beside it', [
    ...[...inlined].filter((name) => !INLINED.includes(name)).map((name) => `${name} is inlined`),
    ...INLINED.filter((name) => !inlined.has(name)).map((name) => `${name} is not inlined`),
    ...INLINED.filter((name) => !licenses.includes(licenseOf(name) ?? ' ')).map((name) => `no license of ${name}`),
  ]);
}

async function main(temporary) {
  const { name, version } = manifestOf(root);
  const tarball = join(temporary, `${name}-${version}.tgz`);
  if (!(await run('build', 'npm', ['run', 'build']))) return;
  const pack = ['pack', '--ignore-scripts', '--pack-destination', temporary];
  if (!(await run('npm pack', 'npm', pack))) return;
  const project = (major) => join(temporary, `with-ioredis-${major}`);
  await Promise.all([
    run('publint', tool('publint'), ['run', tarball, '--strict']),
    run('attw', tool('attw'), [tarball, '--no-color']),
  ]);
  await Promise.all(Object.keys(IOREDIS).map((major) => checkConsumers(project(major), major, tarball)));
  const installed = join(project(5), 'node_modules', name);
  if (existsSync(installed)) checkContents(installed);
}

const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'check-package-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
await main(temporary);
console.log(problems.length === 0 ? 'The package is fine.' : `${problems.length} problem(s) found.`);
process.exitCode = problems.length === 0 ? 0 : 1;
