import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type ClientInternals, type IoredisCommand, internals } from '../../lib/ioredis-internals/types.ts';
import { command, outcomeOf, replyError } from '../dispatch/commands.ts';
import { major, plainClientForEachTest, version } from './plain-client.ts';

/** What the hooks rely on, beside the names. A new ioredis that does otherwise fails here first. */
describe(`In ioredis ${version}`, () => {
  const plain = plainClientForEachTest();
  let hidden: ClientInternals;

  beforeEach(() => ({ hidden } = plain.current));

  it('the status "close" is set while what was in flight is in the queue still', async () => {
    const sent = await plain.current.inFlight();
    const seen: unknown[] = [];
    const { setStatus } = hidden;
    hidden.setStatus = (status, arg) => {
      if (status === 'close') seen.push(hidden.commandQueue.peekFront()?.command, sent.isResolved);
      setStatus.call(hidden, status, arg);
    };
    plain.current.server.connections[0]?.reset();
    await outcomeAfter(sent);

    expect(seen).to.deep.equal([sent, false]);
  });

  it('each error reply goes through handleReconnection, and rejects there', async () => {
    const sent = await plain.current.inFlight();
    const handled = new Promise((resolve) => {
      hidden.handleReconnection = (error, item) => resolve([error.message, item.command]);
    });
    plain.current.server.connections[0]?.reply('-READONLY no');

    expect(await handled).to.deep.equal(['READONLY no', sent]);
    expect(await outcomeOf(sent)).to.equal('pending');
  });

  it('a rejection there is that of the command', async () => {
    const sent = command('get', 'k');
    const error = replyError('READONLY no');
    hidden.handleReconnection(error, { command: sent });

    expect(await outcomeOf(sent)).to.equal(error);
  });

  it('what cannot be written is pushed to the offline queue', async () => {
    const pushed: unknown[] = [];
    hidden.offlineQueue = { length: 0, shift: () => undefined, push: (item: unknown) => pushed.push(item) };
    hidden.stream?.destroy();
    const sent = command('get', 'k');
    hidden.sendCommand(sent);

    expect(pushed).to.have.length(1);
    expect(pushed[0]).to.include({ command: sent, select: 0 });
    expect(await outcomeOf(sent)).to.equal('pending');
  });

  it('flushQueue is what rejects when the connection has ended', async () => {
    const sent = await plain.current.inFlight();
    const flushed = new Promise((resolve) => {
      hidden.flushQueue = (error, options) => resolve([error.message, options]);
    });
    plain.current.server.connections[0]?.reset();

    expect(await flushed).to.deep.equal(['Connection is closed.', undefined]);
    expect(await outcomeOf(sent)).to.equal('pending');
  });

  it('its own commands go through sendCommand of the instance', async () => {
    const own: string[] = [];
    const second = new Redis({ port: plain.current.server.port, db: 2, lazyConnect: true, retryStrategy: () => null });
    const { sendCommand } = internals(second);
    internals(second).sendCommand = (sent, stream) => {
      own.push(sent.name);
      return sendCommand.call(second, sent, stream);
    };
    await second.connect();
    second.disconnect();

    expect(own).to.include.members(['select', 'info', 'client', ...(major >= 6 ? ['hello'] : [])]);
  });

  it('resetCommandQueue makes an empty queue and leaves the commands alone', async () => {
    const sent = await plain.current.inFlight();
    hidden.resetCommandQueue();

    expect(hidden.commandQueue.length).to.equal(0);
    expect(await outcomeOf(sent)).to.equal('pending');
  });
});

/** What the caller gets in the end. */
function outcomeAfter(sent: IoredisCommand): Promise<unknown> {
  return sent.promise.catch((reason: unknown) => reason);
}
