import { expect } from 'chai';
import type { EndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import { GOOD } from '../../lib/health/check-result.ts';
import { Prober, lookAfresh } from '../../lib/health/prober.ts';
import { RoleCheck } from '../../lib/health/role-check.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { FakeCommandClient, FakeMethodClient, never, replyError } from './fake-clients.ts';
import { ProbeBench, messageOf } from './probe-bench.ts';

describe('The prober of an endpoint', () => {
  let bench: ProbeBench;

  beforeEach(() => {
    bench = new ProbeBench();
  });

  afterEach(() => {
    bench.time.restore();
  });

  it('connects, sends PING and asks for the role', async () => {
    expect(await bench.look()).to.equal(GOOD);
    expect(
      [bench.clients[0]?.connect, bench.clients[0]?.ping, bench.clients[0]?.role].map((stub) => stub?.callCount),
    ).to.deep.equal([1, 1, 1]);
  });

  it('keeps its connection while it is good', async () => {
    expect(bench.prober.isConnected).to.equal(false);
    for (let i = 0; i < 3; i++) await bench.look();

    expect(bench.prober.isConnected).to.equal(true);
    expect(bench.clients).to.have.length(1);
    expect(bench.clients[0]?.connect.callCount).to.equal(1);
  });

  it('does not connect before it looks', () => {
    expect(bench.clients).to.deep.equal([]);
  });

  describe('with a limit of time', () => {
    it('includes connecting', async () => {
      bench.prepare = ({ connect, ping }) => {
        connect.callsFake(() => new Promise((resolve) => setTimeout(resolve, 300)));
        ping.callsFake(() => new Promise((resolve) => setTimeout(() => resolve('PONG'), 300)));
      };

      expect(messageOf(await bench.look(500))).to.equal('no answer within 500 ms');
      expect(await bench.look(700)).to.equal(GOOD);
    });

    it('does not mind an answer that comes too late', async () => {
      bench.prepare = ({ ping }) =>
        ping.callsFake(() => new Promise((resolve) => setTimeout(() => resolve('PONG'), 600)));
      await bench.look(500);
      await bench.time.tickAsync(10_000);

      expect(bench.prober.isConnected).to.equal(false);
    });

    it('tells every look at the same time why the connection was given up', async () => {
      bench.prepare = ({ ping, disconnect }) => {
        let fail: (error: Error) => void;
        ping.callsFake(() => new Promise((_resolve, reject) => (fail = reject)));
        disconnect.callsFake(() => fail(new Error('Connection is closed.')));
      };
      const first = bench.prober.look(500);
      const second = bench.prober.look(1_000);
      await bench.time.tickAsync(1_010);

      expect([messageOf(await first), messageOf(await second)]).to.deep.equal([
        'no answer within 500 ms',
        'no answer within 500 ms',
      ]);
    });

    it('leaves no timer behind', async () => {
      await bench.prober.look(60_000);

      expect(bench.time.countTimers()).to.equal(0);
    });
  });

  it('waits for the end of a client that was connecting by itself', async () => {
    bench.prepare = (client) => (client.status = 'connecting');
    const result = bench.prober.look(500);
    await bench.time.tickAsync(100);
    expect(bench.clients[0]?.connect.callCount).to.equal(0);
    bench.clients[0]?.emit('end');

    expect(await result).to.equal(GOOD);
  });

  it('takes it for a bad look when no client can be made', async () => {
    bench.prepare = () => {
      throw new Error('the factory failed');
    };
    const result = await bench.look();

    expect(result).to.include({ ok: false, isAnswer: false });
    expect(messageOf(result)).to.equal('the factory failed');
  });

  describe('that is closed', () => {
    it('gives up its connection and looks no more', async () => {
      await bench.look();
      bench.prober.close();

      expect(bench.clients[0]?.disconnect.callCount).to.equal(1);
      expect(await bench.look()).to.include({ ok: false, isAnswer: false });
      expect(bench.clients).to.have.length(1);
    });

    it('may be closed again', async () => {
      await bench.look();
      bench.prober.close();
      bench.prober.close();

      expect(bench.clients[0]?.disconnect.callCount).to.equal(1);
    });
  });

  describe('of a client that has methods only', () => {
    it('calls PING and does not ask for the role', async () => {
      const client = new FakeMethodClient();
      bench.prober = new Prober({ ...bench.setup(), createClient: () => client.endpointClient });
      expect(await bench.look()).to.equal(GOOD);
      client.ping.rejects(new Error('gone'));

      expect(messageOf(await bench.look())).to.equal('gone');
      expect(client.disconnect.callCount).to.equal(1);
    });

    it('finds one bad that has no PING', async () => {
      bench.prober = new Prober({ ...bench.setup(), createClient: () => ({ kind: 'method', client: {} }) });

      expect(await bench.look()).to.include({ ok: false, isAnswer: false });
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

  describe('that fails', () => {
    let bench: ProbeBench;

    beforeEach(() => {
      bench = new ProbeBench();
    });

    afterEach(() => {
      bench.time.restore();
    });

    const cutOff = (client: FakeCommandClient): void => {
      client.connect.callsFake(async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        client.emit('connect');
        throw new Error('Connection is closed.');
      });
    };

    const lookAt = async (prepare: (client: FakeCommandClient, place: number) => void, timeoutMs = 500) => {
      bench.prepare = (client) => prepare(client, bench.clients.length);
      const look = lookAfresh(bench.setup(), timeoutMs);
      await bench.time.tickAsync(timeoutMs + 10);
      return look;
    };

    it('looks once more when it was accepted and then cut off', async () => {
      const result = await lookAt((client, place) => place === 0 && cutOff(client));

      expect(result).to.equal(GOOD);
      expect(bench.clients.map(({ disconnect }) => disconnect.callCount)).to.deep.equal([1, 1]);
    });

    it('does not look a third time', async () => {
      expect(messageOf(await lookAt(cutOff))).to.equal('Connection is closed.');
      expect(bench.clients).to.have.length(2);
    });

    it('does so within the same time', async () => {
      const result = await lookAt((client, place) => {
        if (place === 0) cutOff(client);
        else client.ping.callsFake(never);
      }, 300);

      expect(messageOf(result)).to.equal('no answer within 200 ms');
    });

    it('does not when it was refused, when the server said something, or when the time is up', async () => {
      const failures: readonly ((client: FakeCommandClient) => void)[] = [
        ({ connect }) => void connect.rejects(new Error('connect ECONNREFUSED')),
        (client) => {
          client.connect.callsFake(() => Promise.resolve(client.emit('connect')));
          client.ping.rejects(replyError('LOADING no'));
        },
        (client) => {
          client.connect.callsFake(() => Promise.resolve(client.emit('connect')));
          client.ping.callsFake(never);
        },
      ];
      for (const [i, prepare] of failures.entries()) {
        expect((await lookAt(prepare)).ok).to.equal(false);
        expect(bench.clients).to.have.length(i + 1);
      }
    });
  });
});
