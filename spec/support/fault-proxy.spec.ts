import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { ProxyBench } from './fault-proxy/bench.ts';
import { connectionError, connectRawClient } from './fault-proxy/raw-client.ts';
import { encodeRequest } from './fault-proxy/resp.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { startRedisServer } from './redis-server.ts';
import { createTestCertificates } from './tls-certificates.ts';

describe('fault proxy', () => {
  const bench = new ProxyBench({ tokens: /op-\d+/ });

  /** Sends an INCR which the proxy then holds. */
  async function incrementIntoTheVoid(): Promise<Awaited<ReturnType<typeof bench.client>>> {
    const client = await bench.client();
    const before = bench.proxy.state.heldRequestBytes;
    client.send('INCR', 'counter');
    await bench.proxy.waitFor(({ state }) => state.heldRequestBytes > before);
    return client;
  }

  describe('without a fault', () => {
    it('passes everything and tells about its connections', async () => {
      const client = await bench.client();
      expect(await client.send('SET', 'key', 'value').reply()).to.equal('OK');
      expect(await client.send('GET', 'key').reply()).to.equal('value');
      const [info] = bench.proxy.connections();
      expect(info).to.include({
        id: bench.idOf(client),
        clientPort: client.port,
        bytesFromClient: client.socket.bytesWritten,
        bytesFromServer: client.socket.bytesRead,
        clientGone: false,
        blackholed: false,
      });
      expect(Math.abs(Date.now() - info!.openedAt)).to.be.lessThan(60_000);
      expect(bench.proxy.connectionCount).to.equal(1);
    });

    it('passes the end and the reset of a client', async () => {
      const [ending, resetting] = [await bench.client(), await bench.client()];
      for (const client of [ending, resetting]) expect(await client.send('PING').reply()).to.equal('PONG');
      ending.socket.end();
      expect(await ending.closed).to.equal('ended');
      await resetting.reset();
      await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
      while (!String(await bench.server.cli('INFO', 'clients')).includes('connected_clients:1\r\n'));
    });

    it('serves ioredis', async () => {
      const redis = new Redis({ port: bench.proxy.port, host: bench.proxy.host });
      await Promise.all(Array.from({ length: 1000 }, () => redis.incr('counter')));
      expect(await redis.get('counter')).to.equal('1000');
      const large = Buffer.alloc(3_000_000, 'x');
      await redis.set('large', large);
      expect((await redis.getBuffer('large'))?.equals(large)).to.equal(true);
      redis.disconnect();
      await bench.proxy.waitForConnections(0);
    });

    it('passes TLS', async () => {
      const tls = createTestCertificates();
      const server = await startRedisServer({ tls });
      const proxy = await startFaultProxy({ targetPort: server.port });
      const redis = new Redis({ port: proxy.port, host: proxy.host, tls: { ca: readFileSync(tls.ca) } });
      expect(await redis.incr('counter')).to.equal(1);
      await proxy.blackhole();
      const second = redis.incr('counter');
      await proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
      await proxy.heal();
      expect(await second).to.equal(2);
      redis.disconnect();
      await proxy.close();
      await server.dispose();
    });

    it('shows what becomes of the server', async () => {
      const client = await bench.client();
      expect(await client.send('PING').reply()).to.equal('PONG');
      await bench.server.kill();
      expect(await client.closed).to.be.oneOf(['ended', 'reset']);
      const late = await connectRawClient(bench.proxy.port);
      expect(await late.closed).to.equal('reset');
      expect(bench.proxy.counters.targetFailures).to.equal(1);
      await bench.server.restart();
      const next = await bench.client();
      expect(await next.send('PING').reply()).to.equal('PONG');
      await bench.server.freeze();
      next.send('INCR', 'counter');
      await bench.proxy.waitFor((proxy) => proxy.connections().some(({ bytesFromClient }) => bytesFromClient > 14));
      expect(next.unread).to.equal(0);
      bench.server.thaw();
      expect(await next.reply()).to.equal(1);
    });

    it('remembers tokens, also those sent in pieces', async () => {
      const client = await bench.client();
      expect(bench.proxy.sawRequestBytes('op-12')).to.equal(false);
      client.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nop-1');
      await bench.proxy.waitFor((proxy) => proxy.sawRequestBytes('op-1'));
      client.socket.write('2\r\n');
      expect(await client.reply()).to.equal('OK');
      expect(bench.proxy.sawRequestBytes('op-12')).to.equal(true);
      expect(bench.proxy.sawRequestBytes('op-1')).to.equal(false);
      expect(await client.send('MSET', 'a', 'op-7', 'b', 'op-8').reply()).to.equal('OK');
      expect(['op-7', 'op-8', 'op-9'].map((token) => bench.proxy.sawRequestBytes(token))).to.eql([true, true, false]);
    });

    it('closes twice', async () => {
      const client = await bench.client();
      await bench.proxy.close();
      expect(await client.closed).to.equal('reset');
      expect(await connectionError(bench.proxy.port)).to.equal('ECONNREFUSED');
      await bench.proxy.close();
    });
  });

  describe('refuse', () => {
    it('refuses new connections and resets existing ones, until healed', async () => {
      const client = await bench.client();
      await bench.proxy.refuse();
      expect(await client.closed).to.equal('reset');
      expect(bench.proxy.state.listening).to.equal(false);
      expect(await connectionError(bench.proxy.port)).to.equal('ECONNREFUSED');
      await bench.proxy.heal();
      expect(await (await bench.client()).send('PING').reply()).to.equal('PONG');
    });

    it('keeps existing connections on demand', async () => {
      const client = await bench.client();
      await bench.proxy.refuse({ existing: 'keep' });
      expect(await connectionError(bench.proxy.port)).to.equal('ECONNREFUSED');
      expect(await client.send('PING').reply()).to.equal('PONG');
      await bench.proxy.heal();
      expect(await connectionError(bench.proxy.port)).to.equal('');
      expect(await client.send('PING').reply()).to.equal('PONG');
    });
  });

  describe('reset', () => {
    it('resets all connections and accepts new ones', async () => {
      const clients = [await bench.client(), await bench.client()];
      await bench.proxy.reset();
      for (const client of clients) expect(await client.closed).to.equal('reset');
      expect(bench.proxy.connectionCount).to.equal(0);
      expect(await (await bench.client()).send('PING').reply()).to.equal('PONG');
    });

    it('resets one connection', async () => {
      const [victim, other] = [await bench.client(), await bench.client()];
      await bench.proxy.resetConnection(bench.idOf(victim));
      expect(await victim.closed).to.equal('reset');
      expect(await other.send('PING').reply()).to.equal('PONG');
    });
  });

  describe('blackhole', () => {
    it('holds requests and forwards them for a client that is still there', async () => {
      const established = await bench.client();
      expect(await established.send('INCR', 'counter').reply()).to.equal(1);
      await bench.proxy.blackhole();
      established.send('INCR', 'counter').send('INCR', 'counter').send('GET', 'counter');
      const late = await incrementIntoTheVoid();
      expect(await bench.counter()).to.equal('1');
      expect(established.unread + late.unread).to.equal(0);
      await bench.proxy.heal();
      expect(await established.replies(3)).to.deep.equal([2, 3, '3']);
      expect(await established.send('PING').reply()).to.equal('PONG');
      expect(await late.reply()).to.equal(4);
      expect(bench.proxy.counters.heldBytesForwarded).to.be.greaterThan(0);
      expect(bench.proxy.heldBytesDropped).to.equal(0);
    });

    it('never forwards the requests of a client that reset its connection', async () => {
      const established = await bench.client();
      expect(await established.send('PING').reply()).to.equal('PONG');
      await bench.proxy.blackhole();
      const held = established.socket.bytesWritten;
      established.send('INCR', 'counter');
      await bench.proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
      const late = await incrementIntoTheVoid();
      const expected = established.socket.bytesWritten - held + late.socket.bytesWritten;
      await established.reset();
      await late.reset();
      await bench.proxy.waitFor((proxy) => proxy.heldBytesDropped === expected);
      expect(bench.proxy.connections().map((info) => [info.clientGone, info.clientReset])).to.eql([[true, true]]);
      await bench.proxy.heal();
      await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
      const next = await bench.client();
      expect(await next.send('INCR', 'other').reply()).to.equal(1);
      expect(await bench.counter()).to.equal(null);
    });

    it('sees a reset that happens right before it is healed', async () => {
      await bench.proxy.blackhole();
      const client = await bench.client();
      client.send('INCR', 'counter');
      client.socket.resetAndDestroy();
      await bench.proxy.heal();
      expect(await bench.counter()).to.equal(null);
    });

    it('never forwards the requests of a client that ended its connection', async () => {
      await bench.proxy.blackhole();
      const client = await incrementIntoTheVoid();
      client.socket.destroy();
      await bench.proxy.waitFor(({ counters }) => counters.heldRequestBytesDropped > 0);
      expect(bench.proxy.connectionCount).to.equal(0);
      await bench.proxy.heal();
      expect(await bench.counter()).to.equal(null);
    });

    it('holds replies and ends of the server', async () => {
      const client = await bench.client();
      expect(await client.send('SUBSCRIBE', 'news').reply()).to.deep.equal(['subscribe', 'news', 1]);
      await bench.proxy.blackhole();
      expect(await bench.server.cli('PUBLISH', 'news', 'hello')).to.equal(1);
      await bench.proxy.waitFor(({ state }) => state.heldReplyBytes > 0);
      await bench.server.kill();
      expect(client.unread).to.equal(0);
      expect(client.socket.readyState).to.equal('open');
      await bench.proxy.heal();
      expect(await client.reply()).to.deep.equal(['message', 'news', 'hello']);
      expect(await client.closed).to.be.oneOf(['ended', 'reset']);
    });

    it('swallows one connection only', async () => {
      const [victim, other] = [await bench.client(), await bench.client()];
      await bench.proxy.blackholeOne(bench.idOf(victim));
      victim.send('INCR', 'counter');
      await bench.proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
      expect(await other.send('PING').reply()).to.equal('PONG');
      expect(await (await bench.client()).send('PING').reply()).to.equal('PONG');
      await bench.proxy.blackhole({ connections: ({ clientPort }) => clientPort === other.port });
      expect(bench.proxy.connections().filter(({ blackholed }) => blackholed)).to.have.length(2);
      await bench.proxy.heal();
      expect(await victim.reply()).to.equal(1);
    });
  });

  describe('swallowed replies', () => {
    it('are held while requests are executed', async () => {
      const client = await bench.client();
      await bench.proxy.swallowReplies();
      client.send('INCR', 'counter');
      await bench.proxy.waitFor(({ state }) => state.heldReplyBytes === ':1\r\n'.length);
      expect(await bench.counter()).to.equal('1');
      const late = await bench.client();
      late.send('INCR', 'counter').send('INCR', 'counter');
      await bench.proxy.waitFor(({ state }) => state.heldReplyBytes === ':1\r\n'.length * 3);
      expect(client.unread + late.unread).to.equal(0);
      await bench.proxy.heal();
      expect(await client.reply()).to.equal(1);
      expect(await late.replies(2)).to.deep.equal([2, 3]);
    });

    it('are dropped when the client resets its connection', async () => {
      const client = await bench.client();
      await bench.proxy.swallowReplies();
      client.send('INCR', 'counter');
      await bench.proxy.waitFor(({ state }) => state.heldReplyBytes > 0);
      await client.reset();
      await bench.proxy.waitFor(({ counters }) => counters.heldReplyBytesDropped === ':1\r\n'.length);
      await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
      expect(await bench.counter()).to.equal('1');
    });
  });
});

