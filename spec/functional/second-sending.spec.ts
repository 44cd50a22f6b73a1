import { once } from 'node:events';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { Command } from 'ioredis';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { type GeoPair, SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';

const options = { ...SHORT_TIMES, failback: { enabled: false } };

/** One spec for each thing that a first sending leaves behind on ioredis's Command, and a second one would trip over. */
describe('A command that is sent a second time', () => {
  const pair = geoPairForEachTest();
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect({ ...options, redis: { keyPrefix: 'p:' } });
  });

  /** Sends while the active endpoint answers nothing, and returns when another one is active. */
  async function sendAcrossSwitch<T>(send: () => T): Promise<Awaited<T>> {
    await pair.east.proxy.swallowReplies();
    const switched = nextEvent(client, 'endpointSwitched');
    const sent = send();
    await switched;
    return await sent;
  }

  it('is in no queue of the old client: its late reply settles nothing', async () => {
    const replies = await sendAcrossSwitch(() => [client.set('a', 'first'), client.get('a')] as const);
    await pair.east.proxy.heal();
    expect(await Promise.all(replies)).to.deep.equal(['OK', 'first']);
    expect(await client.incr('n')).to.equal(1);
    expect(await pair.west.server.cli('GET', 'p:n')).to.equal('1');
  });

  it('of a pipeline gets its own reply, and the pipeline ends', async () => {
    await pair.west.server.cli('MSET', 'p:1', 'one', 'p:2', 'two', 'p:3', 'three');
    const reply = await sendAcrossSwitch(() => client.pipeline().get('1').get('2').get('3').exec());
    expect(reply).to.deep.equal([
      [null, 'one'],
      [null, 'two'],
      [null, 'three'],
    ]);
    expect(await client.get('2')).to.equal('two');
  });

  it('has its key prefix once', async () => {
    expect(await sendAcrossSwitch(() => client.set('key', 'v'))).to.equal('OK');
    expect(await pair.west.server.cli('KEYS', '*')).to.deep.equal(['p:key']);
  });

  it('has its arguments and its reply transformed once', async () => {
    await pair.west.server.cli('HSET', 'p:h', 'field', 'value');
    const [set, all] = await sendAcrossSwitch(() => [client.hmset('x', { a: 1, b: 2 }), client.hgetall('h')] as const);
    expect(await set).to.equal('OK');
    expect(await all).to.deep.equal({ field: 'value' });
    expect(await client.hgetall('x')).to.deep.equal({ a: '1', b: '2' });
  });

  it('answers in the encoding that was asked for', async () => {
    await pair.west.server.cli('SET', 'p:b', 'bytes');
    const [buffer, text] = await sendAcrossSwitch(() => [client.getBuffer('b'), client.get('b')] as const);
    expect(await buffer).to.deep.equal(Buffer.from('bytes'));
    expect(await text).to.equal('bytes');
  });

  it('carries binary arguments unchanged', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    await sendAcrossSwitch(() => client.set('binary', bytes));
    expect(await client.getBuffer('binary')).to.deep.equal(bytes);
  });

  it('calls its callback once, and settles its promise', async () => {
    const calls: unknown[] = [];
    const reply = await sendAcrossSwitch(() => client.set('k', 'v', (...args) => calls.push(args)));
    expect(reply).to.equal('OK');
    expect(calls).to.deep.equal([[null, 'OK']]);
  });

  it('of a defined script starts from the script again', async () => {
    client.defineCommand('readBack', { numberOfKeys: 1, lua: "return redis.call('GET', KEYS[1])", readOnly: true });
    await pair.west.server.cli('SET', 'p:s', 'scripted');
    const { readBack } = client as unknown as { readBack: (key: string) => Promise<string> };
    // Loaded on the first endpoint, unknown to the second.
    expect(await readBack('s')).to.equal(null);
    expect(await readBack('s')).to.equal(null);
    const reply = await sendAcrossSwitch(() => readBack('s'));
    expect(reply).to.equal('scripted');
    expect(await readBack('s')).to.equal('scripted');
    await pair.west.server.cli('SCRIPT', 'FLUSH');
    expect(await readBack('s')).to.equal('scripted');
  });

  it('keeps its own database: SELECT counts when it was answered', async () => {
    await client.select(3);
    expect(await sendAcrossSwitch(() => client.set('k', 'v'))).to.equal('OK');
    expect(await pair.west.server.cli('DBSIZE')).to.equal(0);
    expect(await client.get('k')).to.equal('v');
  });

  it('is not sent to another database because of a SELECT that failed', async () => {
    const error: unknown = await client.select(99_999).catch((reason: unknown) => reason);
    expect(error).to.be.an('error');
    const reconnected = nextConnection(pair);
    await pair.east.proxy.reset();
    await reconnected;
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(await pair.east.server.cli('GET', 'p:k')).to.equal('v');
  });

  it('is one span for those who trace', async () => {
    const started: string[] = [];
    const ended: string[] = [];
    const onStart = (message: unknown): void => void started.push((message as { command: string }).command);
    const onEnd = (message: unknown): void => void ended.push((message as { command: string }).command);
    subscribe('tracing:ioredis:command:start', onStart);
    subscribe('tracing:ioredis:command:asyncEnd', onEnd);
    try {
      await sendAcrossSwitch(() => client.setex('k', 100, 'v'));
      expect(started.filter((name) => name === 'setex')).to.have.length(1);
      expect(ended.filter((name) => name === 'setex')).to.have.length(1);
    } finally {
      unsubscribe('tracing:ioredis:command:start', onStart);
      unsubscribe('tracing:ioredis:command:asyncEnd', onEnd);
    }
  });

  it('may have been made by the application itself', async () => {
    await pair.west.server.cli('SET', 'own', 'made');
    const command = new Command('get', ['own'], { replyEncoding: 'utf8' });
    const reply = await sendAcrossSwitch(() => client.sendCommand(command));
    expect(reply).to.equal('made');
  });

  it('is not sent once its commandTimeout is over', async () => {
    // Connecting and the last GET have to fit into it on a busy machine; the switch comes well behind it.
    const timed = await pair.connect({
      ...options,
      healthCheck: { intervalMs: 1_000, timeoutMs: 1_000 },
      failover: { silenceFloorMs: 1_000, verifyTimeoutMs: 250 },
      redis: { commandTimeout: 500 },
    });
    await pair.east.proxy.swallowReplies();
    const switched = nextEvent(timed, 'endpointSwitched');
    const error: unknown = await timed.set('given-up', 1).catch((reason: unknown) => reason);
    expect(error).to.be.an('error').with.property('message', 'Command timed out');
    await switched;
    expect(await timed.get('given-up')).to.equal(null);
  });
});

async function nextConnection(pair: GeoPair): Promise<void> {
  const before = pair.east.proxy.counters.accepted;
  await pair.east.proxy.waitFor(({ counters }) => counters.accepted > before);
}

describe('Auto-pipelining', () => {
  const pair = geoPairForEachTest();

  it('goes on through a switch', async () => {
    const client = await pair.connect({ ...options, redis: { enableAutoPipelining: true } });
    await Promise.all(Array.from({ length: 20 }, (_, n) => client.set(`k:${n}`, n)));
    const switched = nextEvent(client, 'endpointSwitched');
    await pair.east.server.kill();
    const writes = Array.from({ length: 20 }, (_, n) => client.set(`k:${n}`, n));
    await switched;
    expect(await Promise.all(writes)).to.deep.equal(Array.from({ length: 20 }, () => 'OK'));
    expect(await Promise.all(Array.from({ length: 20 }, (_, n) => client.get(`k:${n}`)))).to.have.length(20);
    const end = once(client, 'end');
    await client.quit();
    await end;
  });
});
