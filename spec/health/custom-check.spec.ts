import { expect } from 'chai';
import type sinon from 'sinon';
import type { EndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import type { CheckResult } from '../../lib/health/check-result.ts';
import { allOf, anyOf, gateFailbackOnly } from '../../lib/health/combined-checks.ts';
import { EndpointChecks } from '../../lib/health/endpoint-checks.ts';
import { pingHealthCheck } from '../../lib/health/ping-health-check.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import type { HealthCheck, HealthCheckContext } from '../../lib/options/health-check.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';
import { ABOUT, FakeCommandClient, FakeMethodClient, never, replyError } from './fake-clients.ts';

describe('A check of the application', () => {
  let time: sinon.SinonFakeTimers;
  let clients: FakeCommandClient[];
  let prepare: (client: FakeCommandClient) => void;
  let rounds: CheckResult[];
  let contexts: HealthCheckContext[];
  let checks: EndpointChecks;

  beforeEach(() => {
    time = fakeSystemTime();
    clients = [];
    rounds = [];
    contexts = [];
    prepare = () => undefined;
  });

  afterEach(() => {
    checks.stop();
    time.restore();
  });

  function createClient(): EndpointClient {
    const client = new FakeCommandClient();
    prepare(client);
    clients.push(client);
    return client.endpointClient;
  }

  function make(check?: HealthCheck, create = createClient): void {
    const watched: HealthCheck | undefined = check && ((context) => (contexts.push(context), check(context)));
    checks = new EndpointChecks({
      createClient: create,
      options: () => ({ ...DEFAULTS.healthCheck, ...(watched !== undefined && { check: watched }) }),
      endpoint: () => ABOUT,
      verifyTimeoutMs: () => 550,
      clock: systemClock,
      random: () => 0.5,
      onRound: (result) => rounds.push(result),
      onRoleUnknown: () => undefined,
    });
  }

  async function start(check?: HealthCheck, create?: () => EndpointClient): Promise<void> {
    make(check, create);
    checks.start();
    await time.tickAsync(0);
  }

  it('is told what it may know', async () => {
    await start(() => true);

    const [{ endpointId, isActive, timeoutMs, options, signal } = {} as HealthCheckContext] = contexts;
    expect({ endpointId, isActive, options }).to.deep.equal(ABOUT);
    expect(timeoutMs).to.equal(500);
    expect(signal.aborted).to.equal(false);
  });

  const answers: readonly (readonly [name: string, check: HealthCheck, expected: object | undefined])[] = [
    ['true', () => true, undefined],
    ['a promise of true', () => Promise.resolve(true), undefined],
    ['a good verdict', () => ({ ok: true }), undefined],
    ['false', () => false, { reason: 'custom', message: 'The health check failed.' }],
    ['a bad verdict', () => ({ ok: false, reason: 'lag' }), { reason: 'lag', message: 'The health check failed.' }],
    [
      'a bad verdict with a message',
      () => Promise.resolve({ ok: false, reason: 'http', message: 'HTTP 503' }),
      { reason: 'http', message: 'HTTP 503' },
    ],
    [
      'a reason that is none',
      () => ({ ok: false, reason: 'bored' }) as never,
      { reason: 'custom', message: 'The health check failed.' },
    ],
    [
      'nothing',
      () => undefined as never,
      {
        reason: 'custom',
        message: 'healthCheck.check must answer true, false or a verdict ({ ok, reason }), and answered undefined',
      },
    ],
    [
      'what it throws',
      () => {
        throw new Error('no');
      },
      { reason: 'custom', message: 'no' },
    ],
    [
      'what it rejects with',
      () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })),
      { reason: 'refused', message: 'connect' },
    ],
  ];

  for (const [name, check, expected] of answers) {
    it(`is ${expected === undefined ? 'good' : 'bad'} by ${name}`, async () => {
      await start(check);

      const [result] = rounds;
      const seen = result?.ok === false ? { reason: result.reason, message: result.error.message } : undefined;
      expect(rounds).to.have.length(1);
      expect(seen).to.deep.equal(expected);
    });
  }

  it('decides whatever PING says', async () => {
    prepare = ({ ping }) => ping.rejects(replyError('LOADING no'));
    await start(() => true);

    expect(rounds).to.deep.equal([{ ok: true }]);
  });

  it('is bad when it does not answer in time, and is told so', async () => {
    await start(never);
    await time.tickAsync(600);

    expect(rounds[0]).to.include({ ok: false, reason: 'timeout' });
    expect(contexts[0]?.signal.aborted).to.equal(true);
    expect(contexts[0]?.signal.reason).to.have.property('message', 'the health check has not answered within 500 ms');
  });

  const inTime: HealthCheck = () => true;
  const hanging: readonly (readonly [name: string, check: HealthCheck, expected: object])[] = [
    ['alone', gateFailbackOnly(never), { ok: false, reason: 'timeout', isFailbackOnly: true }],
    ['beside a good one', allOf(inTime, gateFailbackOnly(never)), { ok: false, isFailbackOnly: true }],
    ['as one of which one is enough', anyOf(never, gateFailbackOnly(never)), { ok: false, isFailbackOnly: true }],
    [
      'and ends when it is told to',
      gateFailbackOnly(
        ({ signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      ),
      { ok: false, reason: 'timeout', isFailbackOnly: true },
    ],
  ];

  for (const [name, check, expected] of hanging) {
    it(`that gates failback only still does when it does not answer in time: ${name}`, async () => {
      await start(check);
      await time.tickAsync(600);

      expect(rounds).to.have.length(1);
      expect(rounds[0]).to.include(expected);
      expect(rounds[0]).to.have.nested.property('error.message', 'the health check has not answered within 500 ms');
    });
  }

  it('is good when enough of those that it is made of are, whatever the others are waiting for', async () => {
    await start(allOf(inTime, anyOf(never, inTime)));
    await time.tickAsync(600);

    expect(rounds).to.deep.equal([{ ok: true }]);
  });

  it('that gates failback only excuses no other one that does not answer in time', async () => {
    await start(allOf(never, gateFailbackOnly(never)));
    await time.tickAsync(600);

    expect(rounds[0]).to.include({ ok: false, reason: 'timeout' }).and.not.to.have.property('isFailbackOnly');
  });

  it('is told when the endpoint is removed', async () => {
    await start(never);
    checks.stop();

    expect(contexts[0]?.signal.aborted).to.equal(true);
    await time.tickAsync(10_000);
    expect(rounds).to.deep.equal([]);
    expect(contexts).to.have.length(1);
  });

  it('that is over is told of nothing more', async () => {
    await start(() => true);
    checks.stop();
    await time.tickAsync(10_000);

    expect(contexts[0]?.signal.aborted).to.equal(false);
  });

  it('asks over the connection of the probes', async () => {
    prepare = ({ call }) => call.resolves('42');
    await start(async ({ call }) => (await call('GET', 'answer')) === '42');

    expect(rounds).to.deep.equal([{ ok: true }]);
    expect(clients).to.have.length(1);
    expect(clients[0]?.call.args).to.deep.equal([['GET', 'answer']]);
  });

  it('shows no arguments of a command that was refused', async () => {
    const refusal = Object.assign(replyError('WRONGPASS no'), { command: { name: 'auth', args: ['secret'] } });
    prepare = ({ call }) => call.rejects(refusal);
    await start(({ call }) => call('AUTH', 'secret').then(() => true));

    expect(rounds[0]).to.include({ ok: false, reason: 'auth' });
    expect(rounds[0]).not.to.have.nested.property('error.command');
  });

  it('of a client without a wire protocol calls its methods', async () => {
    const { endpointClient } = new FakeMethodClient();
    const check: HealthCheck = async ({ call }) => (await call('PING')) === 'PONG';
    await start(check, () => endpointClient);

    expect(rounds).to.deep.equal([{ ok: true }]);
  });

  describe('that is pingHealthCheck()', () => {
    it('asks nothing twice', async () => {
      await start(pingHealthCheck());

      expect(rounds).to.deep.equal([{ ok: true }]);
      expect(clients[0]?.ping.callCount).to.equal(1);
      expect(clients[0]?.role.callCount).to.equal(1);
    });

    const failures: readonly (readonly [name: string, prepare: (client: FakeCommandClient) => void])[] = [
      ['a replica', ({ role }) => role.resolves(['slave'])],
      ['a reply', ({ ping }) => ping.rejects(replyError('LOADING no'))],
      ['silence', ({ ping }) => ping.returns(never())],
      [
        'a refused connection',
        ({ connect }) => connect.rejects(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })),
      ],
      ['too many clients', ({ ping }) => ping.rejects(replyError('ERR max number of clients reached'))],
    ];

    for (const [name, prepareClient] of failures) {
      it(`finds what the client itself finds, by ${name}`, async () => {
        prepare = prepareClient;
        await start(pingHealthCheck());
        await time.tickAsync(600);
        const [withCheck] = rounds.splice(0);
        checks.stop();
        await start();
        await time.tickAsync(600);

        expect(withCheck).to.have.property('ok', false);
        expect(withCheck).to.deep.include({ ...rounds[0], error: (withCheck as { error?: Error }).error });
        expect(withCheck).to.have.nested.property('error.message', (rounds[0] as { error?: Error }).error?.message);
      });
    }

    it('also works with a context that somebody made by hand', async () => {
      const { signal } = new AbortController();
      const call = (): Promise<unknown> => Promise.reject(replyError('LOADING no'));

      expect(await pingHealthCheck()({ ...ABOUT, timeoutMs: 1, signal, call })).to.deep.equal({
        ok: false,
        reason: 'loading',
        message: 'LOADING no',
      });
    });
  });

  describe('upon a verification', () => {
    async function verify(customCheck?: 'instead' | 'beside'): Promise<CheckResult | undefined> {
      let result: CheckResult | undefined;
      void checks
        .verify({ alsoOnProbeConnection: false, ...(customCheck !== undefined && { customCheck }) })
        .then((outcome) => (result = outcome));
      await time.tickAsync(600);
      return result;
    }

    const bad: HealthCheck = () => ({ ok: false, reason: 'http' });

    it('is not asked about what the client noticed itself', async () => {
      make(bad);

      expect(await verify()).to.deep.equal({ ok: true });
      expect(contexts).to.be.empty;
    });

    it('is asked in place of the server', async () => {
      make(() => true);
      prepare = ({ connect }) => connect.returns(never());
      const result = await verify('instead');

      expect(result).to.deep.equal({ ok: true });
      expect(contexts).to.have.length(1);
    });

    it('is asked beside the server: both have to be good', async () => {
      make(bad);
      expect(await verify('beside')).to.include({ ok: false, reason: 'http' });
      checks.stop();
      make(() => true);
      expect(await verify('beside')).to.deep.equal({ ok: true });
      prepare = ({ ping }) => ping.rejects(replyError('LOADING no'));

      expect(await verify('beside')).to.include({ ok: false, reason: 'loading' });
    });
  });
});
