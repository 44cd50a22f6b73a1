import { expect } from 'chai';
import { ProxyBench } from './bench.ts';
import { connectRawClient, type RawClient } from './raw-client.ts';

async function roundTripMs(client: RawClient): Promise<number> {
  const start = performance.now();
  expect(await client.send('PING').reply()).to.equal('PONG');
  return performance.now() - start;
}

describe('fault proxy, delay', () => {
  const bench = new ProxyBench();

  for (const direction of ['both', 'toServer', 'toClient'] as const) {
    it(`lets a round trip take longer and keeps the order (${direction})`, async () => {
      const client = await bench.client();
      await bench.proxy.delay(60, direction);
      expect(await roundTripMs(client)).to.be.at.least(60);
      for (let number = 0; number < 100; number += 1) client.send('INCR', 'counter');
      expect(await client.replies(100)).to.deep.equal(Array.from({ length: 100 }, (_, index) => index + 1));
    });
  }

  it('is lifted for what is under way as well', async () => {
    const client = await bench.client();
    await bench.proxy.delay(3_600_000);
    client.send('INCR', 'counter').send('INCR', 'counter');
    await bench.proxy.waitFor((proxy) => proxy.connections()[0]?.bytesFromClient === client.socket.bytesWritten);
    expect(client.unread).to.equal(0);
    await bench.proxy.heal();
    expect(await client.replies(2)).to.deep.equal([1, 2]);
  });

  it('does not call back what a client sent before it reset its connection', async () => {
    const client = await bench.client();
    expect(await client.send('PING').reply()).to.equal('PONG');
    await bench.proxy.delay(50, 'toServer');
    client.send('INCR', 'counter');
    await client.reset();
    await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
    expect(await bench.counter()).to.equal('1');
  });

  it('does not carry anything through a black hole', async () => {
    const client = await bench.client();
    expect(await client.send('PING').reply()).to.equal('PONG');
    await bench.proxy.delay(50, 'toServer');
    client.send('INCR', 'counter');
    await bench.proxy.waitFor((proxy) => proxy.connections()[0]?.bytesFromClient === client.socket.bytesWritten);
    await bench.proxy.blackhole();
    await bench.proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
    await client.reset();
    await bench.proxy.waitFor(({ counters }) => counters.heldRequestBytesDropped > 0);
    await bench.proxy.heal();
    await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
    expect(await bench.counter()).to.equal(null);
  });
});

describe('fault proxy with a latency', () => {
  const bench = new ProxyBench({ latencyMs: 40 });

  it('delays every round trip, that of the connection included, and is not healed', async () => {
    const start = performance.now();
    const client = await connectRawClient(bench.proxy.port);
    await roundTripMs(client);
    expect(performance.now() - start).to.be.at.least(80);
    expect(await roundTripMs(client)).to.be.at.least(40);
    await bench.proxy.delay(20);
    expect(await roundTripMs(client)).to.be.at.least(60);
    await bench.proxy.heal();
    expect(bench.proxy.state.delays).to.deep.equal({ toServer: 20, toClient: 20 });
    expect(await roundTripMs(client)).to.be.at.least(40);
    client.socket.destroy();
    await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
  });

  it('opens no connection for a client that is gone before it is open', async () => {
    const client = await bench.client();
    client.send('INCR', 'counter');
    await client.reset();
    await bench.proxy.waitFor((proxy) => proxy.connections().length === 0);
    const next = await bench.client();
    expect(await next.send('GET', 'counter').reply()).to.equal(null);
  });
});
