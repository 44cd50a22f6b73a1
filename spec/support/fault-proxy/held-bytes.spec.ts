import { expect } from 'chai';
import { ProxyFixture } from './proxy-fixture.ts';
import type { RawClient } from './raw-client.ts';
import { encodeRequest } from './resp.ts';

describe('fault proxy, held bytes', () => {
  const fixture = new ProxyFixture();

  /** Sends an INCR which the proxy then holds. */
  async function incrementIntoTheVoid(): Promise<RawClient> {
    const client = await fixture.client();
    const before = fixture.proxy.state.heldRequestBytes;
    client.send('INCR', 'counter');
    await fixture.proxy.waitFor(({ state }) => state.heldRequestBytes > before);
    return client;
  }

  describe('blackhole', () => {
    it('holds requests and forwards them for a client that is still there', async () => {
      const established = await fixture.client();
      expect(await established.send('INCR', 'counter').reply()).to.equal(1);
      await fixture.proxy.blackhole();
      established.send('INCR', 'counter').send('INCR', 'counter').send('GET', 'counter');
      const late = await incrementIntoTheVoid();
      expect(await fixture.counter()).to.equal('1');
      expect(established.unread + late.unread).to.equal(0);
      await fixture.proxy.heal();
      expect(await established.replies(3)).to.deep.equal([2, 3, '3']);
      expect(await established.send('PING').reply()).to.equal('PONG');
      expect(await late.reply()).to.equal(4);
      expect(fixture.proxy.counters.heldBytesForwarded).to.be.greaterThan(0);
      expect(fixture.proxy.heldBytesDropped).to.equal(0);
    });

    it('never forwards the requests of a client that reset its connection', async () => {
      const established = await fixture.client();
      expect(await established.send('PING').reply()).to.equal('PONG');
      await fixture.proxy.blackhole();
      const held = established.socket.bytesWritten;
      established.send('INCR', 'counter');
      await fixture.proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
      const late = await incrementIntoTheVoid();
      const expected = established.socket.bytesWritten - held + late.socket.bytesWritten;
      await established.reset();
      await late.reset();
      await fixture.proxy.waitFor((proxy) => proxy.heldBytesDropped === expected);
      expect(fixture.proxy.connections().map((info) => [info.clientGone, info.clientReset])).to.eql([[true, true]]);
      await fixture.proxy.heal();
      await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
      const next = await fixture.client();
      expect(await next.send('INCR', 'other').reply()).to.equal(1);
      expect(await fixture.counter()).to.equal(null);
    });

    it('sees a reset that happens right before it is healed', async () => {
      await fixture.proxy.blackhole();
      const client = await fixture.client();
      client.send('INCR', 'counter');
      client.socket.resetAndDestroy();
      await fixture.proxy.heal();
      expect(await fixture.counter()).to.equal(null);
    });

    it('never forwards the requests of a client that ended its connection', async () => {
      await fixture.proxy.blackhole();
      const client = await incrementIntoTheVoid();
      client.socket.destroy();
      await fixture.proxy.waitFor(({ counters }) => counters.heldRequestBytesDropped > 0);
      expect(fixture.proxy.connectionCount).to.equal(0);
      await fixture.proxy.heal();
      expect(await fixture.counter()).to.equal(null);
    });

    it('holds replies and ends of the server', async () => {
      const client = await fixture.client();
      expect(await client.send('SUBSCRIBE', 'news').reply()).to.deep.equal(['subscribe', 'news', 1]);
      await fixture.proxy.blackhole();
      expect(await fixture.server.cli('PUBLISH', 'news', 'hello')).to.equal(1);
      await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes > 0);
      await fixture.server.kill();
      expect(client.unread).to.equal(0);
      expect(client.socket.readyState).to.equal('open');
      await fixture.proxy.heal();
      expect(await client.reply()).to.deep.equal(['message', 'news', 'hello']);
      expect(await client.closed).to.be.oneOf(['ended', 'reset']);
    });

    it('swallows one connection only', async () => {
      const [victim, other] = [await fixture.client(), await fixture.client()];
      await fixture.proxy.blackholeOne(fixture.idOf(victim));
      victim.send('INCR', 'counter');
      await fixture.proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
      expect(await other.send('PING').reply()).to.equal('PONG');
      expect(await (await fixture.client()).send('PING').reply()).to.equal('PONG');
      await fixture.proxy.blackhole({ connections: ({ clientPort }) => clientPort === other.port });
      expect(fixture.proxy.connections().filter(({ blackholed }) => blackholed)).to.have.length(2);
      await fixture.proxy.heal();
      expect(await victim.reply()).to.equal(1);
    });
  });

  describe('swallowed replies', () => {
    it('are held while requests are executed', async () => {
      const client = await fixture.client();
      await fixture.proxy.swallowReplies();
      client.send('INCR', 'counter');
      await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes === ':1\r\n'.length);
      expect(await fixture.counter()).to.equal('1');
      const late = await fixture.client();
      late.send('INCR', 'counter').send('INCR', 'counter');
      await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes === ':1\r\n'.length * 3);
      expect(client.unread + late.unread).to.equal(0);
      await fixture.proxy.heal();
      expect(await client.reply()).to.equal(1);
      expect(await late.replies(2)).to.deep.equal([2, 3]);
    });

    it('are dropped when the client resets its connection', async () => {
      const client = await fixture.client();
      await fixture.proxy.swallowReplies();
      client.send('INCR', 'counter');
      await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes > 0);
      await client.reset();
      await fixture.proxy.waitFor(({ counters }) => counters.heldReplyBytesDropped === ':1\r\n'.length);
      await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
      expect(await fixture.counter()).to.equal('1');
    });

    it('are dropped when they come after the client ended its connection', async () => {
      const client = await fixture.client();
      expect(await client.send('PING').reply()).to.equal('PONG');
      await fixture.proxy.delay(50, 'toServer');
      await fixture.proxy.swallowReplies();
      client.send('INCR', 'counter').socket.end();
      await fixture.proxy.waitFor((proxy) => proxy.connectionCount === 0);
      await fixture.proxy.waitFor(({ counters }) => counters.heldReplyBytesDropped === ':1\r\n'.length);
      expect(await fixture.counter()).to.equal('1');
    });
  });
});

describe('fault proxy with endedClients: "deliver"', () => {
  const fixture = new ProxyFixture({ endedClients: 'deliver' });

  it('forwards what a client sent before it ended its connection', async () => {
    const established = await fixture.client();
    expect(await established.send('PING').reply()).to.equal('PONG');
    await fixture.proxy.blackhole();
    established.send('INCR', 'counter').socket.destroy();
    await fixture.proxy.waitFor((proxy) => proxy.connectionCount === 0);
    await fixture.proxy.heal();
    expect(await fixture.counter()).to.equal('1');
    await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
  });

  it('tells a reset from an end, even if it follows data or an end', async () => {
    const [resetting, endingFirst] = [await fixture.client(), await fixture.client()];
    for (const client of [resetting, endingFirst]) expect(await client.send('PING').reply()).to.equal('PONG');
    await fixture.proxy.blackhole();
    endingFirst.send('INCR', 'counter').socket.end();
    await fixture.proxy.waitFor((proxy) => proxy.connectionCount === 1);
    endingFirst.socket.resetAndDestroy();
    resetting.send('INCR', 'counter').socket.resetAndDestroy();
    await fixture.proxy.heal();
    expect(fixture.proxy.counters.heldRequestBytesDropped).to.equal(2 * encodeRequest(['INCR', 'counter']).length);
    expect(await fixture.counter()).to.equal(null);
  });
});
