import { expect } from 'chai';
import type { GeoFailoverOptions, UpdateOptions } from '../../lib/index.ts';
import { CurrentOptions } from '../../lib/options/current-options.ts';
import { resolveOptions, resolveUpdate } from '../../lib/options/resolve-options.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('The command way when options are updated', () => {
  const time = fakeTimeForEachTest();
  let options: CurrentOptions;
  let way: CommandWay;

  function begin(given: Partial<GeoFailoverOptions> = {}): void {
    options = new CurrentOptions(resolveOptions({ ...given, endpoints: [{ id: 'a', redis: 'redis://a' }] }));
    way = new CommandWay({ options });
  }

  function update(changes: UpdateOptions): void {
    options.become(resolveUpdate(changes, options.values));
  }

  beforeEach(() => begin());

  it('keeps what waits when less may wait, and turns away what comes', async () => {
    way.stopServing();
    const waiting = [way.send('set k 1'), way.send('set k 2')];
    update({ failover: { maxWaitingCommands: 2 } });
    expect(await outcomeOf(way.send('set k 3'))).to.include({ code: 'GEO_LINE_OVERFLOW' });
    update({ failover: { maxWaitingCommands: 3, maxWaitingBytes: 4 } });
    expect(await outcomeOf(way.send('set k 4'))).to.include({ code: 'GEO_LINE_OVERFLOW' });
    update({ failover: { maxWaitingBytes: 6 } });
    waiting.push(way.send('set k 5'));
    way.serveAgain();

    expect(way.a.written).to.deep.equal(['set k 1', 'set k 2', 'set k 5']);
    for (const command of waiting) expect(await outcomeOf(command)).to.equal('pending');
  });

  it('lets what waits keep its deadline, also behind a failed attempt', async () => {
    const early = way.send('get early');
    way.stopServing();
    const old = way.send('get old');
    way.a.lose();
    update({ retry: { deadlineMs: 100 } });
    const young = way.send('get young');
    await time.tickAsync(110);
    expect(await outcomeOf(young)).to.include({ code: 'GEO_DEADLINE_EXCEEDED' });
    await time.tickAsync(9_800);
    expect([await outcomeOf(early), await outcomeOf(old)]).to.deep.equal(['pending', 'pending']);
    update({ retry: { deadlineMs: 60_000 } });
    const patient = way.send('get patient');
    await time.tickAsync(100);

    expect(await outcomeOf(early)).to.include({ code: 'GEO_DEADLINE_EXCEEDED' });
    expect(await outcomeOf(old)).to.include({ code: 'GEO_DEADLINE_EXCEEDED' });
    await time.tickAsync(59_000);
    expect(await outcomeOf(patient)).to.equal('pending');
  });

  it('sends again by the caps in effect when an attempt fails, and when what came back is released', async () => {
    update({ retry: { sameEndpoint: 'any' } });
    const incr = way.send('incr k');
    way.a.lose();
    way.a.reconnect();
    expect(way.a.written).to.deep.equal(['incr k', 'incr k']);

    way.a.lose();
    update({ retry: { sameEndpoint: 'effect' } });
    way.a.reconnect();
    expect(way.a.written).to.deep.equal(['incr k', 'incr k']);
    expect(await outcomeOf(incr)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a' });
  });

  it('goes by classes that are declared since', async () => {
    const before = way.send('my.get k');
    way.a.lose();
    expect(await outcomeOf(before)).to.include({ code: 'GEO_AMBIGUOUS' });
    way.a.reconnect();
    const after = way.send('my.get k');
    update({ retry: { commands: { 'my.get': 'read-only' } } });
    way.a.lose();

    expect(await outcomeOf(after)).to.equal('pending');
  });

  it('goes by the class that was declared last, however the name is written', async () => {
    update({ retry: { commands: { 'my.get': 'other-write' } } });
    update({ retry: { commands: { 'MY.GET': 'other-write' } } });
    update({ retry: { commands: { 'my.get': 'read-only' } } });
    const read = way.send('my.get k');
    way.a.lose();

    expect(await outcomeOf(read)).to.equal('pending');
  });

  it('pauses by the backoff in effect, from the next pause on', async () => {
    begin({ retry: { deadlineMs: 3_600_000, backoff: { initialMs: 100_000, maxMs: 100_000 } } });
    way.send('set k 1');
    way.a.refuse('LOADING no');
    await time.tickAsync(0);
    way.a.refuse('LOADING no');
    await time.tickAsync(0);
    const tried = way.a.written.length;
    update({ retry: { backoff: { initialMs: 5, maxMs: 5 } } });
    await time.tickAsync(1_000);
    // It has begun.
    expect(way.a.written).to.have.lengthOf(tried);
    await time.tickAsync(100_000);
    expect(way.a.written).to.have.lengthOf(tried + 1);
    way.a.refuse('LOADING no');
    await time.tickAsync(20);

    expect(way.a.written).to.have.lengthOf(tried + 2);
  });

  it('sends at once what is called while all is well', () => {
    update({ retry: { deadlineMs: 1 }, failover: { maxWaitingCommands: 0, maxWaitingBytes: 0 } });
    way.send('set k 1');

    expect(way.a.written).to.deep.equal(['set k 1']);
  });
});
