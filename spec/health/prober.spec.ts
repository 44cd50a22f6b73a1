import { expect } from 'chai';
import type sinon from 'sinon';
import type { EndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import { type CheckResult, GOOD } from '../../lib/health/check-result.ts';
import { Prober, lookAfresh } from '../../lib/health/prober.ts';
import { RoleCheck } from '../../lib/health/role-check.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';
import { FakeCommandClient, FakeMethodClient, never, replyError } from './fake-clients.ts';

function messageOf(result: CheckResult | undefined): string | undefined {
  return result?.ok === false ? result.error.message : undefined;
}

describe('The prober of an endpoint', () => {
  let time: sinon.SinonFakeTimers;
  let clients: FakeCommandClient[];
  let prepare: (client: FakeCommandClient) => void;
  let prober: Prober;

  beforeEach(() => {
    time = fakeSystemTime();
    clients = [];
    prepare = () => undefined;
    prober = new Prober(setup());
  });

  afterEach(() => {
    time.restore();
  });

  function setup(): ConstructorParameters<typeof Prober>[0] {
    return { createClient, roleCheck: new RoleCheck(() => undefined), clock: systemClock };
  }

  function createClient(): EndpointClient {
    const client = new FakeCommandClient();
    prepare(client);
    clients.push(client);
    return client.endpointClient;
  }

  /** The outcome of a look that has so much time. */
  async function look(timeoutMs = 500): Promise<CheckResult | undefined> {
    let result: CheckResult | undefined;
    void prober.look(timeoutMs).then((outcome) => (result = outcome));
    await time.tickAsync(timeoutMs + 10);
    return result;
  }

  it('connects, sends PING and asks for the role', async () => {
    expect(await look()).to.equal(GOOD);
    expect([clients[0]?.connect, clients[0]?.ping, clients[0]?.role].map((stub) => stub?.callCount)).to.deep.equal([
      1, 1, 1,
    ]);
  });

  it('keeps its connection while it is good', async () => {
    expect(prober.isConnected).to.equal(false);
    for (let i = 0; i < 3; i++) await look();

    expect(prober.isConnected).to.equal(true);
    expect(clients).to.have.length(1);
    expect(clients[0]?.connect.callCount).to.equal(1);
  });

  it('does not connect before it looks', () => {
    expect(clients).to.deep.equal([]);
  });

  describe('that finds the endpoint bad', () => {
    const failures: readonly (readonly [name: string, prepare: (client: FakeCommandClient) => void, message: string])[] = [
      ['it refuses connections', ({ connect }) => connect.rejects(new Error('ECONNREFUSED')), 'ECONNREFUSED'],
      ['it does not accept connections', ({ connect }) => connect.returns(never()), 'no answer within 500 ms'],
      ['it does not answer', ({ ping }) => ping.returns(never()), 'no answer within 500 ms'],
      ['it does not tell its role', ({ role }) => role.returns(never()), 'no answer within 500 ms'],
      ['it ends the connection', ({ ping }) => ping.rejects(new Error('Connection is closed.')), 'Connection is closed.'],
      ['it takes no more clients', ({ ping }) => ping.rejects(replyError('ERR max number of clients reached')), 'ERR max number of clients reached'],
    ];

    for (const [name, prepareClient, message] of failures) {
      it(`is told nothing by it when ${name}, and connects anew the next time`, async () => {
        prepare = prepareClient;
        const result = await look();
        expect(result).to.include({ ok: false, isAnswer: false });
        expect(messageOf(result)).to.equal(message);
        expect(prober.isConnected).to.equal(false);
        expect(clients[0]?.disconnect.callCount).to.equal(1);

        prepare = () => undefined;
        expect(await look()).to.equal(GOOD);
        expect(clients).to.have.length(2);
      });
    }

    it('keeps the connection over which the endpoint said so itself', async () => {
      prepare = ({ ping }) => ping.onFirstCall().rejects(replyError('LOADING Redis is loading'));

      expect(await look()).to.include({ ok: false, isAnswer: true });
      expect(await look()).to.equal(GOOD);
      expect(clients).to.have.length(1);
    });

    it('finds a replica bad although it answers PING', async () => {
      prepare = ({ role }) => role.resolves(['slave', 'h', 1, 'connected', 1]);
      const result = await look();

      expect(result).to.include({ ok: false, isAnswer: true });
      expect(prober.isConnected).to.equal(true);
    });

    it('tells of PING rather than of the role', async () => {
      prepare = ({ ping, role }) => {
        ping.rejects(replyError('LOADING Redis is loading'));
        role.resolves(['slave']);
      };

      expect(messageOf(await look())).to.equal('LOADING Redis is loading');
    });

    it('finds an endpoint good on which it may neither PING nor ask for the role', async () => {
      prepare = ({ ping, role }) => {
        ping.rejects(replyError("NOPERM this user has no permissions to run the 'ping' command"));
        role.rejects(replyError("NOPERM this user has no permissions to run the 'role' command"));
      };

      expect(await look()).to.equal(GOOD);
    });
  });

  describe('to which the client says why by an event', () => {
    it('tells that rather than that the connection is closed', async () => {
      prepare = (client) => {
        client.connect.callsFake(() => {
          client.emit('error', new Error('connect ECONNREFUSED'));
          return Promise.reject(new Error('Connection is closed.'));
        });
      };

      expect(messageOf(await look())).to.equal('connect ECONNREFUSED');
    });

    it('tells why it is not authenticated', async () => {
      prepare = (client) => {
        client.connect.callsFake(() => {
          client.emit('error', replyError('WRONGPASS invalid username-password pair'));
          return Promise.resolve();
        });
        client.ping.rejects(replyError('NOAUTH Authentication required.'));
      };
      const result = await look();

      expect(result).to.include({ ok: false, isAnswer: true });
      expect(messageOf(result)).to.equal('WRONGPASS invalid username-password pair');
    });
  });

  describe('with a limit of time', () => {
    it('includes connecting', async () => {
      prepare = ({ connect, ping }) => {
        connect.callsFake(() => new Promise((resolve) => setTimeout(resolve, 300)));
        ping.callsFake(() => new Promise((resolve) => setTimeout(() => resolve('PONG'), 300)));
      };

      expect(messageOf(await look(500))).to.equal('no answer within 500 ms');
      expect(await look(700)).to.equal(GOOD);
    });

    it('does not mind an answer that comes too late', async () => {
      prepare = ({ ping }) => ping.callsFake(() => new Promise((resolve) => setTimeout(() => resolve('PONG'), 600)));
      await look(500);
      await time.tickAsync(10_000);

      expect(prober.isConnected).to.equal(false);
    });

    it('leaves no timer behind', async () => {
      await prober.look(60_000);

      expect(time.countTimers()).to.equal(0);
    });
  });

  it('waits for the end of a client that was connecting by itself', async () => {
    prepare = (client) => (client.status = 'connecting');
    const result = prober.look(500);
    await time.tickAsync(100);
    expect(clients[0]?.connect.callCount).to.equal(0);
    clients[0]?.emit('end');

    expect(await result).to.equal(GOOD);
  });

  it('takes it for a bad look when no client can be made', async () => {
    prepare = () => {
      throw new Error('the factory failed');
    };
    const result = await look();

    expect(result).to.include({ ok: false, isAnswer: false });
    expect(messageOf(result)).to.equal('the factory failed');
  });

  describe('that is closed', () => {
    it('gives up its connection and looks no more', async () => {
      await look();
      prober.close();

      expect(clients[0]?.disconnect.callCount).to.equal(1);
      expect(await look()).to.include({ ok: false, isAnswer: false });
      expect(clients).to.have.length(1);
    });

    it('may be closed again', async () => {
      await look();
      prober.close();
      prober.close();

      expect(clients[0]?.disconnect.callCount).to.equal(1);
    });
  });

  describe('of a client that has methods only', () => {
    it('calls PING and does not ask for the role', async () => {
      const client = new FakeMethodClient();
      prober = new Prober({ ...setup(), createClient: () => client.endpointClient });
      expect(await look()).to.equal(GOOD);
      client.ping.rejects(new Error('gone'));

      expect(messageOf(await look())).to.equal('gone');
      expect(client.disconnect.callCount).to.equal(1);
    });

    it('finds one bad that has no PING', async () => {
      prober = new Prober({ ...setup(), createClient: () => ({ kind: 'method', client: {} }) });

      expect(await look()).to.include({ ok: false, isAnswer: false });
    });
  });
});

describe('A look over a new connection', () => {
  it('closes it afterwards, whatever it showed', async () => {
    for (const isGood of [true, false]) {
      const client = new FakeCommandClient();
      if (!isGood) client.ping.rejects(replyError('LOADING no'));
      const roleCheck = new RoleCheck(() => undefined);
      const createClient = (): EndpointClient => client.endpointClient;
      const result = await lookAfresh({ createClient, roleCheck, clock: systemClock }, 500);

      expect(result.ok).to.equal(isGood);
      expect(client.disconnect.callCount).to.equal(1);
    }
  });
});
