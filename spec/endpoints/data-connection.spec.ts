import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { outcomeOf, parse } from '../dispatch/commands.ts';
import type { PlayedConnection } from '../support/played-server.ts';
import { ConnectionBench } from './connection-bench.ts';

describe('A connection to an endpoint', () => {
  let bench: ConnectionBench;

  beforeEach(async () => {
    bench = new ConnectionBench();
    await bench.open();
  });

  afterEach(() => bench.close());

  it('is not there before it is started', () => {
    expect(bench.connection).to.include({ isReady: false, epoch: 0, pending: 0, sent: 0, failed: 0, database: 0 });
    expect(bench.connection).to.include({ head: undefined, bytesRead: 0, bytesWritten: 0, bytesQueued: 0 });
  });

  it('becomes ready, and counts that', async () => {
    await bench.start();

    expect(bench.connection).to.include({ isReady: true, epoch: 1 });
    expect(bench.connection.bytesWritten).to.be.greaterThan(0);
  });

  it('counts what it sends, and knows the oldest that is not answered', async () => {
    const wire = await bench.start();
    const [set, get] = await bench.inFlight('set k 1', 'get k');
    expect(bench.connection).to.include({ sent: 2, pending: 2, failed: 0, head: set });
    wire.reply('+OK', '+1');
    await get?.promise;

    expect(bench.connection).to.include({ sent: 2, pending: 0, failed: 0, head: undefined });
  });

  it('counts an error reply as failed when the listener takes it', async () => {
    const wire = await bench.start();
    const [set, get] = await bench.inFlight('set k 1', 'get k');
    wire.reply('-LOADING', '-WRONGTYPE');
    await get?.promise.catch(() => undefined);

    expect(bench.log).to.deep.equal(['LOADING: set k 1', 'WRONGTYPE: get k']);
    expect(bench.connection.failed).to.equal(1);
    expect(await outcomeOf(set!)).to.equal('pending');
  });

  it('is ready behind the SELECT by which ioredis returns to its database', async () => {
    const wire = await bench.start();
    await bench.connection.selectDatabase(3);
    await bench.server.waitFor(() => wire.handshake.includes('select 3'));
    expect(bench.connection.database).to.equal(3);
    bench.onReady = () => bench.connection.send(parse('get k'), undefined);
    bench.connection.abandon();
    const second = await bench.server.connection(1);
    await bench.server.waitFor(() => second.received.includes('get k'));

    expect(second.requests.slice(-2)).to.deep.equal(['select 3', 'get k']);
  });

  it('is ready when the server has answered that SELECT', async () => {
    const wire = await startIn(3);
    expect(bench.connection.isReady).to.equal(false);
    wire.reply('+OK');
    await bench.logged('ready 1 true');

    expect(bench.connection.database).to.equal(3);
  });

  it('does not believe in a SELECT that the server refused', async () => {
    const wire = await startIn(3);
    wire.reply('-BUSY Redis is busy running a script');
    await bench.logged('ready 1 true');

    expect(bench.connection.database).to.equal(0);
  });

  it('begins anew when the connection is lost before that SELECT is answered', async () => {
    const wire = await startIn(3);
    wire.reset();
    const second = await bench.server.connection(1);
    await bench.server.waitFor(() => second.received.includes('select 3'));
    second.reply('+OK');
    await bench.logged('ready 1 true');

    expect(bench.log).to.deep.equal(['ready 1 true']);
  });

  /** Starts a connection with a database of its own, which the server is asked for and does not answer. */
  async function startIn(db: number): Promise<PlayedConnection> {
    bench.close();
    bench = new ConnectionBench();
    // Nothing else is asked for, so that the server answers in order.
    await bench.open({ db, enableReadyCheck: false, disableClientInfo: true });
    bench.server.answers.delete('select');
    bench.connection.start();
    const wire = await bench.server.connection();
    await bench.server.waitFor(() => wire.received.includes(`select ${db}`));
    return wire;
  }

  it('believes what it is told of the database', async () => {
    await bench.start();
    bench.connection.assumeDatabase(7);

    expect(bench.connection.database).to.equal(7);
    expect(bench.connection.condition).to.include({ select: 7 });
  });

  it('sends a batch in one write', async () => {
    const wire = await bench.start();
    let chunks = 0;
    wire.socket.on('data', () => chunks++);
    bench.connection.batch(() => {
      for (const line of ['set k 1', 'set k 2', 'get k']) bench.connection.send(parse(line), undefined);
    });
    await bench.server.waitFor(() => wire.received.length === 3);

    expect(chunks).to.equal(1);
  });

  it('uncorks its socket also when sending fails', async () => {
    await bench.start();
    const fail = (): never => {
      throw new Error('no');
    };

    expect(() => bench.connection.batch(fail)).to.throw('no');
    await bench.inFlight('get k');
  });

  describe('that is lost', () => {
    it('tells of it once, with what was in flight, and connects anew', async () => {
      const wire = await bench.start();
      await bench.inFlight('incr k', 'get k');
      wire.reset();
      await bench.logged('ready 2 true');

      expect(bench.log).to.deep.equal(['lost: incr k, get k', 'ready 2 true']);
      expect(bench.connection).to.include({ sent: 2, failed: 2, pending: 0, epoch: 2 });
      expect(bench.connection.lastError).to.have.property('code', 'ECONNRESET');
    });

    it('tells of it once when nothing was in flight', async () => {
      (await bench.start()).socket.end();
      await bench.logged('ready 2 true');

      expect(bench.log).to.deep.equal(['lost: ', 'ready 2 true']);
    });

    it('tells of it once when the server talks nonsense', async () => {
      const wire = await bench.start();
      await bench.inFlight('incr k');
      wire.reply('nonsense');
      await bench.logged('ready 2 true');

      expect(bench.log).to.deep.equal(['lost: incr k', 'ready 2 true']);
    });

    it('refuses what comes before the end of its stream is known', async () => {
      await bench.start();
      bench.connection.abandon();
      bench.connection.send(parse('get k'), undefined);

      expect(bench.log).to.deep.equal(['refused: get k']);
      expect(bench.connection).to.include({ isReady: false, sent: 0 });
      await bench.logged('ready 2 true');
    });
  });

  describe('that is given up', () => {
    it('returns what was in flight, tells nothing, and connects anew', async () => {
      await bench.start();
      const sent = await bench.inFlight('incr k', 'get k');
      expect(bench.connection.inFlight().map(({ command }) => command)).to.deep.equal(sent);

      expect(bench.connection.abandon().map(({ command }) => command)).to.deep.equal(sent);
      expect(bench.connection).to.include({ isReady: false, pending: 0, failed: 2 });
      await bench.logged('ready 2 true');
      expect(bench.log).to.deep.equal(['ready 2 true']);
      expect(bench.server.connections).to.have.length(2);
      expect(bench.server.connections[0]?.end).to.equal('reset');
    });

    it('is not opened anew when it is closed', async () => {
      await bench.start();
      bench.connection.close();
      bench.connection.abandon();
      await bench.server.waitFor(() => bench.server.connections[0]?.end !== 'open');
      await nextTurn();

      expect(bench.server.connections).to.have.length(1);
    });
  });
});
