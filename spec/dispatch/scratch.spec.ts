import { expect } from 'chai';
import sinon from 'sinon';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('scratch', () => {
  let timers: sinon.SinonFakeTimers;
  beforeEach(() => (timers = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })));
  afterEach(() => timers.restore());
  it('read behind refused write is read again once', async () => {
    const way = new CommandWay();
    const write = way.send('set k 1');
    const read = way.send('get k');
    const free = way.send('get other');
    way.a.refuse('NOREPLICAS Not enough good replicas to write.');
    way.a.answer('old');
    way.a.answer('x');
    console.log(way.a.written, await outcomeOf(read), await outcomeOf(free));
    await timers.tickAsync(100);
    way.a.answer('OK');
    await timers.tickAsync(100);
    console.log(way.a.written, await outcomeOf(write));
    way.a.answer('1');
    await timers.tickAsync(100);
    console.log(way.a.written, await outcomeOf(read));
    await timers.tickAsync(11000);
    console.log(way.a.written, await outcomeOf(read));
    expect(1).to.equal(1);
  });
  it('lost behind refused', async () => {
    const way = new CommandWay();
    const write = way.send('set k 1');
    const read = way.send('get k');
    way.a.refuse('NOREPLICAS Not enough good replicas to write.');
    way.a.lose();
    way.switchTo('b');
    console.log(way.b.written);
    way.b.answer('OK');
    way.b.answer('1');
    console.log(way.b.written, await outcomeOf(write), await outcomeOf(read));
    way.dispatcher.refresh();
    console.log(way.b.written, await outcomeOf(write), await outcomeOf(read));
  });
  it('transaction refused', async () => {
    const way = new CommandWay();
    const t = way.sendTransaction('set k 1');
    way.a.answer('OK');
    way.a.refuse('NOREPLICAS Not enough good replicas to write.');
    way.a.refuse('EXECABORT Transaction discarded because of previous errors.');
    let n = 0;
    for (; n < 100; n++) {
      await timers.tickAsync(0);
      if (way.a.queue.length === 0) break;
      way.a.answer('OK');
      await timers.tickAsync(0);
      way.a.refuse('NOREPLICAS Not enough good replicas to write.');
      way.a.refuse('EXECABORT Transaction discarded because of previous errors.');
    }
    console.log(n, performance.now(), await outcomeOf(t[2]!), way.view.failures.length);
  });
});
