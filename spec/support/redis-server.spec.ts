import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { connectionError, connectRawClient } from './fault-proxy/raw-client.ts';
import { type RedisServer, type RedisServerOptions, startRedisServer, startRedisServers } from './redis-server.ts';
import { createTestCertificates } from './tls-certificates.ts';

const root = join(import.meta.dirname, '../..');

async function rejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('This should have been rejected');
}

async function runNode(args: string[], env: NodeJS.ProcessEnv = {}): Promise<[number | null, string, string]> {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return [child.exitCode, output, errors];
}

describe('redis-server', () => {
  const started: RedisServer[] = [];
  const clients: Redis[] = [];

  async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await startRedisServer(options);
    started.push(server);
    return server;
  }

  function client(server: RedisServer, options: object = {}): Redis {
    const redis = new Redis({ port: server.port, host: server.host, retryStrategy: () => null, ...options });
    // The outcome of the commands tells enough.
    redis.on('error', () => undefined);
    clients.push(redis);
    return redis;
  }

  afterEach(async () => {
    for (const redis of clients.splice(0)) redis.disconnect();
    await Promise.all(started.splice(0).map((server) => server.dispose()));
  });

  it('starts a server that keeps an append-only file of commands', async () => {
    const server = await start({ config: ['maxclients 77'] });
    expect(server.running).to.equal(true);
    expect(await server.cli('PING')).to.equal('PONG');
    expect(await server.cli('INFO', 'server')).to.include(`process_id:${server.pid}`);
    for (const [name, value] of Object.entries({
      bind: '127.0.0.1',
      dir: server.directory,
      save: '',
      appendonly: 'yes',
      appendfsync: 'no',
      'aof-use-rdb-preamble': 'no',
      'auto-aof-rewrite-percentage': '0',
      loglevel: 'notice',
      maxclients: '77',
    })) {
      expect(await server.cli('CONFIG', 'GET', name)).to.deep.equal([name, value]);
    }
  });

  it('starts several servers at once', async () => {
    const servers = await startRedisServers(3);
    started.push(...servers);
    expect(new Set(servers.map(({ port }) => port)).size).to.equal(3);
    expect(new Set(servers.map(({ directory }) => directory)).size).to.equal(3);
  });

  it('tells why a server does not start', async () => {
    expect(await rejection(start({ config: ['no-such-directive yes'] }))).to.include('no-such-directive');
  });

  it('kills, restarts and stops with the same port and data', async () => {
    const server = await start();
    const { pid, port } = server;
    expect(await server.cli('INCR', 'counter')).to.equal(1);
    await server.kill();
    expect(server.running).to.equal(false);
    expect(existsSync(`/proc/${pid}`)).to.equal(false);
    expect(await connectionError(port)).to.equal('ECONNREFUSED');
    await server.kill();

    await server.restart();
    expect(server.port).to.equal(port);
    expect(server.pid).to.not.equal(pid);
    expect(await server.cli('INCR', 'counter')).to.equal(2);

    await server.restart();
    expect(await server.cli('INCR', 'counter')).to.equal(3);

    await server.stop();
    expect(await connectionError(port)).to.equal('ECONNREFUSED');
    await server.restart();
    expect(await server.cli('GET', 'counter')).to.equal('3');
  });

  it('has loaded its data when a restart resolves', async () => {
    const server = await start({ config: ['key-load-delay 1000'] });
    const redis = client(server);
    await Promise.all(Array.from({ length: 300 }, (_, index) => redis.set(`key-${index}`, index)));
    await server.restart();
    expect(await server.cli('DBSIZE')).to.equal(300);
  });

  it('freezes and thaws', async () => {
    const server = await start();
    const other = await start();
    const raw = await connectRawClient(server.port);
    await server.freeze();
    expect(server.frozen).to.equal(true);
    if (existsSync('/proc')) expect(readFileSync(`/proc/${server.pid}/stat`, 'latin1')).to.match(/\) T /);
    raw.send('PING');
    expect(await other.cli('PING')).to.equal('PONG');
    expect(raw.unread).to.equal(0);
    server.thaw();
    expect(await raw.reply()).to.equal('PONG');

    await server.freeze();
    await server.kill();
    expect(server.frozen).to.equal(false);
    expect(await rejection(server.freeze())).to.include('Only a running');
    await server.restart();
    await server.freeze();
    await server.stop();
  });

  it('finds the append-only files, base first', async () => {
    const server = await start();
    await server.cli('SET', 'first', 'operation-1');
    await server.cli('BGREWRITEAOF');
    while (!String(await server.cli('INFO', 'persistence')).includes('aof_rewrite_in_progress:0'));
    await server.cli('SET', 'second', 'operation-2');
    const files = server.aofFiles();
    expect(files.map((file) => basename(file))).to.deep.equal([
      'appendonly.aof.2.base.aof',
      'appendonly.aof.2.incr.aof',
    ]);
    const contents = files.map((file) => readFileSync(file, 'utf8'));
    expect(contents[0]).to.include('operation-1').and.not.include('operation-2');
    expect(contents[1]).to.include('operation-2').and.not.include('operation-1');

    await server.kill();
    rmSync(join(server.directory, 'appendonlydir'), { recursive: true });
    expect(server.aofFiles()).to.deep.equal([]);
    const single = join(server.directory, 'appendonly.aof');
    writeFileSync(single, '');
    expect(server.aofFiles()).to.deep.equal([single]);
  });

  it('runs single commands', async () => {
    const server = await start();
    const binary = Buffer.from('zwei\r\nZeilen €');
    expect(await server.cli('RPUSH', 'list', 'one', binary, 3)).to.equal(3);
    expect(await server.cli('LRANGE', 'list', 0, -1)).to.deep.equal(['one', binary.toString(), '3']);
    expect(await server.cli('GET', 'missing')).to.equal(null);
    expect(await server.cli('EVAL', 'return {1, {false, "x"}, {}}', 0)).to.deep.equal([1, [null, 'x'], []]);
    expect(await rejection(server.cli('GET', 'list'))).to.match(/^WRONGTYPE Operation/);
    await server.kill();
    expect(await rejection(server.cli('PING'))).to.include('ECONNREFUSED');
  });

  it('asks for a password and knows users, while cli() always gets in', async () => {
    const server = await start({ password: 'default password', users: ['app on >secret ~app:* &* +@all'] });
    expect(await rejection(client(server).get('key'))).to.include('NOAUTH');
    expect(await client(server, { password: 'default password' }).set('key', 1)).to.equal('OK');
    const app = client(server, { username: 'app', password: 'secret' });
    expect(await app.set('app:key', 1)).to.equal('OK');
    expect(await rejection(app.set('key', 1))).to.include('NOPERM');
    expect(await server.cli('DBSIZE')).to.equal(2);
    await server.restart();
    expect(await server.cli('DBSIZE')).to.equal(2);
  });

  it('speaks TLS', async () => {
    const tls = createTestCertificates();
    expect(createTestCertificates()).to.equal(tls);
    const server = await start({ tls });
    const ca = readFileSync(tls.ca);
    expect(await client(server, { tls: { ca } }).set('key', 'value')).to.equal('OK');
    expect(await server.cli('GET', 'key')).to.equal('value');
    const byName = client(server, { host: 'localhost', family: 4, tls: { ca } });
    expect(await byName.get('key')).to.equal('value');
    const distrustful = client(server, { tls: {}, maxRetriesPerRequest: 0 });
    const [error] = (await once(distrustful, 'error')) as [Error];
    expect(error.message).to.match(/certificate/);
    await rejection(distrustful.get('key'));
  });

  it('leaves nothing behind', async () => {
    const server = await start();
    await server.freeze();
    await server.dispose();
    expect(existsSync(server.directory)).to.equal(false);
    expect(existsSync(`/proc/${server.pid}`)).to.equal(false);
    await server.dispose();
  });

  it('takes its servers and files away when the process exits', async () => {
    const code = `
      import { startRedisServer } from './spec/support/redis-server.ts';
      const { port, directory } = await startRedisServer();
      console.log(JSON.stringify({ port, directory }));
      process.exit(3);`;
    const [exitCode, output, errors] = await runNode(['--input-type=module', '--eval', code]);
    expect(exitCode, errors).to.equal(3);
    const { port, directory } = JSON.parse(output) as { port: number; directory: string };
    // The signal has been sent, the kernel may need a moment to act on it.
    while ((await connectionError(port)) !== 'ECONNREFUSED');
    expect(existsSync(directory)).to.equal(false);
  });

  it('is found from the command line', async () => {
    const finder = 'scripts/redis-server/find-redis-server.ts';
    const [exitCode, output, errors] = await runNode([finder]);
    expect(exitCode, errors).to.equal(0);
    expect(existsSync(output.trim())).to.equal(true);
    expect(output.trim().split('\n')).to.have.length(1);

    const [chosenCode, chosen] = await runNode([finder], { REDIS_SERVER: output.trim() });
    expect([chosenCode, chosen]).to.deep.equal([0, output]);

    const [missingCode, nothing, complaint] = await runNode([finder], { REDIS_SERVER: '/nowhere/redis-server' });
    expect([missingCode, nothing]).to.deep.equal([1, '']);
    expect(complaint.trim().split('\n')).to.have.length(1);
    expect(complaint).to.include('/nowhere/redis-server');
  });
});
