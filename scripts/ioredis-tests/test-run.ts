import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonFor } from './known-differences.ts';
import type { TestGroup } from './test-groups.ts';

export type Variant = 'bare' | 'one endpoint' | 'two endpoints';

export interface TestSetup {
  /** The checkout of ioredis. */
  readonly source: string;
  readonly major: '5' | '6';
  readonly secondPort: number;
}

export interface TestResult {
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly message?: string | undefined;
}

/** By the full title of the test. */
export type TestResults = ReadonlyMap<string, TestResult>;

interface Report {
  readonly [kind: string]: readonly { readonly fullTitle: string; readonly err: { readonly message?: string } }[];
}

const ENDPOINTS: Readonly<Record<Variant, string>> = { bare: '0', 'one endpoint': '1', 'two endpoints': '2' };
const TEST_TIMEOUT_MS = 4_000;
const RUN_TIMEOUT_MS = 400_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs the tests of a group with one kind of client, in processes of their own. */
export class TestRun {
  readonly #setup: TestSetup;
  readonly #variant: Variant;
  readonly #group: TestGroup;

  constructor(setup: TestSetup, variant: Variant, group: TestGroup) {
    this.#setup = setup;
    this.#variant = variant;
    this.#group = group;
  }

  /** Runs all of them together. */
  all(): Promise<TestResults> {
    return this.#run();
  }

  /**
   * Runs all of them together, and those that surprise by not passing once more, each alone: one before it may have left
   * something behind.
   *
   * @param expected Tests that should pass.
   */
  async allAndAlone(expected: readonly string[]): Promise<TestResults> {
    const results = new Map(await this.#run());
    for (const title of expected) {
      if (results.get(title)?.state === 'passed' || reasonFor(title) !== undefined) continue;
      const alone = await this.#run(title);
      results.set(title, alone.get(title) ?? { state: 'failed', message: 'it did not come to an end' });
    }
    return results;
  }

  async #run(title?: string): Promise<TestResults> {
    const folder = mkdtempSync(join(tmpdir(), 'ioredis-tests-'));
    const output = join(folder, 'report.json');
    try {
      await this.#mocha(output, title);
      return resultsIn(output);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #mocha(output: string, title: string | undefined): Promise<void> {
    const { source, major, secondPort } = this.#setup;
    const helpers = readdirSync(join(source, 'test/helpers')).map((name) => join(source, 'test/helpers', name));
    const args = [
      ...['--import', 'tsx', '--import', './spec/support/select-ioredis.mjs', 'node_modules/mocha/bin/mocha.js'],
      ...['--no-config', '--exit', '--timeout', String(TEST_TIMEOUT_MS)],
      ...['--reporter', 'json', '--reporter-option', `output=${output}`],
      ...(title === undefined ? [] : ['--grep', `^${title.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`]),
      'scripts/ioredis-tests/loading/load-tests.mjs',
    ];
    const env = {
      ...process.env,
      NODE_ENV: 'test',
      IOREDIS_MAJOR: major,
      IOREDIS_TESTS_SOURCE: source,
      IOREDIS_TESTS_FILES: JSON.stringify([...helpers, ...this.#group.files]),
      IOREDIS_TESTS_ENDPOINTS: ENDPOINTS[this.#variant],
      IOREDIS_TESTS_SECOND_PORT: String(secondPort),
    };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'ignore', timeout: RUN_TIMEOUT_MS });
    running.add(child);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => {
        running.delete(child);
        resolve();
      });
    });
  }
}

function resultsIn(output: string): Map<string, TestResult> {
  const results = new Map<string, TestResult>();
  let report: Report;
  try {
    report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  } catch {
    // It broke off.
    return results;
  }
  const tests = new Set((report['tests'] ?? []).map(({ fullTitle }) => fullTitle));
  const kinds = { pending: 'skipped', passes: 'passed', failures: 'failed' } as const;
  // Titles need not be unique: one that failed counts.
  for (const kind of ['pending', 'passes', 'failures'] as const) {
    for (const { fullTitle, err } of report[kind] ?? []) {
      // Hooks fail as well; the tests behind them are missing.
      if (tests.has(fullTitle)) results.set(fullTitle, { state: kinds[kind], message: err.message });
    }
  }
  return results;
}
