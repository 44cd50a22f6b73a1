import { expect } from 'chai';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

const ABORTED = 'EXECABORT Transaction discarded because of previous errors.';

describe('The command way of a transaction', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  it('does not repeat members that ran by themselves because MULTI was refused', async () => {
    const [, , exec] = way.sendTransaction('incr k');
    way.a.refuse('LOADING no');
    way.a.answer(1);
    way.a.lose();
    way.switchTo('b');

    expect(way.b.written).to.deep.equal([]);
    expect(await outcomeOf(exec!)).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
  });

  it('moves when MULTI, every member and EXEC were refused', async () => {
    const [, , exec] = way.sendTransaction('incr k');
    way.view.notServing.add('a');
    for (let i = 0; i < 3; i++) way.a.refuse('LOADING no');
    expect(await outcomeOf(exec!)).to.equal('pending');
    way.switchTo('b');

    expect(way.b.written).to.deep.equal(['multi', 'incr k', 'exec']);
  });

  it('moves when MULTI and every member were refused, and the connection was lost before EXEC was answered', () => {
    way.sendTransaction('incr k');
    way.view.notServing.add('a');
    for (let i = 0; i < 2; i++) way.a.refuse('LOADING no');
    way.a.lose();
    way.switchTo('b');

    expect(way.b.written).to.deep.equal(['multi', 'incr k', 'exec']);
  });

  it('judges each attempt by itself', async () => {
    const [, , exec] = way.sendTransaction('get k');
    way.a.answer('OK');
    way.a.refuse('ERR of the application');
    way.a.lose();
    way.switchTo('b');
    way.b.answer('OK');
    way.b.refuse('LOADING no');
    way.b.refuse(ABORTED);
    expect(await outcomeOf(exec!)).to.equal('pending');
    await time.tickAsync(1_000);
    way.b.answer('OK');
    way.b.answer('QUEUED');
    way.b.answer(['1']);

    expect(await outcomeOf(exec!)).to.deep.equal(['1']);
  });

  it('pauses before it tries a refused one again, whatever MULTI was answered', async () => {
    way.sendTransaction('set k 1');
    const refuse = (): void => {
      way.a.answer('OK');
      way.a.refuse('NOREPLICAS no');
      way.a.refuse(ABORTED);
    };
    refuse();
    // The first attempt after a refusal comes at once, every further one after a pause.
    refuse();
    await time.tickAsync(0);
    expect(way.a.queue).to.deep.equal([]);

    await time.tickAsync(1_000);
    expect(way.a.queue).to.have.length(3);
  });

  it('lets a transaction wait as a whole or not at all', async () => {
    const narrow = new CommandWay({
      options: { ...DEFAULTS, failover: { ...DEFAULTS.failover, maxWaitingCommands: 2 } },
    });
    narrow.view.notServing.add('a');
    narrow.dispatcher.refresh();
    narrow.send('get k');
    narrow.sendTransaction('incr k');
    const turnedAway = narrow.sendTransaction('incr l');
    const outcomes = await Promise.all(turnedAway.map(outcomeOf));
    narrow.view.notServing.clear();
    narrow.dispatcher.refresh();

    expect(narrow.a.written).to.deep.equal(['get k', 'multi', 'incr k', 'exec']);
    for (const outcome of outcomes) expect(outcome).to.include({ code: 'GEO_LINE_OVERFLOW', outcome: 'not-executed' });
    narrow.dispatcher.close();
  });

  it('keeps its order, and stays together, when the stream refuses what follows before the connection ends', () => {
    way.send('set k 1');
    way.a.isBroken = true;
    way.sendTransaction('set k 2');
    way.send('set k 3');
    way.a.lose();
    way.switchTo('b');

    expect(way.b.written).to.deep.equal(['set k 1', 'multi', 'set k 2', 'exec', 'set k 3']);
  });
});
