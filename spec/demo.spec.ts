import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('..', import.meta.url));
const limitMs = 60_000;

interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without a terminal, as in CI or in a pipe. */
function runDemo(env: Record<string, string>): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/demo/main.ts'], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}

describe('npm run demo', () => {
  it('shows a failover and a failback, and that nothing was lost or done twice', async function () {
    this.timeout(limitMs);
    const { exitCode, stdout, stderr } = await runDemo({ DEMO_SECONDS: '3' });
    expect(exitCode, stdout + stderr).to.equal(0);
    expect(stderr).to.not.include('demo failed');
    expect(stdout).to.match(/^ +\d+\.\d s {2}\* killed eu-west \(SIGKILL\)$/m);
    expect(stdout).to.match(
      /^ +\d+\.\d s {2}\* endpointSwitched eu-west -> us-east \((?:connection-lost|health-check), [\d.]+ ms\)$/m,
    );
    expect(stdout).to.match(/^ +\d+\.\d s {2}\* endpointSwitched us-east -> eu-west \(failback, [\d.]+ ms\)$/m);
    expect(stdout).to.match(
      /^ +\d+\.\d s {4}active us-east: \d+ ops\/s, p50 [\d.]+ ms, p99 [\d.]+ ms, errors \d+ \| /m,
    );
    expect(stdout).to.match(/^ +failover +[\d.]+ ms +eu-west -> us-east$/m);
    expect(stdout).to.match(/^ +failback +[\d.]+ ms +us-east -> eu-west$/m);
    expect(stdout).to.match(/^ +operations +[\d,]+$/m);
    expect(stdout).to.match(/^ +errors +\d+/m);
    for (const figure of ['executed twice', 'acknowledged and missing', 'pending']) {
      expect(stdout).to.match(new RegExp(`^ +${figure} +0\\b`, 'm'));
    }
    expect(stdout).to.not.include('\u001b');
  });

  it('says in one line why it failed', async function () {
    this.timeout(limitMs);
    const { exitCode, stderr } = await runDemo({ REDIS_SERVER: '/nowhere/redis-server' });
    expect(exitCode).to.equal(1);
    expect(stderr).to.match(/^demo failed: REDIS_SERVER names \/nowhere\/redis-server, which .+$/m);
    expect(stderr).to.not.include('    at ');
  });
});
