/**
 * Everything that has to hold before a change is merged. Nothing is skipped after a failure, and the last line sums up.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The longest that one step may take before it is ended and counts as failed. */
const stepTimeoutMs = 600_000;

/**
 * Specs to which it is the same which ioredis is installed, or that try all of them. They run once: these with ioredis 5,
 * and those that take long with ioredis 6.
 */
const WITH_5_ONLY = [
  'spec/architecture.spec.ts',
  'spec/benchmarks/**',
  'spec/defaults.spec.ts',
  'spec/failover/cases.spec.ts',
  'spec/options/**',
  'spec/time/**',
  'spec/types/**',
  'spec/support/checker/{aof,load,report,timeline,verdict-*}.spec.ts',
  'spec/support/fault-proxy/{delay,held-bytes,single-faults}.spec.ts',
  'spec/support/side-loads/**',
  'spec/torture/{heap-rule,schedule,unexplained,watched}.spec.ts',
];
const WITH_6_ONLY = [
  'spec/demo.spec.ts',
  'spec/package/**',
  'spec/simulation/{model-server,mutants}.spec.ts',
  'spec/torture/mutants.spec.ts',
];

const countsFolder = mkdtempSync(join(tmpdir(), 'test-counts-'));
const totals = { passed: 0, failed: 0 };
/** What failed, told again at the end, where a log that was cut still shows it. */
const failed = [];
const running = new Set();

// Each step is a process group of its own, so that nothing of it outlives this program.
function end(step) {
  try {
    if (step.pid !== undefined) process.kill(-step.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}
process.on('exit', () => {
  for (const step of running) end(step);
  rmSync(countsFolder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

/** Whether the program ended by itself and without a failure. */
function run(file, args, { env = {}, write } = {}) {
  return new Promise((resolve) => {
    const stdio = ['inherit', write === undefined ? 'inherit' : 'pipe', write === undefined ? 'inherit' : 'pipe'];
    const step = spawn(file, args, { cwd: root, env: { ...process.env, ...env }, stdio, detached: true });
    running.add(step);
    for (const stream of [step.stdout, step.stderr]) stream?.setEncoding('utf8').on('data', write);
    const timer = setTimeout(() => {
      console.log(`Not ended after ${stepTimeoutMs} ms.`);
      end(step);
    }, stepTimeoutMs);
    const settle = (succeeded) => {
      clearTimeout(timer);
      running.delete(step);
      resolve(succeeded);
    };
    step.once('error', (error) => {
      console.log(`${file} cannot be run: ${error.message}`);
      settle(false);
    });
    step.once('close', (code) => settle(code === 0));
  });
}

function announce(title) {
  console.log(`\n=== ${title}\n`);
}

function count(passed, failures) {
  totals.passed += passed;
  totals.failed += failures;
}

/** What it prints comes in one piece, because others run beside it. */
async function runAside(title, file, args, options) {
  let output = '';
  const write = (text) => {
    output += text;
  };
  const succeeded = await run(file, args, { ...options, write });
  announce(title);
  process.stdout.write(output);
  return succeeded;
}

async function runScript(name) {
  const succeeded = await runAside(name, 'npm', ['run', '--silent', name]);
  count(succeeded ? 1 : 0, succeeded ? 0 : 1);
  if (!succeeded) failed.push(name);
}

async function runMocha(major, ignored) {
  const file = join(countsFolder, `ioredis-${major}.json`);
  const reporter = ['--reporter', './scripts/test/counting-reporter.cjs'];
  const ignore = ignored.flatMap((pattern) => ['--ignore', pattern]);
  const args = ['node_modules/mocha/bin/mocha.js', 'spec/**/*.spec.ts', ...reporter, ...ignore];
  const env = { IOREDIS_MAJOR: String(major), TEST_COUNTS_FILE: file };
  const title = `mocha, ioredis ${major}`;
  const succeeded = await runAside(title, process.execPath, args, { env });
  const counts = countsIn(file);
  // A run that does not end has a failure that mocha did not count.
  const uncounted = counts.failed === 0 && (!succeeded || counts.passed === 0);
  count(counts.passed, uncounted ? 1 : counts.failed);
  if (uncounted) failed.push(`mocha, ioredis ${major}: did not end well`);
  for (const { title, stack } of counts.failures) failed.push(`ioredis ${major}: ${title}\n${stack}`);
}

function countsIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Mocha broke off before the first test.
    return { passed: 0, failed: 0, failures: [] };
  }
}

// Installs a server where there is none, which takes longer than a test may. Should it fail, the specs will say so.
announce('redis-server');
await run(process.execPath, ['--import', 'tsx', 'scripts/redis-server/find-redis-server.ts']);
// Most of their time specs wait for servers, so that all get along on two cores.
await Promise.all([
  runMocha(5, WITH_6_ONLY),
  runMocha(6, WITH_5_ONLY),
  runScript('typecheck').then(() => runScript('lint')),
]);

process.exitCode = totals.failed === 0 ? 0 : 1;
if (failed.length > 0) console.log(`\n=== failed\n\n${failed.join('\n\n')}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
