import { expect } from 'chai';
import { ProxyFixture } from './proxy-fixture.ts';
import type { RawClient } from './raw-client.ts';

const anHour = 3_600_000;

/** The sizes of the pieces in which bytes come. */
function piecesTo(client: RawClient): number[] {
  const pieces: number[] = [];
  client.socket.on('data', (chunk: Buffer) => pieces.push(chunk.length));
  return pieces;
}

describe('fault proxy, drip', () => {
  const fixture = new ProxyFixture();

  for (const direction of ['both', 'toServer', 'toClient'] as const) {
    it(`lets one byte through at a time, in order (${direction})`, async () => {
      const client = await fixture.client();
      const pieces = piecesTo(client);
      await fixture.proxy.drip(4, direction);
      const startedAt = performance.now();
      expect(await client.send('ECHO', 'one by one').send('INCR', 'counter').replies(2)).to.deep.equal([
        'one by one',
        1,
      ]);
      const { bytesWritten, bytesRead } = client.socket;
      const dripping =
        direction === 'both'
          ? [bytesWritten * 2, bytesRead * 2]
          : [direction === 'toServer' ? bytesWritten * 4 : bytesRead * 4];
      expect(performance.now() - startedAt).to.be.at.least(Math.max(...dripping));
      if (direction !== 'toServer') expect(pieces.length).to.be.greaterThan(bytesRead / 4);
    });
  }

  it('is lifted for what is under way as well', async () => {
    const client = await fixture.client();
    await fixture.proxy.drip(anHour);
    client.send('INCR', 'counter').send('INCR', 'counter');
    await fixture.proxy.waitFor((proxy) => proxy.connections()[0]?.bytesFromClient === client.socket.bytesWritten);
    expect(client.unread).to.equal(0);
    await fixture.proxy.heal();
    expect(await client.replies(2)).to.deep.equal([1, 2]);
    expect(fixture.proxy.state.drip).to.deep.equal({ toServer: 0, toClient: 0 });
  });

  it('passes ends and resets behind the bytes', async () => {
    const client = await fixture.client();
    await fixture.proxy.drip(2, 'toServer');
    client.send('INCR', 'counter').socket.end();
    expect(await client.reply()).to.equal(1);
    expect(await client.closed).to.equal('ended');
  });
});

describe('fault proxy, stalled replies', () => {
  const fixture = new ProxyFixture();

  it('end after so many bytes of a connection, and go on when healed', async () => {
    const [early, none] = [await fixture.client(), await fixture.client()];
    const pieces = piecesTo(early);
    await fixture.proxy.stallReplies(9);
    early.send('PING').send('PING').send('PING');
    none.send('ECHO', 'a longer text');
    await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes > 12);
    expect(await early.reply()).to.equal('PONG');
    expect([early.unread, none.unread]).to.deep.equal([0, 0]);
    expect(pieces.reduce((sum, size) => sum + size, 0)).to.equal(9);
    await fixture.proxy.heal();
    expect(await early.replies(2)).to.deep.equal(['PONG', 'PONG']);
    expect(await none.reply()).to.equal('a longer text');
  });

  it('hold the end of the server as well', async () => {
    const client = await fixture.client();
    await fixture.proxy.stallReplies(3);
    client.send('PING').send('QUIT');
    await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes === '+PONG\r\n+OK\r\n'.length - 3);
    expect(client.socket.readyState).to.equal('open');
    await fixture.proxy.heal();
    expect(await client.replies(2)).to.deep.equal(['PONG', 'OK']);
    expect(await client.closed).to.equal('ended');
  });
});
