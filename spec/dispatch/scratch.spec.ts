import sinon from 'sinon';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';
import { fakeSystemTime } from '../support/fake-clock.ts';

describe('scratch', () => {
  let timers: sinon.SinonFakeTimers;
  beforeEach(() => (timers = fakeSystemTime()));
  afterEach(() => timers.restore());
  it('read re-read behind later write', async () => {
    const way = new CommandWay();
    const [set, get, incr] = ['set k 1', 'get k', 'incr k'].map((l) => way.send(l));
    way.a.refuse('MISCONF no');
    way.a.answer('5');
    way.a.answer(6);
    await timers.tickAsync(5000);
    console.log(way.a.written, await outcomeOf(set!), await outcomeOf(get!), await outcomeOf(incr!));
    way.a.answer('6');
    console.log(await outcomeOf(get!));
  });
  it('multi refused and lost', async () => {
    const way = new CommandWay();
    const t = way.sendTransaction('incr k');
    way.a.refuse('LOADING no');
    way.a.answer(1);
    way.a.lose();
    way.switchTo('b');
    console.log(way.b.written, await outcomeOf(t[1]!));
  });
  it('stale held of multi', async () => {
    const way = new CommandWay();
    const t = way.sendTransaction('set k 1');
    way.a.answer('OK');
    way.a.refuse('READONLY no');
    way.a.lose();
    way.switchTo('b');
    console.log(way.b.written, await outcomeOf(t[1]!));
    way.b.answer('OK');
    way.b.answer('QUEUED');
    way.b.answer(['OK']);
    console.log(await outcomeOf(t[1]!), await outcomeOf(t[2]!));
  });
  it('method connection close', async () => {
    const { MethodConnection } = await import('../../lib/endpoints/method-connection.ts');
    const c = new MethodConnection({
      endpointId: 'a',
      client: {},
      listener: { ready: () => console.log('ready'), lost: () => {}, refused: () => {}, errorReply: () => false },
    });
    c.start();
    c.close();
    await Promise.resolve();
    console.log('isReady', c.isReady);
  });
  it('select in refused', async () => {
    const way = new CommandWay();
    const s = way.send('select 3');
    const g = way.send('get k');
    way.a.refuse('LOADING no');
    way.a.answer('db0');
    await timers.tickAsync(2000);
    console.log(way.a.written, await outcomeOf(s), await outcomeOf(g));
  });
  it('quit idle', async () => {
    const way = new CommandWay();
    way.view.notServing.add('a');
    way.dispatcher.refresh();
    const g = way.send('get k');
    let idle = 0;
    void way.dispatcher.idle().then(() => idle++);
    void way.dispatcher.idle().then(() => idle++);
    way.view.notServing.clear();
    way.dispatcher.refresh();
    await timers.tickAsync(10);
    console.log('idle', idle, way.a.written);
  });
  it('transaction overflow', async () => {
    const { DEFAULTS } = await import('../../lib/options/defaults.ts');
    const way = new CommandWay({
      options: { retry: DEFAULTS.retry, failover: { ...DEFAULTS.failover, maxWaitingCommands: 2 } },
    });
    way.view.notServing.add('a');
    way.dispatcher.refresh();
    const t = way.sendTransaction('incr k');
    for (const c of t) console.log(await outcomeOf(c));
    way.view.notServing.clear();
    way.dispatcher.refresh();
    console.log(way.a.written);
  });
});
