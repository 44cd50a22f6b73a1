import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { ProxyFixture } from './fault-proxy/proxy-fixture.ts';
import { connectionError, connectRawClient } from './fault-proxy/raw-client.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { startRedisServer } from './redis-server.ts';
import { createTestCertificates } from './tls-certificates.ts';

describe('fault proxy', () => {
  const fixture = new ProxyFixture({ tokens: /op-\d+/ });

  describe('without a fault', () => {
    it('passes everything and tells about its connections', async () => {
      const client = await fixture.client();
      expect(await client.send('SET', 'key', 'value').reply()).to.equal('OK');
      expect(await client.send('GET', 'key').reply()).to.equal('value');
      const [info] = fixture.proxy.connections();
      expect(info).to.include({
        id: fixture.idOf(client),
        clientPort: client.port,
        bytesFromClient: client.socket.bytesWritten,
        bytesFromServer: client.socket.bytesRead,
        clientGone: false,
        blackholed: false,
      });
      expect(Math.abs(Date.now() - info!.openedAt)).to.be.lessThan(60_000);
      expect(fixture.proxy.connectionCount).to.equal(1);
    });

    it('passes the end and the reset of a client', async () => {
      const [ending, resetting] = [await fixture.client(), await fixture.client()];
      for (const client of [ending, resetting]) expect(await client.send('PING').reply()).to.equal('PONG');
      ending.socket.end();
      expect(await ending.closed).to.equal('ended');
      await resetting.reset();
      await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
      while (!String(await fixture.server.cli('INFO', 'clients')).includes('connected_clients:1\r\n'));
    });

    it('serves ioredis', async () => {
      const redis = new Redis({ port: fixture.proxy.port, host: fixture.proxy.host });
      await Promise.all(Array.from({ length: 1000 }, () => redis.incr('counter')));
      expect(await redis.get('counter')).to.equal('1000');
      const large = Buffer.alloc(3_000_000, 'x');
      await redis.set('large', large);
      expect((await redis.getBuffer('large'))?.equals(large)).to.equal(true);
      redis.disconnect();
      await fixture.proxy.waitForConnections(0);
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
      const client = await fixture.client();
      expect(await client.send('PING').reply()).to.equal('PONG');
      await fixture.server.kill();
      expect(await client.closed).to.be.oneOf(['ended', 'reset']);
      const late = await connectRawClient(fixture.proxy.port);
      expect(await late.closed).to.equal('reset');
      expect(fixture.proxy.counters.targetFailures).to.equal(1);
      await fixture.server.restart();
      const next = await fixture.client();
      expect(await next.send('PING').reply()).to.equal('PONG');
      await fixture.server.freeze();
      next.send('INCR', 'counter');
      await fixture.proxy.waitFor((proxy) => proxy.connections().some(({ bytesFromClient }) => bytesFromClient > 14));
      expect(next.unread).to.equal(0);
      fixture.server.thaw();
      expect(await next.reply()).to.equal(1);
    });

    it('remembers tokens, also those sent in pieces', async () => {
      const client = await fixture.client();
      expect(fixture.proxy.sawRequestBytes('op-12')).to.equal(false);
      client.socket.write('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nop-1');
      await fixture.proxy.waitFor((proxy) => proxy.sawRequestBytes('op-1'));
      client.socket.write('2\r\n');
      expect(await client.reply()).to.equal('OK');
      expect(fixture.proxy.sawRequestBytes('op-12')).to.equal(true);
      expect(fixture.proxy.sawRequestBytes('op-1')).to.equal(false);
      expect(await client.send('MSET', 'a', 'op-7', 'b', 'op-8').reply()).to.equal('OK');
      expect(['op-7', 'op-8', 'op-9'].map((token) => fixture.proxy.sawRequestBytes(token))).to.eql([true, true, false]);
    });

    it('closes twice', async () => {
      const client = await fixture.client();
      await fixture.proxy.close();
      expect(await client.closed).to.equal('reset');
      expect(await connectionError(fixture.proxy.port)).to.equal('ECONNREFUSED');
      await fixture.proxy.close();
    });
  });

  describe('refuse', () => {
    it('refuses new connections and resets existing ones, until healed', async () => {
      const client = await fixture.client();
      await fixture.proxy.refuse();
      expect(await client.closed).to.equal('reset');
      expect(fixture.proxy.state.listening).to.equal(false);
      expect(await connectionError(fixture.proxy.port)).to.equal('ECONNREFUSED');
      await fixture.proxy.heal();
      expect(await (await fixture.client()).send('PING').reply()).to.equal('PONG');
    });

    it('keeps existing connections on demand', async () => {
      const client = await fixture.client();
      await fixture.proxy.refuse({ existing: 'keep' });
      expect(await connectionError(fixture.proxy.port)).to.equal('ECONNREFUSED');
      expect(await client.send('PING').reply()).to.equal('PONG');
      await fixture.proxy.heal();
      expect(await connectionError(fixture.proxy.port)).to.equal('');
      expect(await client.send('PING').reply()).to.equal('PONG');
    });
  });

  describe('reset', () => {
    it('resets all connections and accepts new ones', async () => {
      const clients = [await fixture.client(), await fixture.client()];
      await fixture.proxy.reset();
      for (const client of clients) expect(await client.closed).to.equal('reset');
      expect(fixture.proxy.connectionCount).to.equal(0);
      expect(await (await fixture.client()).send('PING').reply()).to.equal('PONG');
    });

    it('resets one connection', async () => {
      const [victim, other] = [await fixture.client(), await fixture.client()];
      await fixture.proxy.resetConnection(fixture.idOf(victim));
      expect(await victim.closed).to.equal('reset');
      expect(await other.send('PING').reply()).to.equal('PONG');
    });
  });
});
