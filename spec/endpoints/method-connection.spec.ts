import { expect } from 'chai';
import { Command } from 'ioredis';
import sinon from 'sinon';
import type { Connection } from '../../lib/endpoints/connection.ts';
import { MethodConnection } from '../../lib/endpoints/method-connection.ts';
import type { IoredisCommand } from '../../lib/ioredis-internals/types.ts';

function command(name: string, args: (string | number)[] = [], replyEncoding: 'utf8' | null = 'utf8'): IoredisCommand {
  return new Command(name, args, { replyEncoding }) as unknown as IoredisCommand;
}

describe('A connection to a client that has methods only', () => {
  let ready: MethodConnection[];

  beforeEach(() => {
    ready = [];
  });

  function connectionTo(client: Record<string, unknown>): MethodConnection {
    const listener = {
      ready: (connection: unknown) => ready.push(connection as MethodConnection),
      lost: () => expect.fail('nothing can be lost'),
      refused: () => expect.fail('nothing can be refused'),
      errorReply: () => expect.fail('errors go to the caller'),
    };
    return new MethodConnection({ endpointId: 'a', client, listener });
  }

  function send(connection: Connection, sent: IoredisCommand): Promise<unknown> {
    connection.send(sent, undefined);
    return sent.promise;
  }

  it('knows what it hears', async () => {
    const connection = connectionTo({ subscribe: sinon.stub(), unsubscribe: sinon.stub(), psubscribe: sinon.stub() });
    await send(connection, command('subscribe', ['a', 'b']));
    await connection.sendOwn(command('psubscribe', ['p*']));
    expect(connection.subscribedTo('channels')).to.deep.equal(['a', 'b']);
    expect(connection.subscribedTo('patterns')).to.deep.equal(['p*']);
    expect(connection.isSubscribed).to.equal(true);
    await send(connection, command('unsubscribe', ['a']));
    expect(connection.subscribedTo('channels')).to.deep.equal(['b']);
    await send(connection, command('unsubscribe'));

    expect(connection.subscribedTo('channels')).to.deep.equal([]);
  });

  it('is ready right after the start, and says so', async () => {
    const connection = connectionTo({});
    connection.start();
    expect(connection.isReady).to.equal(false);
    await Promise.resolve();

    expect(connection.isReady).to.equal(true);
    expect(ready).to.deep.equal([connection]);
  });

  it('never becomes ready when it is closed right after the start', async () => {
    const connection = connectionTo({});
    connection.start();
    connection.close();
    await new Promise((resolve) => setImmediate(resolve));

    expect(connection.isReady).to.equal(false);
    expect(ready).to.deep.equal([]);
  });

  describe('that is sent a command', () => {
    it('calls the method of its name with its arguments, on the client', async () => {
      const client = { get: sinon.stub().resolves('1') };

      expect(await send(connectionTo(client), command('get', ['k']))).to.equal('1');
      sinon.assert.calledOnceWithExactly(client.get, 'k');
      sinon.assert.calledOn(client.get, client);
    });

    it('finds the method whatever the case of the name', async () => {
      const client = { get: sinon.stub().resolves('1') };

      expect(await send(connectionTo(client), command('GET', ['k']))).to.equal('1');
    });

    it('calls the method for buffers when that is what is wanted, if there is one', async () => {
      const client = {
        get: sinon.stub().resolves('1'),
        getBuffer: sinon.stub().resolves(Buffer.from('2')),
        ttl: () => 3,
      };
      const connection = connectionTo(client);

      expect(await send(connection, command('get', ['k'], null))).to.deep.equal(Buffer.from('2'));
      expect(await send(connection, command('ttl', ['k'], null))).to.equal(3);
    });

    it('counts it until it is answered', async () => {
      const connection = connectionTo({ get: () => Promise.resolve('1') });
      const reply = send(connection, command('get', ['k']));
      expect([connection.sent, connection.pending]).to.deep.equal([1, 1]);
      await reply;

      expect([connection.sent, connection.pending]).to.deep.equal([1, 0]);
    });

    it('passes its errors to the caller', async () => {
      const connection = connectionTo({
        get: () => Promise.reject(new Error('WRONGTYPE no')),
        set: () => {
          throw new Error('thrown');
        },
      });
      const errors: unknown[] = [];
      for (const sent of [command('get', ['k']), command('set', ['k', 'v']), command('incr', ['k'])]) {
        await send(connection, sent).catch((error: unknown) => errors.push((error as Error).message));
      }

      expect(errors).to.deep.equal(['WRONGTYPE no', 'thrown', `ERR unknown command 'incr'`]);
      expect(connection.pending).to.equal(0);
    });
  });

  describe('that is sent a transaction', () => {
    function members(...commands: IoredisCommand[]): IoredisCommand[] {
      const [multi, exec] = [command('multi'), command('exec')];
      for (const member of [multi, ...commands]) member.inTransaction = true;
      return [multi, ...commands, exec];
    }

    it('calls the client once, when EXEC comes, with all of it', async () => {
      const exec = sinon.stub().resolves([
        [null, 'OK'],
        [new Error('no'), undefined],
      ]);
      const client = { multi: sinon.stub().returns({ exec }) };
      const connection = connectionTo(client);
      const replies = await Promise.all(
        members(command('set', ['k', 1]), command('INCR', ['k'])).map((member) => send(connection, member)),
      );

      sinon.assert.calledOnceWithExactly(client.multi, [
        ['set', 'k', '1'],
        ['incr', 'k'],
      ]);
      expect(replies.slice(0, 3)).to.deep.equal(['OK', 'QUEUED', 'QUEUED']);
      expect((replies[3] as unknown[])[0]).to.equal('OK');
      expect((replies[3] as unknown[])[1])
        .to.be.an('error')
        .with.property('message', 'no');
    });

    it('passes on that it was not executed', async () => {
      const connection = connectionTo({ multi: () => ({ exec: () => Promise.resolve(null) }) });
      const replies = members(command('get', ['k'])).map((member) => send(connection, member));

      expect(await replies.at(-1)).to.equal(null);
    });

    it('sends what comes afterwards by itself', async () => {
      const client = { multi: () => ({ exec: () => Promise.resolve([]) }), get: sinon.stub().resolves('1') };
      const connection = connectionTo(client);
      for (const member of members()) void send(connection, member);

      expect(await send(connection, command('get', ['k']))).to.equal('1');
    });
  });

  describe('that is told of a database', () => {
    it('selects it, and says when the client cannot', async () => {
      const client = { select: sinon.stub().rejects(new Error('no')) };
      const connection = connectionTo(client);
      const error: unknown = await connection.selectDatabase(3).catch((reason: unknown) => reason);

      expect(error).to.have.property('message', 'no');
      sinon.assert.calledOnceWithExactly(client.select, 3);
      expect(connection.database).to.equal(3);
    });

    it('believes what it is told', () => {
      const connection = connectionTo({});
      connection.assumeDatabase(5);

      expect(connection.database).to.equal(5);
    });

    it('follows a SELECT of the application', async () => {
      const connection = connectionTo({ select: () => Promise.resolve('OK') });

      await send(connection, command('select', [4]));

      expect(connection.database).to.equal(4);
    });
  });

  it('has nothing in flight that could be given up', () => {
    const connection = connectionTo({ get: () => new Promise(() => undefined) });
    void send(connection, command('get', ['k']));

    expect(connection.inFlight()).to.deep.equal([]);
    expect(connection.abandon()).to.deep.equal([]);
  });

  it('disconnects the client when it is closed, if it can', () => {
    const client = { disconnect: sinon.spy() };
    const [closed, other] = [connectionTo(client), connectionTo({})];
    closed.close();
    other.close();

    sinon.assert.calledOnce(client.disconnect);
    expect(closed.isReady).to.equal(false);
  });
});