describe('fault proxy with endedClients: "deliver"', () => {
  const bench = new ProxyBench({ endedClients: 'deliver' });

  it('forwards what a client sent before it ended its connection', async () => {
    const established = await bench.client();
    expect(await established.send('PING').reply()).to.equal('PONG');
    await bench.proxy.blackhole();
    established.send('INCR', 'counter').socket.destroy();
    await bench.proxy.waitFor((proxy) => proxy.connectionCount === 0);
    await bench.proxy.heal();
    expect(await bench.counter()).to.equal('1');
    await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
  });

  it('tells a reset from an end, even if it follows data or an end', async () => {
    const [resetting, endingFirst] = [await bench.client(), await bench.client()];
    for (const client of [resetting, endingFirst]) expect(await client.send('PING').reply()).to.equal('PONG');
    await bench.proxy.blackhole();
    endingFirst.send('INCR', 'counter').socket.end();
    await bench.proxy.waitFor((proxy) => proxy.connectionCount === 1);
    endingFirst.socket.resetAndDestroy();
    resetting.send('INCR', 'counter').socket.resetAndDestroy();
    await bench.proxy.heal();
    expect(bench.proxy.counters.heldRequestBytesDropped).to.equal(2 * encodeRequest(['INCR', 'counter']).length);
    expect(await bench.counter()).to.equal(null);
  });
});
