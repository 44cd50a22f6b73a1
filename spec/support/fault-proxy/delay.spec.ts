import { expect } from 'chai';
import { ProxyFixture } from './proxy-fixture.ts';
import { connectRawClient, type RawClient } from './raw-client.ts';

async function roundTripMs(client: RawClient): Promise<number> {
  const start = performance.now();
  expect(await client.send('PING').reply()).to.equal('PONG');
  return performance.now() - start;
}

const anHour = 3_600_000;

describe('fault proxy, delay', () => {
  const fixture = new ProxyFixture();

  for (const direction of ['both', 'toServer', 'toClient'] as const) {
    it(`lets a round trip take longer and keeps the order (${direction})`, async () => {
      const client = await fixture.client();
      await fixture.proxy.delay(60, direction);
      expect(await roundTripMs(client)).to.be.at.least(60);
      for (let number = 0; number < 100; number += 1) client.send('INCR', 'counter');
      expect(await client.replies(100)).to.deep.equal(Array.from({ length: 100 }, (_, index) => index + 1));
    });
  }

  it('lets some replies take longer, and those behind them', async () => {
    const client = await fixture.client();
    await fixture.proxy.spike({ share: 0.5, ms: 30 });
    const times: number[] = [];
    for (let number = 0; number < 40; number += 1) times.push(await roundTripMs(client));
    expect(Math.max(...times)).to.be.at.least(30);
    expect(Math.min(...times)).to.be.below(30);
    for (let number = 0; number < 100; number += 1) client.send('INCR', 'counter');
    expect(await client.replies(100)).to.deep.equal(Array.from({ length: 100 }, (_, index) => index + 1));
    await fixture.proxy.heal();
    expect(fixture.proxy.state.spikes).to.deep.equal({ share: 0, ms: 0 });
  });

  it('is lifted for what is under way as well', async () => {
    const client = await fixture.client();
    await fixture.proxy.delay(anHour);
    client.send('INCR', 'counter').send('INCR', 'counter');
    await fixture.proxy.waitFor((proxy) => proxy.connections()[0]?.bytesFromClient === client.socket.bytesWritten);
    expect(client.unread).to.equal(0);
    await fixture.proxy.heal();
    expect(await client.replies(2)).to.deep.equal([1, 2]);
  });

  it('does not call back what a client sent before it reset its connection', async () => {
    const client = await fixture.client();
    expect(await client.send('PING').reply()).to.equal('PONG');
    await fixture.proxy.delay(50, 'toServer');
    client.send('INCR', 'counter');
    await client.reset();
    await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
    expect(await fixture.counter()).to.equal('1');
  });

  it('does not carry anything through a black hole', async () => {
    const client = await fixture.client();
    expect(await client.send('PING').reply()).to.equal('PONG');
    await fixture.proxy.delay(anHour, 'toServer');
    client.send('INCR', 'counter');
    await fixture.proxy.waitFor((proxy) => proxy.connections()[0]?.bytesFromClient === client.socket.bytesWritten);
    await fixture.proxy.blackhole();
    await fixture.proxy.delay(0);
    await fixture.proxy.waitFor(({ state }) => state.heldRequestBytes > 0);
    await client.reset();
    await fixture.proxy.waitFor(({ counters }) => counters.heldRequestBytesDropped > 0);
    await fixture.proxy.heal();
    await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
    expect(await fixture.counter()).to.equal(null);
  });

  it('delays the opening of a connection, until healed', async () => {
    await fixture.proxy.delay(anHour);
    const [patient, gone] = [await fixture.client(), await fixture.client()];
    for (const client of [patient, gone]) client.send('INCR', 'counter');
    await gone.reset();
    await fixture.proxy.waitFor((proxy) => proxy.connections().length === 1);
    await fixture.proxy.heal();
    expect(await patient.reply()).to.equal(1);
    expect(await fixture.counter()).to.equal('1');
  });
});

describe('fault proxy with a latency', () => {
  const fixture = new ProxyFixture({ latencyMs: 40 });

  it('delays every round trip, that of the connection included, and is not healed', async () => {
    const start = performance.now();
    const client = await connectRawClient(fixture.proxy.port);
    await roundTripMs(client);
    expect(performance.now() - start).to.be.at.least(80);
    expect(await roundTripMs(client)).to.be.at.least(40);
    await fixture.proxy.delay(20);
    expect(await roundTripMs(client)).to.be.at.least(60);
    await fixture.proxy.heal();
    expect(fixture.proxy.state.delays).to.deep.equal({ toServer: 20, toClient: 20 });
    expect(await roundTripMs(client)).to.be.at.least(40);
    client.socket.destroy();
    await fixture.proxy.waitFor((proxy) => proxy.connections().length === 0);
  });
});
