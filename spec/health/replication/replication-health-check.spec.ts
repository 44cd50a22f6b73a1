import { expect } from 'chai';
import type sinon from 'sinon';
import type { CheckResult } from '../../../lib/health/check-result.ts';
import { EndpointChecks } from '../../../lib/health/endpoint-checks.ts';
import { replicationHealthCheck } from '../../../lib/health/replication/replication-health-check.ts';
import { DEFAULTS } from '../../../lib/options/defaults.ts';
import { systemClock } from '../../../lib/time/clock.ts';
import { fakeSystemTime } from '../../support/fake-clock.ts';
import { ABOUT, FakeMethodClient, never, replyError } from '../fake-clients.ts';
import { FakeRegion, replicate } from './fake-region.ts';

describe('A check of the replication', () => {
  let time: sinon.SinonFakeTimers;
  let west: FakeRegion;
  let east: FakeRegion;
  let from: FakeRegion | undefined;
  let rounds: CheckResult[];
  let checks: EndpointChecks;

  beforeEach(() => {
    time = fakeSystemTime();
    [west, east] = [new FakeRegion('west'), new FakeRegion('east')];
    from = west;
    rounds = [];
    // What is published over the connection of the probes.
    east.prepare = ({ call }) => call.callsFake((name: string, ...args: string[]) => east.ask(name, args));
    const healthCheck = { ...DEFAULTS.healthCheck, check: replicationHealthCheck({ timeoutMs: 2_000 }) };
    checks = new EndpointChecks({
      createClient: east.createClient,
      options: () => healthCheck,
      endpoint: () => ABOUT,
      failbackFrom: () => from,
      verifyTimeoutMs: () => 550,
      clock: systemClock,
      random: () => 0.5,
      onRound: (result) => rounds.push(result),
      onRoleUnknown: () => undefined,
    });
  });

  afterEach(() => {
    checks.stop();
    time.restore();
  });

  async function round(): Promise<object | undefined> {
    rounds.length = 0;
    if (east.clients.length === 0) checks.start();
    for (let passedMs = 0; rounds.length === 0 && passedMs <= 2_000; passedMs += 50) await time.tickAsync(50);
    const [result] = rounds;
    return result?.ok === false ? { ...result, error: result.error.message } : result;
  }

  const HELD_BACK = { ok: false, isAnswer: true, isFailbackOnly: true };

  it('is good when messages go both ways', async () => {
    replicate(east, west);

    expect(await round()).to.deep.equal({ ok: true });
    // One for the probes, one to listen.
    expect(east.open).to.have.length(2);
    expect(west.open).to.have.length(1);
  });

  it('holds the endpoint back when they do not, until they do', async () => {
    const error = 'no message comes in time from east to west, nor from west to east';
    for (let i = 0; i < 5; i++) {
      expect(await round()).to.deep.equal({ ...HELD_BACK, reason: 'replication', error });
    }
    replicate(east, west);

    expect(await round()).to.deep.equal({ ok: true });
    expect(west.clients).to.have.length(1);
  });

  it('holds it back, and no more, when nobody answers in time', async () => {
    west.prepare = ({ connect }) => connect.returns(never());

    expect(await round()).to.deep.equal({
      ...HELD_BACK,
      reason: 'timeout',
      error: 'the health check has not answered within 500 ms',
    });
  });

  it('holds it back, and no more, when the active endpoint cannot be listened to', async () => {
    west.prepare = ({ subscribe }) => subscribe.rejects(replyError('NOPERM no'));

    expect(await round()).to.deep.equal({ ...HELD_BACK, reason: 'auth', error: 'NOPERM no' });
    expect(west.open).to.deep.equal([]);
  });

  it('is bad when the endpoint does not answer, whatever it replicates', async () => {
    replicate(east, west);
    const { prepare } = east;
    east.prepare = (client) => {
      prepare(client);
      client.ping.rejects(replyError('LOADING no'));
    };

    expect(await round()).to.deep.equal({ ok: false, isAnswer: true, reason: 'loading', error: 'LOADING no' });
  });

  it('asks nothing of what is not preferred to the active endpoint', async () => {
    from = undefined;

    expect(await round()).to.deep.equal({ ok: true });
    expect(east.clients).to.have.length(1);
    expect([...east.published, ...west.published]).to.deep.equal([]);
  });

  it('leaves no connection behind when the checks end', async () => {
    replicate(east, west);
    await round();
    checks.stop();

    expect([...east.open, ...west.open]).to.deep.equal([]);
  });

  it('cannot be about clients that have methods only', async () => {
    west.createClient = () => new FakeMethodClient().endpointClient;

    expect(await round()).to.deep.equal({
      ...HELD_BACK,
      reason: 'custom',
      error: 'west is a Cluster, or has methods only: nothing can be heard there',
    });
  });

  it('needs a context that holds more than what is told', async () => {
    const { signal } = new AbortController();
    const context = { ...ABOUT, timeoutMs: 1, signal, call: () => Promise.resolve('PONG') };

    expect(await replicationHealthCheck()(context)).to.include({ ok: false, reason: 'custom', failbackOnly: true });
  });
});
