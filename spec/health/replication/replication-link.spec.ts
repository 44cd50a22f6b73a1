import { expect } from 'chai';
import { ReplicationLink } from '../../../lib/health/replication/replication-link.ts';
import type { HealthCheckVerdict } from '../../../lib/options/health-check.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { never, replyError } from '../fake-clients.ts';
import { FakeRegion, replicate } from './fake-region.ts';

const TIMEOUT_MS = 5_000;
const CHECK_MS = 500;

/** Promises go on. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('The link between two endpoints', () => {
  let clock: FakeClock;
  let west: FakeRegion;
  let east: FakeRegion;
  let link: ReplicationLink;

  beforeEach(() => {
    clock = new FakeClock();
    west = new FakeRegion('west');
    east = new FakeRegion('east');
  });

  function open(): void {
    link = new ReplicationLink({ ends: [west, east], channel: 'canaries', timeoutMs: TIMEOUT_MS, clock });
  }

  /** What one check is told, which has so long. */
  async function prove(ms = CHECK_MS): Promise<HealthCheckVerdict> {
    const over = new AbortController();
    const verdict = link.prove(over.signal);
    await turn();
    clock.advance(ms);
    await turn();
    over.abort(Object.assign(new Error('too late'), { name: 'TimeoutError' }));
    return verdict;
  }

  const ways: readonly (readonly [name: string, setUp: () => void, message: string | undefined])[] = [
    ['both ways', () => replicate(east, west), undefined],
    ['nowhere', () => undefined, 'no message comes in time from east to west, nor from west to east'],
    ['one way', () => east.replicatesTo.add(west), 'no message comes in time from west to east'],
    ['the other way', () => west.replicatesTo.add(east), 'no message comes in time from east to west'],
  ];

  for (const [name, setUp, message] of ways) {
    it(`is ${message === undefined ? '' : 'not '}proven when messages go ${name}`, async () => {
      setUp();
      open();

      expect(await prove()).to.deep.equal(
        message === undefined ? { ok: true } : { ok: false, reason: 'replication', message },
      );
    });
  }

  it('is proven as soon as the messages are there', async () => {
    replicate(east, west);
    open();

    expect(await link.prove(new AbortController().signal)).to.deep.equal({ ok: true });
    expect(clock.timers).to.deep.equal([]);
  });

  it('publishes on its own channel alone, each time another message', async () => {
    replicate(east, west);
    open();
    await prove();
    await prove();

    const published = [...west.published, ...east.published];
    expect(published).to.have.length(4);
    expect(new Set(published.map(({ channel }) => channel))).to.deep.equal(new Set(['canaries']));
    expect(new Set(published.map(({ message }) => message))).to.have.property('size', 4);
    for (const { clients } of [west, east]) {
      expect(clients.map(({ subscribe }) => subscribe.args)).to.deep.equal([[['canaries']]]);
    }
  });

  it('is not proven by what others say there', async () => {
    open();
    await turn();
    for (const message of ['', 'hello', '0', '0 x', 'x 1000', '2 1000', '1 NaN', '1 1e9', ' 1000']) {
      east.deliver('canaries', message);
      west.deliver('canaries', message);
    }

    expect(await prove()).to.include({ ok: false, reason: 'replication' });
  });

  it('is not proven by a message that is too old', async () => {
    open();
    await prove();
    clock.advance(TIMEOUT_MS);
    for (const { message } of west.published) east.deliver('canaries', message);
    for (const { message } of east.published) west.deliver('canaries', message);

    expect(await prove()).to.include({ ok: false, reason: 'replication' });
  });

  it('is proven by messages that come behind the end of the check, for the next ones', async () => {
    open();
    expect(await prove()).to.include({ ok: false });
    for (const { message } of west.published) east.deliver('canaries', message);
    for (const { message } of east.published) west.deliver('canaries', message);
    expect(await prove()).to.deep.equal({ ok: true });

    clock.advance(TIMEOUT_MS);
    expect(await prove()).to.include({ ok: false, reason: 'replication' });
  });

  it('is known when the time of a message is over, however long the check may last', async () => {
    open();
    let verdict: HealthCheckVerdict | undefined;
    void link.prove(new AbortController().signal).then((known) => (verdict = known));
    await turn();
    clock.advance(TIMEOUT_MS - 1);
    await turn();
    expect(verdict).to.equal(undefined);
    clock.advance(1);
    await turn();

    expect(verdict).to.include({ ok: false, reason: 'replication' });
  });

  it('goes on opening when a check is over, for the next one', async () => {
    let connected: () => void = () => undefined;
    replicate(east, west);
    east.prepare = ({ connect }) => connect.returns(new Promise<void>((resolve) => (connected = resolve)));
    open();
    expect(await prove()).to.deep.equal({ ok: false, reason: 'timeout', message: 'too late' });
    expect(link.isUsable).to.equal(true);
    connected();

    expect(await prove()).to.deep.equal({ ok: true });
    expect(east.clients).to.have.length(1);
  });

  it('is of no use when it does not open', async () => {
    east.prepare = ({ connect }) => connect.returns(never());
    open();
    await prove();
    clock.advance(10_000);

    expect(link.isUsable).to.equal(false);
    link.close();
    expect([...west.open, ...east.open]).to.deep.equal([]);
  });

  const failures: readonly (readonly [name: string, fail: () => void, expected: object])[] = [
    [
      'refused',
      () => (east.prepare = ({ connect }) => connect.rejects(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }))),
      { reason: 'refused', message: 'no' },
    ],
    [
      'closed, and the client said why before',
      () =>
        (east.prepare = (client) =>
          client.connect.callsFake(async () => {
            client.emit('error', Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
            return Promise.reject(new Error('Connection is closed.'));
          })),
      { reason: 'dns', message: 'no' },
    ],
    [
      'that may not subscribe',
      () => (west.prepare = ({ subscribe }) => subscribe.rejects(replyError('NOPERM no'))),
      { reason: 'auth', message: 'NOPERM no' },
    ],
    [
      'whose factory throws',
      () => {
        west.prepare = () => {
          throw new Error('no client');
        };
      },
      { reason: 'custom', message: 'no client' },
    ],
    [
      'that may not publish',
      () => (east.refusal = () => Promise.reject(replyError('NOPERM no'))),
      { reason: 'auth', message: 'NOPERM no' },
    ],
  ];

  for (const [name, fail, expected] of failures) {
    it(`is not proven over a connection ${name}`, async () => {
      replicate(east, west);
      fail();
      open();

      expect(await prove()).to.deep.equal({ ok: false, ...expected });
      link.close();
      expect([...west.open, ...east.open]).to.deep.equal([]);
    });
  }

  it('is of no use when one of its connections is lost, also in the midst of a check', async () => {
    open();
    const verdict = link.prove(new AbortController().signal);
    await turn();
    east.clients[0]?.emit('close');

    expect(await verdict).to.include({ ok: false, reason: 'connection' });
    expect(link.isUsable).to.equal(false);
    expect([...west.open, ...east.open]).to.deep.equal([]);
    expect(clock.timers).to.deep.equal([]);
  });

  it('is of no use when nobody hears what is published on the very same endpoint', async () => {
    replicate(east, west);
    open();
    expect(await prove()).to.deep.equal({ ok: true });
    east.isDeaf = true;
    for (let passedMs = 0; passedMs <= 10_000; passedMs += CHECK_MS) await prove();

    expect(await prove()).to.include({ ok: false, reason: 'connection' });
    expect(link.isUsable).to.equal(false);
    expect([...west.open, ...east.open]).to.deep.equal([]);
  });

  it('stays open for as long as only the replication is broken', async () => {
    open();
    for (let passedMs = 0; passedMs <= 30_000; passedMs += CHECK_MS) await prove();

    expect(link.isUsable).to.equal(true);
    expect(await prove()).to.include({ ok: false, reason: 'replication' });
  });
});
