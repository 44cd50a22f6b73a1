import { expect } from 'chai';
import { ProxyFixture } from './proxy-fixture.ts';

describe('fault proxy, faults by themselves', () => {
  const fixture = new ProxyFixture();

  it('lifts one fault and leaves the others in place', async () => {
    const client = await fixture.client();
    await fixture.proxy.swallowReplies();
    await fixture.proxy.replyWithErrors({ message: 'LOADING', match: (name) => name === 'GET' });
    client.send('INCR', 'counter').send('GET', 'counter');
    await fixture.proxy.waitFor(({ state }) => state.heldReplyBytes > 0);
    await fixture.proxy.lift(['blackhole', 'delay', 'refusal']);
    expect(fixture.proxy.state).to.include({ repliesSwallowed: true, replyingWithErrors: true });
    expect(client.unread).to.equal(0);
    await fixture.proxy.lift(['swallowed replies']);
    expect(await client.replies(2)).to.deep.equal([1, '-LOADING']);
    expect(await client.send('GET', 'counter').reply()).to.equal('-LOADING');
    await fixture.proxy.lift(['error replies']);
    expect(await client.send('GET', 'counter').reply()).to.equal('1');
  });

  it('goes on refusing while other faults are lifted', async () => {
    await fixture.proxy.refuse();
    await fixture.proxy.lift(['blackhole', 'swallowed replies', 'delay', 'error replies']);
    expect(fixture.proxy.state.listening).to.equal(false);
    await fixture.proxy.lift(['refusal']);
    expect(await (await fixture.client()).send('PING').reply()).to.equal('PONG');
  });

  for (const part of [0, 0.5, 0.999]) {
    it(`cuts the next reply within a line, and no other one (${part})`, async () => {
      await fixture.server.cli('SET', 'key', 'twenty bytes of value');
      const [client, other] = [await fixture.client(), await fixture.client()];
      expect(await other.send('PING').reply()).to.equal('PONG');
      const received: Buffer[] = [];
      client.socket.on('data', (bytes: Buffer) => received.push(bytes));
      fixture.proxy.cutReply(part);
      client.send('GET', 'key');
      await client.closed;
      const whole = '$21\r\ntwenty bytes of value\r\n';
      const seen = Buffer.concat(received).toString();
      expect(whole.startsWith(seen), seen).to.equal(true);
      expect(seen).to.not.match(/\n$/).and.not.equal('');
      expect(fixture.proxy.counters.cutReplies).to.equal(1);
      expect(await other.send('GET', 'key').reply()).to.equal('twenty bytes of value');
    });
  }

  it('lets a transaction that has begun come to its end before it answers in place of the server', async () => {
    const client = await fixture.client();
    expect(await client.send('MULTI').reply()).to.equal('OK');
    await fixture.proxy.replyWithErrors({ message: 'LOADING' });
    client.send('INCR', 'counter').send('EXEC').send('MULTI').send('INCR', 'counter').send('EXEC');
    expect(await client.replies(5)).to.deep.equal(['QUEUED', [1], '-LOADING', '-LOADING', '-LOADING']);
    await fixture.proxy.heal();
    expect(await client.send('INCR', 'counter').reply()).to.equal(2);
  });
});
