import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import { expect } from 'chai';
import { ResettableConnector } from '../../lib/ioredis-internals/connector.ts';
import { SocketFixture, closed, tls } from './socket-fixture.ts';

describe('A connector', () => {
  const fixture = new SocketFixture();

  const OVER = {
    TCP: { listen: () => fixture.listen(), options: () => ({}), connected: 'connect', ready: 'connect' },
    TLS: { listen: () => fixture.listenTls(), options: tls, connected: 'secureConnect', ready: 'data' },
  } as const;

  for (const [over, { listen, options, connected, ready }] of Object.entries(OVER)) {
    describe(`over ${over}`, () => {
      it('sends a reset when it is reset, and may be reset again', async () => {
        const { connector, stream, end } = await fixture.connector({ port: await listen(), ...options() }, ready);
        connector.reset();
        connector.reset();

        expect(await end).to.equal('reset');
        await closed(stream);
        connector.reset();
      });

      it('may be reset in the very moment in which it is connected', async () => {
        const connector = new ResettableConnector({ host: '127.0.0.1', port: await listen(), ...options() });
        const stream = await connector.connect();
        stream.once(connected, () => connector.reset());
        await closed(stream);

        expect(stream.destroyed).to.equal(true);
      });

      it('may be reset while it connects', async () => {
        const connector = new ResettableConnector({ host: '127.0.0.1', port: await listen(), ...options() });
        const stream = await connector.connect();
        connector.reset();
        await closed(stream);

        expect(stream.destroyed).to.equal(true);
      });

      it('may be reset when it was disconnected in the same turn', async () => {
        const { connector, stream } = await fixture.connector({ port: await listen(), ...options() }, ready);
        connector.disconnect();
        connector.reset();
        await closed(stream);

        expect(stream.destroyed).to.equal(true);
      });

      it('tells of a refused connection once, on its stream', async () => {
        const connector = new ResettableConnector({
          host: '127.0.0.1',
          port: await fixture.refusingPort(),
          ...options(),
        });
        const stream = await connector.connect();
        const errors: unknown[] = [];
        stream.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code));
        await closed(stream);

        expect(errors).to.deep.equal(['ECONNREFUSED']);
        expect(connector.firstError).to.have.property('code', 'ECONNREFUSED');
      });
    });
  }

  it('sends a reset while the handshake of TLS hangs', async () => {
    const { connector, stream, end } = await fixture.connector({
      port: await fixture.listen({ pauseOnConnect: true }),
      ...tls(),
    });
    connector.reset();
    await closed(stream);
    fixture.accepted[0]?.resume();

    expect(await end).to.equal('reset');
  });

  it('resolves names as the options of TLS say', async () => {
    const asked: string[] = [];
    const lookup: LookupFunction = (name, { all }, answer) => {
      asked.push(name);
      if (all === true) answer(null, [{ address: '127.0.0.1', family: 4 }]);
      else answer(null, '127.0.0.1', 4);
    };
    const port = await fixture.listenTls();
    const options = { ...tls().tls, lookup, servername: 'localhost' };
    const { connector } = await fixture.connector({ host: 'region.test', port, tls: options }, 'data');
    connector.reset();

    expect(asked).to.deep.equal(['region.test']);
  });

  it('connects to a pipe', async () => {
    await fixture.listenOnPipe();
    const { connector, stream } = await fixture.connector({ path: fixture.path, port: 1 });
    connector.reset();
    await closed(stream);

    expect(stream.destroyed).to.equal(true);
  });

  it('connects again after a reset', async () => {
    const { connector, stream } = await fixture.connector({ port: await fixture.listen() });
    connector.reset();
    await closed(stream);
    const second = await connector.connect();
    await once(second, 'connect');

    expect(second).not.to.equal(stream);
    expect(second.destroyed).to.equal(false);
    connector.reset();
    expect(second.destroyed).to.equal(true);
  });

  for (const how of ['disconnect', 'reset'] as const) {
    it(`does not connect when ${how}() is called before there is a socket`, async () => {
      const connector = new ResettableConnector({ host: '127.0.0.1', port: await fixture.listen() });
      const stream = connector.connect().catch((reason: unknown) => (reason as Error).message);
      connector[how]();

      expect(await stream).to.equal('Connection is closed.');
      expect(fixture.accepted).to.deep.equal([]);
    });
  }

  it('fails to connect when its options are wrong', async () => {
    const connector = new ResettableConnector({ host: '127.0.0.1', port: 65_536 });
    const error: unknown = await connector.connect().catch((reason: unknown) => reason);

    expect(error).to.have.property('code', 'ERR_SOCKET_BAD_PORT');
  });

  describe('that is disconnected', () => {
    it('ends its stream, and destroys it when the other side does not', async () => {
      const port = await fixture.listen();
      const { connector, stream, end } = await fixture.connector({ port, disconnectTimeout: 1 });
      connector.disconnect();

      expect(await end).to.equal('ended');
      await closed(stream);
    });

    it('sets no timer for a stream that is gone', async () => {
      const { connector, stream } = await fixture.connector({ port: await fixture.listen() });
      stream.destroy();
      const before = timers();
      connector.disconnect();
      expect(timers()).to.equal(before);
      await closed(stream);
      connector.disconnect();

      expect(timers()).to.equal(before);
    });

    it('calls off an attempt that follows a stream which is gone', async () => {
      const { connector, stream } = await fixture.connector({ port: await fixture.listen() });
      connector.reset();
      await closed(stream);
      const second = connector.connect().catch((reason: unknown) => (reason as Error).message);
      connector.disconnect();

      expect(await second).to.equal('Connection is closed.');
    });
  });
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}
