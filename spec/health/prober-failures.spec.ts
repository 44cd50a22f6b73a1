import { expect } from 'chai';
import { GOOD } from '../../lib/health/check-result.ts';
import { type FakeCommandClient, never, replyError } from './fake-clients.ts';
import { ProbeBench, messageOf } from './probe-bench.ts';

describe('A prober', () => {
  let bench: ProbeBench;

  beforeEach(() => {
    bench = new ProbeBench();
  });

  afterEach(() => {
    bench.time.restore();
  });

  describe('that finds the endpoint bad', () => {
    const failures: readonly (readonly [
      name: string,
      prepare: (client: FakeCommandClient) => void,
      message: string,
    ])[] = [
      ['it refuses connections', ({ connect }) => connect.rejects(new Error('ECONNREFUSED')), 'ECONNREFUSED'],
      ['it does not accept connections', ({ connect }) => connect.returns(never()), 'no answer within 500 ms'],
      ['it does not answer', ({ ping }) => ping.returns(never()), 'no answer within 500 ms'],
      ['it does not tell its role', ({ role }) => role.returns(never()), 'no answer within 500 ms'],
      [
        'it ends the connection',
        ({ ping }) => ping.rejects(new Error('Connection is closed.')),
        'Connection is closed.',
      ],
      [
        'it takes no more clients',
        ({ ping }) => ping.rejects(replyError('ERR max number of clients reached')),
        'ERR max number of clients reached',
      ],
    ];

    for (const [name, prepareClient, message] of failures) {
      it(`is told nothing by it when ${name}, and connects anew the next time`, async () => {
        bench.prepare = prepareClient;
        const result = await bench.look();
        expect(result).to.include({ ok: false, isAnswer: false });
        expect(messageOf(result)).to.equal(message);
        expect(bench.prober.isConnected).to.equal(false);
        expect(bench.clients[0]?.disconnect.callCount).to.equal(1);

        bench.prepare = () => undefined;
        expect(await bench.look()).to.equal(GOOD);
        expect(bench.clients).to.have.length(2);
      });
    }

    it('does not connect with credentials that come when nobody waits any more', async () => {
      let found: (() => void) | undefined;
      bench.authenticate = () => new Promise((resolve) => (found = resolve));
      expect(messageOf(await bench.look())).to.equal('no answer within 500 ms');
      found?.();
      await bench.time.tickAsync(0);

      expect(bench.clients[0]?.connect.callCount).to.equal(0);
    });

    it('keeps the connection over which the endpoint said so itself', async () => {
      bench.prepare = ({ ping }) => ping.onFirstCall().rejects(replyError('LOADING Redis is loading'));

      expect(await bench.look()).to.include({ ok: false, isAnswer: true });
      expect(await bench.look()).to.equal(GOOD);
      expect(bench.clients).to.have.length(1);
    });

    it('finds a replica bad although it answers PING', async () => {
      bench.prepare = ({ role }) => role.resolves(['slave', 'h', 1, 'connected', 1]);
      const result = await bench.look();

      expect(result).to.include({ ok: false, isAnswer: true });
      expect(bench.prober.isConnected).to.equal(true);
    });

    it('tells of PING rather than of the role', async () => {
      bench.prepare = ({ ping, role }) => {
        ping.rejects(replyError('LOADING Redis is loading'));
        role.resolves(['slave']);
      };

      expect(messageOf(await bench.look())).to.equal('LOADING Redis is loading');
    });

    it('finds an endpoint good on which it may neither PING nor ask for the role', async () => {
      bench.prepare = ({ ping, role }) => {
        ping.rejects(replyError("NOPERM this user has no permissions to run the 'ping' command"));
        role.rejects(replyError("NOPERM this user has no permissions to run the 'role' command"));
      };

      expect(await bench.look()).to.equal(GOOD);
    });
  });

  describe('whose connection was lost since the last look', () => {
    beforeEach(async () => {
      bench.prepare = ({ ping }) => ping.onSecondCall().rejects(new Error('read ECONNRESET'));
      expect(await bench.look()).to.equal(GOOD);
    });

    it('looks over a new one', async () => {
      expect(await bench.look()).to.equal(GOOD);
      expect(bench.clients).to.have.length(2);
      expect(bench.clients[0]?.disconnect.callCount).to.equal(1);
    });

    it('is told nothing by an endpoint that refuses the new one', async () => {
      bench.prepare = ({ connect }) => connect.rejects(new Error('ECONNREFUSED'));
      const result = await bench.look();

      expect(result).to.include({ ok: false, isAnswer: false });
      expect(messageOf(result)).to.equal('ECONNREFUSED');
    });

    it('finds silent what does not answer over the new one', async () => {
      bench.prepare = ({ ping }) => ping.returns(never());
      const result = await bench.look();

      expect(result).to.include({ ok: false, reason: 'timeout' });
      expect(bench.clients).to.have.length(2);
    });
  });

  describe('to which the client says why by an event', () => {
    it('tells that rather than that the connection is closed', async () => {
      bench.prepare = (client) => {
        client.connect.callsFake(() => {
          client.emit('error', new Error('connect ECONNREFUSED'));
          return Promise.reject(new Error('Connection is closed.'));
        });
      };

      expect(messageOf(await bench.look())).to.equal('connect ECONNREFUSED');
    });

    it('tells why it is not authenticated', async () => {
      bench.prepare = (client) => {
        client.connect.callsFake(() => {
          client.emit('error', replyError('WRONGPASS invalid username-password pair'));
          return Promise.resolve();
        });
        client.ping.rejects(replyError('NOAUTH Authentication required.'));
      };
      const result = await bench.look();

      expect(result).to.include({ ok: false, isAnswer: true });
      expect(messageOf(result)).to.equal('WRONGPASS invalid username-password pair');
    });

    it('is not good because it is answered as anybody would be', async () => {
      bench.prepare = (client) => {
        client.ping.callsFake(() => {
          const refusal = { command: { name: 'auth', args: ['secret'] } };
          client.emit('error', Object.assign(replyError('WRONGPASS invalid username-password pair'), refusal));
          return Promise.resolve('PONG');
        });
      };
      const result = await bench.look();

      expect(result).to.include({ ok: false, isAnswer: true });
      expect(messageOf(result)).to.equal('WRONGPASS invalid username-password pair');
      expect(result).not.to.have.nested.property('error.command');
    });
  });

  describe('that was not let in', () => {
    const refusals: Readonly<Record<string, (client: FakeCommandClient) => void>> = {
      'while it connected': (client) => client.connect.rejects(replyError('WRONGPASS invalid username-password pair')),
      'by PING': (client) => client.ping.rejects(replyError('NOAUTH Authentication required.')),
    };

    for (const [when, refuse] of Object.entries(refusals)) {
      it(`logs in anew with the next look: refused ${when}`, async () => {
        bench.prepare = refuse;
        expect(await bench.look()).to.include({ ok: false, isAnswer: true });
        bench.prepare = () => undefined;

        expect(await bench.look()).to.equal(GOOD);
        expect(bench.clients).to.have.length(2);
      });
    }
  });
});
