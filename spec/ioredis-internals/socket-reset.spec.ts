import { type Socket, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { queuedBytes, resetSocket } from '../../lib/ioredis-internals/connector.ts';
import { BULK, SocketFixture, closed, tls } from './socket-fixture.ts';

describe('A socket that is reset', () => {
  const fixture = new SocketFixture();

  it('sends a reset over TCP', async () => {
    const { socket, end } = await fixture.connect(await fixture.listen());
    resetSocket(socket);

    expect(await end).to.equal('reset');
    expect(socket.destroyed).to.equal(true);
  });

  it('does not wait until what was written is gone, and recalls it', async () => {
    const { socket, end } = await fixture.connect(await fixture.listen({ pauseOnConnect: true }));
    socket.write(BULK);
    resetSocket(socket);
    await closed(socket);
    const [accepted] = fixture.accepted;
    accepted?.resume();

    expect(await end).to.equal('reset');
    expect(accepted?.bytesRead).to.be.lessThan(BULK.length);
  });

  it('may be reset again', async () => {
    const { socket, end } = await fixture.connect(await fixture.listen());
    resetSocket(socket);
    resetSocket(socket);
    await closed(socket);
    resetSocket(socket);

    expect(await end).to.equal('reset');
  });

  it('is destroyed when it is connecting still', async () => {
    const socket = connect({ port: await fixture.listen(), host: '127.0.0.1' });
    resetSocket(socket);
    await closed(socket);

    expect(socket.destroyed).to.equal(true);
  });

  it('is destroyed when it was ended already', async () => {
    const { socket, end } = await fixture.connect(await fixture.listen());
    socket.end();
    resetSocket(socket);
    await closed(socket);

    expect(await end).to.equal('ended');
  });

  it('is destroyed when it is a pipe', async () => {
    await fixture.listenOnPipe();
    const { stream } = await fixture.connector({ path: fixture.path });
    resetSocket(stream);
    await closed(stream);

    expect(stream.destroyed).to.equal(true);
  });

  it('need not be there', () => {
    expect(() => resetSocket(undefined)).not.to.throw();
  });
});

describe('The bytes that a socket holds', () => {
  const fixture = new SocketFixture();

  for (const over of ['TCP', 'TLS'] as const) {
    it(`are those that the other side does not take over ${over}`, async () => {
      const isTls = over === 'TLS';
      const port = await (isTls ? fixture.listenTls(false) : fixture.listen({ pauseOnConnect: true }));
      const options = { port, ...(isTls ? tls() : {}) };
      const { connector, stream } = await fixture.connector(options, isTls ? 'data' : 'connect');
      expect(queuedBytes(stream)).to.equal(0);
      stream.write(BULK);

      expect(queuedBytes(stream)).to.be.greaterThan(0);
      connector.reset();
      await closed(stream);
    });
  }

  it('are none when it is not there', () => {
    expect(queuedBytes(undefined)).to.equal(0);
  });

  it('are what it has not written, when it is no socket of the system', () => {
    const pipe = new PassThrough({ highWaterMark: 0 });
    pipe.cork();
    pipe.write('seven b');

    expect(queuedBytes(pipe as unknown as Socket)).to.equal(7);
  });
});
