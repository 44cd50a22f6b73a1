import { expect } from 'chai';
import { Redis } from 'ioredis';
import { ProxyFixture } from './proxy-fixture.ts';
import { RespRelay } from './resp-relay.ts';
import { encodeRequest } from './resp.ts';

const message = 'READONLY made by the proxy';
const error = `-${message}`;

describe('fault proxy, replyWithErrors', () => {
  const fixture = new ProxyFixture();

  it('answers every command in place of the server, until healed', async () => {
    const client = await fixture.client();
    expect(await client.send('INCR', 'counter').reply()).to.equal(1);
    await fixture.proxy.replyWithErrors({ message });
    expect(await client.send('INCR', 'counter').send('PING').replies(2)).to.deep.equal([error, error]);
    const late = await fixture.client();
    expect(await late.send('INCR', 'counter').reply()).to.equal(error);
    expect(fixture.proxy.counters.errorReplies).to.equal(3);
    await fixture.proxy.heal();
    expect(await client.send('INCR', 'counter').reply()).to.equal(2);
  });

  it('answers the chosen commands and passes the others', async () => {
    const seen: string[] = [];
    await fixture.proxy.replyWithErrors({
      message,
      match: (name, args) => {
        seen.push([name, ...args].join(' '));
        return name === 'SET' && args[0]?.toString() === 'forbidden';
      },
    });
    const client = await fixture.client();
    client.send('set', 'allowed', '1').send('set', 'forbidden', '2').send('MGET', 'allowed', 'forbidden');
    expect(await client.replies(3)).to.deep.equal(['OK', error, ['1', null]]);
    expect(seen).to.deep.equal(['SET allowed 1', 'SET forbidden 2', 'MGET allowed forbidden']);
  });

  it('keeps the order of replies however the bytes are cut', async () => {
    await fixture.proxy.replyWithErrors({ message, match: (name) => name === 'GET' });
    const client = await fixture.client();
    const expected: unknown[] = [];
    const requests: Buffer[] = [];
    for (let number = 1; number <= 300; number += 1) {
      const own = number % 3 === 0 || number % 7 === 0;
      requests.push(encodeRequest(own ? ['GET', 'counter'] : ['INCR', 'counter']));
      expected.push(own ? error : expected.filter((reply) => reply !== error).length + 1);
    }
    const bytes = Buffer.concat(requests);
    for (let at = 0; at < bytes.length; at += 37) client.socket.write(bytes.subarray(at, at + 37));
    expect(await client.replies(300)).to.deep.equal(expected);
  });

  it('waits with its reply for those the server still owes', async () => {
    const client = await fixture.client();
    client.send('BLPOP', 'queue', 0);
    await fixture.proxy.waitFor((proxy) => proxy.connections()[0]?.bytesFromClient === client.socket.bytesWritten);
    await fixture.proxy.replyWithErrors({ message, match: (name) => name === 'INCR' });
    client.send('INCR', 'counter').send('GET', 'counter').send('INCR', 'counter');
    await fixture.proxy.waitFor(({ counters }) => counters.errorReplies === 2);
    expect(await fixture.server.cli('PING')).to.equal('PONG');
    expect(client.unread).to.equal(0);
    await fixture.server.cli('RPUSH', 'queue', 'element');
    expect(await client.replies(4)).to.deep.equal([['queue', 'element'], error, null, error]);
  });

  it('does not take pushes of RESP3 for replies', async () => {
    await fixture.proxy.replyWithErrors({ message, match: (name) => name === 'INCR' });
    const client = await fixture.client();
    client.send('HELLO', 3).send('INCR', 'counter').send('CLIENT', 'TRACKING', 'ON').send('INCR', 'counter');
    const [hello, ...rest] = await client.replies(4);
    expect(hello).to.include.members(['proto', 3]);
    expect(rest).to.deep.equal([error, 'OK', error]);

    client.send('SUBSCRIBE', 'news', 'sports').send('INCR', 'counter').send('GET', 'key').send('INCR', 'counter');
    expect(await client.replies(5)).to.deep.equal([
      ['subscribe', 'news', 1],
      ['subscribe', 'sports', 2],
      error,
      null,
      error,
    ]);

    client.send('BLPOP', 'queue', 0).send('INCR', 'counter');
    await fixture.proxy.waitFor(({ counters }) => counters.errorReplies === 5);
    expect(await fixture.server.cli('PUBLISH', 'news', 'hello')).to.equal(1);
    expect(await client.reply()).to.deep.equal(['message', 'news', 'hello']);
    await fixture.server.cli('SET', 'key', 'new');
    expect(await client.reply()).to.deep.equal(['invalidate', ['key']]);
    expect(client.unread).to.equal(0);
    await fixture.server.cli('RPUSH', 'queue', 'element');
    expect(await client.replies(2)).to.deep.equal([['queue', 'element'], error]);

    client.send('UNSUBSCRIBE').send('INCR', 'counter').send('PING');
    const replies = await client.replies(4);
    expect(replies.slice(0, 2).map((reply) => (reply as string[])[0])).to.deep.equal(['unsubscribe', 'unsubscribe']);
    expect(replies.slice(2)).to.deep.equal([error, 'PONG']);
  });

  it('does not take messages of RESP2 for replies', async () => {
    const match = (name: string, args: Buffer[]): boolean => args[0]?.toString() === 'forbidden' && name !== 'GET';
    await fixture.proxy.replyWithErrors({ message, match });
    const client = await fixture.client();
    client.send('SUBSCRIBE', 'a', 'b').send('PSUBSCRIBE', 'forbidden').send('PSUBSCRIBE', 'c*');
    expect(await client.replies(4)).to.deep.equal([
      ['subscribe', 'a', 1],
      ['subscribe', 'b', 2],
      error,
      ['psubscribe', 'c*', 3],
    ]);
    await fixture.server.cli('PUBLISH', 'a', 'one');
    await fixture.server.cli('PUBLISH', 'cats', 'two');
    expect(await client.replies(2)).to.deep.equal([
      ['message', 'a', 'one'],
      ['pmessage', 'c*', 'cats', 'two'],
    ]);
    client.send('UNSUBSCRIBE').send('PING').send('SUBSCRIBE', 'forbidden').send('PUNSUBSCRIBE', 'c*', 'd*');
    const replies = await client.replies(6);
    expect(replies.slice(0, 2).map((reply) => (reply as string[])[0])).to.deep.equal(['unsubscribe', 'unsubscribe']);
    expect(replies.slice(2)).to.deep.equal([['pong', ''], error, ['punsubscribe', 'c*', 0], ['punsubscribe', 'd*', 0]]);
    // Out of the subscribed state, an array that looks like a message is a reply again.
    await fixture.server.cli('RPUSH', 'list', 'message', 'x', 'y');
    client.send('LRANGE', 'list', 0, -1).send('SUBSCRIBE', 'forbidden').send('UNSUBSCRIBE').send('PING');
    expect(await client.replies(4)).to.deep.equal([['message', 'x', 'y'], error, ['unsubscribe', null, 0], 'PONG']);
  });

  it('lets a message of RESP2 pass while it still waits for a reply', () => {
    let received = '';
    const relay = new RespRelay({
      toServer: () => undefined,
      toClient: (bytes) => (received += bytes.toString()),
      rule: () => ({ message, match: (name) => name === 'PUNSUBSCRIBE' }),
      onErrorReply: () => undefined,
    });
    relay.fromClient(encodeRequest(['SUBSCRIBE', 'a']));
    relay.fromServer(Buffer.from('*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'));
    relay.fromClient(Buffer.concat([encodeRequest(['PING']), encodeRequest(['PUNSUBSCRIBE'])]));
    received = '';
    relay.fromServer(Buffer.from('*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi\r\n'));
    expect(received).to.match(/hi\r\n$/);
    relay.fromServer(Buffer.from('*2\r\n$4\r\npong\r\n$0\r\n\r\n'));
    expect(received).to.match(/pong\r\n\$0\r\n\r\n-READONLY made by the proxy\r\n$/);
  });

  it('lets errors of the server end a SUBSCRIBE and transactions queue', async () => {
    await fixture.proxy.replyWithErrors({ message, match: (name) => name === 'INCR' });
    const client = await fixture.client();
    client.send('SUBSCRIBE').send('INCR', 'counter').send('MULTI').send('SET', 'k', 1).send('INCR', 'counter');
    client.send('EXEC').send('INCR', 'counter').send('PING');
    const [refused, ...rest] = await client.replies(8);
    expect(refused).to.match(/^-ERR wrong number of arguments/);
    expect(rest).to.deep.equal([error, 'OK', 'QUEUED', error, ['OK'], error, 'PONG']);
  });

  it('shows ioredis an error of its server', async () => {
    const handshake = ['HELLO', 'AUTH', 'CLIENT', 'SELECT', 'INFO', 'PING', 'ROLE'];
    await fixture.proxy.replyWithErrors({ message, match: (name) => !handshake.includes(name) });
    const redis = new Redis({ port: fixture.proxy.port, host: fixture.proxy.host });
    const outcomes = await Promise.allSettled([redis.incr('counter'), redis.ping(), redis.get('counter')]);
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason)))).to.eql(
      [`ReplyError: ${message}`, 'PONG', `ReplyError: ${message}`],
    );
    await fixture.proxy.heal();
    expect(await redis.incr('counter')).to.equal(1);
    redis.disconnect();
  });

  it('lets pass what is not RESP', async () => {
    await fixture.proxy.replyWithErrors({ message });
    const client = await fixture.client();
    client.socket.write('PING\r\nINCR counter\r\n');
    expect(await client.replies(2)).to.deep.equal(['PONG', 1]);
  });
});
