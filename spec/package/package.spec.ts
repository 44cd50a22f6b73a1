import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const script = fileURLToPath(new URL('../../scripts/check-package.mjs', import.meta.url));

describe('The package', () => {
  it('has what it should have, and serves ES modules, CommonJS and TypeScript beside ioredis 5 and 6', async function () {
    this.timeout(120_000);
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 115_000 });
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(child.exitCode, `${output}${errors}`).to.equal(0);
  });
});
