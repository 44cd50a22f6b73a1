import { expect } from 'chai';
import { Replication } from '../../../lib/health/replication/replication.ts';
import { replicationSettings } from '../../../lib/health/replication/replication-options.ts';
import type { HealthCheckVerdict } from '../../../lib/options/health-check.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeRegion, replicate } from './fake-region.ts';

describe('The proof that an endpoint and the active one replicate to each other', () => {
  const settings = replicationSettings({});
  const signal = new AbortController().signal;
  let west: FakeRegion;
  let south: FakeRegion;
  let east: FakeRegion;
  let from: FakeRegion | undefined;
  let draws: number;
  let replication: Replication;

  beforeEach(() => {
    [west, south, east] = [new FakeRegion('west'), new FakeRegion('south'), new FakeRegion('east')];
    replicate(east, west);
    replicate(east, south);
    from = west;
    draws = 0;
    replication = new Replication({
      end: east,
      failbackFrom: () => from,
      clock: new FakeClock(),
      random: () => ++draws / 1_000,
    });
  });

  function prove(): Promise<HealthCheckVerdict> {
    return replication.prove(settings, signal);
  }

  function open(): number[] {
    return [west, south, east].map((region) => region.open.length);
  }

  it('needs one connection more to each of the two, and keeps them', async () => {
    for (let i = 0; i < 3; i++) expect(await prove()).to.deep.equal({ ok: true });

    expect(open()).to.deep.equal([1, 0, 1]);
    expect(east.clients).to.have.length(1);
  });

  it('is not asked for when there is nothing to go back from', async () => {
    from = undefined;

    expect(await prove()).to.deep.equal({ ok: true });
    expect([...west.clients, ...south.clients, ...east.clients]).to.deep.equal([]);
  });

  it('closes its connections when there is nothing to go back from any more', async () => {
    await prove();
    from = undefined;

    expect(await prove()).to.deep.equal({ ok: true });
    expect(open()).to.deep.equal([0, 0, 0]);
  });

  it('is about the endpoint that is active, also when another one becomes that', async () => {
    await prove();
    from = south;

    expect(await prove()).to.deep.equal({ ok: true });
    expect(open()).to.deep.equal([0, 1, 1]);
    south.replicatesTo.clear();
    from = west;
    expect(await prove()).to.deep.equal({ ok: true });
    expect(open()).to.deep.equal([1, 0, 1]);
  });

  it('says nothing of another endpoint that becomes active meanwhile', async () => {
    const verdict = prove();
    from = south;

    expect(await verdict).to.deep.equal({
      ok: false,
      reason: 'replication',
      message: 'south has become active meanwhile',
    });
  });

  it('is not missed when the endpoint itself becomes active meanwhile', async () => {
    west.refusal = () => Promise.reject(new Error('no'));
    const verdict = prove();
    from = undefined;

    expect(await verdict).to.deep.equal({ ok: true });
  });

  it('is tried again over new connections when one was lost', async () => {
    await prove();
    east.clients[0]?.emit('close');

    expect(await prove()).to.deep.equal({ ok: true });
    expect(open()).to.deep.equal([1, 0, 1]);
    expect([...west.clients, ...east.clients]).to.have.length(4);
  });

  it('is given by a channel that nobody else has', async () => {
    await prove();
    east.clients[0]?.emit('close');
    await prove();
    await replication.prove(replicationSettings({ channelPrefix: 'app:' }), signal);

    const channels = west.published.map(({ channel }) => channel);
    expect(new Set(channels)).to.have.property('size', 3);
    for (const channel of channels) expect(channel).to.match(/^(?:__geo-failover:|app:)[0-9a-z]{6,}$/);
  });

  it('leaves nothing behind when it is not wanted any more', async () => {
    await prove();
    await replication.prove(replicationSettings({}), signal);
    expect(open()).to.deep.equal([2, 0, 2]);
    replication.close();

    expect(open()).to.deep.equal([0, 0, 0]);
  });
});
