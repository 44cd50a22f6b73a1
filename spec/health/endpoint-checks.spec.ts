import { expect } from 'chai';
import fc from 'fast-check';
import type sinon from 'sinon';
import { type CheckResult, GOOD } from '../../lib/health/check-result.ts';
import { EndpointChecks, firstAnswer } from '../../lib/health/endpoint-checks.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';
import { ABOUT, FakeCommandClient, never, replyError } from './fake-clients.ts';

function bad(message: string, isAnswer: boolean): CheckResult {
  return { ok: false, isAnswer, error: new Error(message), reason: 'connection' };
}

const SAID_NO = bad('LOADING', true);
const SILENT = bad('no answer', false);

/** Looks that end in this order with these results, and what is made of them. */
const cases: readonly (readonly [looks: readonly CheckResult[], first: number])[] = [
  [[GOOD], 0],
  [[SAID_NO], 0],
  [[SILENT], 0],
  [[GOOD, SAID_NO], 0],
  [[SAID_NO, GOOD], 0],
  [[SILENT, GOOD], 1],
  [[SILENT, SAID_NO], 1],
  [[GOOD, SILENT], 0],
  [[SILENT, bad('refused', false)], 1],
  [[SILENT, SILENT, GOOD], 2],
];

function name(result: CheckResult): string {
  return result.ok ? 'good' : result.isAnswer ? 'a no' : 'no answer';
}

describe('The first look that settles the matter', () => {
  for (const [looks, first] of cases) {
    it(`is number ${first + 1} when they end with ${looks.map(name).join(', ')}`, async () => {
      const finish: (() => void)[] = [];
      const promises = looks.map((result) => new Promise<CheckResult>((resolve) => finish.push(() => resolve(result))));
      const answer = firstAnswer(promises);
      for (const end of finish) {
        end();
        await Promise.resolve();
      }

      expect(await answer).to.equal(looks[first]);
    });
  }

  it('does not wait for the others', async () => {
    expect(await firstAnswer([never(), Promise.resolve(SAID_NO)])).to.equal(SAID_NO);
  });

  it('is not one without an answer while another one is open', async () => {
    let settled = false;
    void firstAnswer([never(), Promise.resolve(SILENT)]).then(() => (settled = true));
    for (let i = 0; i < 5; i++) await Promise.resolve();

    expect(settled).to.equal(false);
  });

  it('is without an answer only if all are', async () => {
    const results = fc.array(fc.constantFrom(GOOD, SAID_NO, SILENT), { minLength: 1, maxLength: 4 });

    await fc.assert(
      fc.asyncProperty(results, async (looks) => {
        const answer = await firstAnswer(looks.map((result) => Promise.resolve(result)));

        expect(answer === SILENT).to.equal(looks.every((result) => result === SILENT));
      }),
      { numRuns: 50 },
    );
  });
});

describe('The checks of an endpoint', () => {
  let time: sinon.SinonFakeTimers;
  let clients: FakeCommandClient[];
  let prepare: (client: FakeCommandClient) => void;
  let rounds: CheckResult[];
  let roleUnknown: string[];
  let checks: EndpointChecks;

  beforeEach(() => {
    time = fakeSystemTime();
    clients = [];
    prepare = () => undefined;
    rounds = [];
    roleUnknown = [];
    checks = new EndpointChecks({
      createClient: () => {
        const client = new FakeCommandClient();
        prepare(client);
        clients.push(client);
        return client.endpointClient;
      },
      options: () => DEFAULTS.healthCheck,
      endpoint: () => ABOUT,
      verifyTimeoutMs: () => 550,
      clock: systemClock,
      random: () => 0.5,
      onRound: (result) => rounds.push(result),
      onRoleUnknown: (reason) => roleUnknown.push(reason),
    });
  });

  afterEach(() => {
    checks.stop();
    time.restore();
  });

  async function verify(alsoOnProbeConnection: boolean): Promise<CheckResult | undefined> {
    let result: CheckResult | undefined;
    void checks.verify({ alsoOnProbeConnection }).then((outcome) => (result = outcome));
    await time.tickAsync(600);
    return result;
  }

  it('look in the background, over one connection', async () => {
    checks.start();
    await time.tickAsync(10_000);

    expect(rounds).to.have.length.within(9, 12);
    expect(clients).to.have.length(1);
  });

  it('end with everything that they opened', async () => {
    checks.start();
    await time.tickAsync(0);
    checks.stop();
    await time.tickAsync(10_000);

    expect(rounds).to.have.length(1);
    expect(clients[0]?.disconnect.callCount).to.equal(1);
  });

  it('tell once that the role is unknown, whichever look found out', async () => {
    prepare = ({ role }) => role.rejects(replyError("ERR unknown command 'role'"));
    checks.start();
    await time.tickAsync(3_000);
    await verify(true);

    expect(roleUnknown).to.deep.equal(["ERR unknown command 'role'"]);
  });

  describe('for somebody who wants to know', () => {
    it('look over a new connection, and close it', async () => {
      expect(await verify(false)).to.equal(GOOD);
      expect(clients).to.have.length(1);
      expect(clients[0]?.disconnect.callCount).to.equal(1);
    });

    it('do not make a connection for probes when there is none', async () => {
      expect(await verify(true)).to.equal(GOOD);
      expect(clients).to.have.length(1);
    });

    it('find it good by the connection of the probes while a new one hangs', async () => {
      checks.start();
      await time.tickAsync(0);
      prepare = ({ connect }) => connect.returns(never());

      expect(await verify(true)).to.equal(GOOD);
    });

    it('find it bad when new connections hang, if the old one proves nothing', async () => {
      checks.start();
      await time.tickAsync(0);
      prepare = ({ connect }) => connect.returns(never());

      const result = await verify(false);
      expect(result).to.include({ ok: false, isAnswer: false });
      expect(result).to.have.nested.property('error.message', 'no answer within 550 ms');
    });

    it('find it good by a new connection while that of the probes hangs', async () => {
      checks.start();
      await time.tickAsync(0);
      clients[0]?.ping.returns(never());

      expect(await verify(true)).to.equal(GOOD);
    });

    it('find it bad at once when it says so itself', async () => {
      checks.start();
      await time.tickAsync(0);
      clients[0]?.ping.rejects(replyError('LOADING no'));
      prepare = ({ connect }) => connect.returns(never());
      const startedAt = time.now;
      const result = await checks.verify({ alsoOnProbeConnection: true });

      expect(result).to.include({ ok: false, isAnswer: true });
      expect(time.now).to.equal(startedAt);
    });
  });
});
