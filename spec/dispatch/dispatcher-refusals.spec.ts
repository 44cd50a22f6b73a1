import { expect } from 'chai';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

const NOREPLICAS = 'NOREPLICAS Not enough good replicas to write.';

describe('The command way to an endpoint that refuses', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  it('tries with the refused command alone, and lets everything follow when it passes', async () => {
    const set = way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    way.send('get l');
    expect(way.a.written).to.deep.equal(['set k 1', 'set k 1']);
    way.a.answer();
    await time.tickAsync(0);

    expect(await outcomeOf(set)).to.equal('OK');
    expect(way.a.written).to.deep.equal(['set k 1', 'set k 1', 'get l']);
  });

  it('pauses before it tries again, and holds everything back meanwhile', async () => {
    way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    way.a.refuse(NOREPLICAS);
    way.send('get l');
    await time.tickAsync(0);
    expect(way.a.written).to.have.length(2);
    await time.tickAsync(1_000);
    expect(way.a.written).to.have.length(3);
    way.a.answer();
    await time.tickAsync(0);

    expect(way.a.written.slice(2)).to.deep.equal(['set k 1', 'get l']);
  });

  it('goes on with the next one when the first may not be tried any more', async () => {
    way = new CommandWay({ maxRetriesPerRequest: 1 });
    const [set, other] = [way.send('set k 1'), way.send('set l 1')];
    way.a.refuse(NOREPLICAS);
    way.a.refuse(NOREPLICAS);
    way.a.refuse(NOREPLICAS);
    expect(await outcomeOf(set)).to.have.property('message', NOREPLICAS);
    await time.tickAsync(1_000);
    expect(way.a.written.at(-1)).to.equal('set l 1');
    way.a.answer();

    expect(await outcomeOf(other)).to.equal('OK');
  });

  it('tries once more when the command it tries with has to go another way', async () => {
    const set = way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    way.a.giveBack();
    way.send('get l');
    await time.tickAsync(1_000);
    expect(way.a.written).to.deep.equal(['set k 1', 'set k 1', 'set k 1']);
    way.a.answer();
    await time.tickAsync(0);

    expect(await outcomeOf(set)).to.equal('OK');
    expect(way.a.written.at(-1)).to.equal('get l');
  });

  it('waits while what has to go another way is not answered, and keeps the order then', () => {
    way.send('set k 1');
    way.send('set k 2');
    way.a.isSettling = true;
    way.a.giveBack();
    way.send('set k 3');
    way.a.giveBack();
    expect(way.a.written).to.deep.equal(['set k 1', 'set k 2']);
    way.a.isSettling = false;
    way.dispatcher.refresh();

    expect(way.a.written.slice(2)).to.deep.equal(['set k 1', 'set k 2', 'set k 3']);
  });

  it('waits until what was in flight behind the refused command is answered', () => {
    way.send('set k 1');
    way.send('get l');
    way.a.refuse(NOREPLICAS);
    expect(way.a.written).to.deep.equal(['set k 1', 'get l']);
    way.a.answer('1');

    expect(way.a.written).to.deep.equal(['set k 1', 'get l', 'set k 1']);
  });

  it('tries nothing while the endpoint is looked at', async () => {
    way.view.suspect = (endpointId) => way.view.notServing.add(endpointId);
    way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    await time.tickAsync(5_000);
    expect(way.a.written).to.deep.equal(['set k 1']);

    way.view.notServing.clear();
    way.dispatcher.refresh();
    expect(way.a.written).to.deep.equal(['set k 1', 'set k 1']);
  });

  it('sends everything at once, in order, to the endpoint that takes over, without a trial', async () => {
    for (const line of ['set k 1', 'set l 1']) way.send(line);
    way.a.refuse(NOREPLICAS);
    way.a.refuse(NOREPLICAS);
    way.a.refuse(NOREPLICAS);
    way.send('get m');
    await time.tickAsync(1);
    way.switchTo('b');

    expect(way.b.written).to.deep.equal(['set k 1', 'set l 1', 'get m']);
    expect(way.b.batches).to.equal(1);
    const { length } = way.a.written;
    await time.tickAsync(60_000);
    expect(way.a.written).to.have.length(length);
    expect(way.b.written).to.have.length(3);
  });

  it('begins anew after the connection was lost during the trial', async () => {
    const set = way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    way.a.lose();
    way.a.reconnect();
    expect(way.a.written).to.deep.equal(['set k 1', 'set k 1', 'set k 1']);
    way.a.answer();

    expect(await outcomeOf(set)).to.equal('OK');
  });

  it('does not take a late answer to an attempt that was given up', async () => {
    const set = way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    const late = way.a.head!;
    way.dispatcher.abandon(way.a);
    way.switchTo('b');
    late.resolve(Buffer.from('late'));
    expect(await outcomeOf(set)).to.equal('pending');
    way.b.answer();

    expect(await outcomeOf(set)).to.equal('OK');
  });

  describe('for a read behind the refused write', () => {
    it('reads again, once, behind that write', async () => {
      const [set, get] = [way.send('set k 1'), way.send('get k')];
      way.a.refuse(NOREPLICAS);
      way.a.answer('old');
      expect(await outcomeOf(get)).to.equal('pending');
      way.a.answer();
      way.a.answer('1');
      await time.tickAsync(5_000);

      expect(await outcomeOf(set)).to.equal('OK');
      expect(await outcomeOf(get)).to.equal('1');
      expect(way.a.written).to.deep.equal(['set k 1', 'get k', 'set k 1', 'get k']);
    });

    it('reads it on the endpoint that takes over', async () => {
      const [set, get] = [way.send('set k 1'), way.send('get k')];
      way.a.refuse(NOREPLICAS);
      way.a.lose();
      way.switchTo('b');
      way.b.answer();
      way.b.answer('1');

      expect([await outcomeOf(set), await outcomeOf(get)]).to.deep.equal(['OK', '1']);
      expect(way.b.written).to.deep.equal(['set k 1', 'get k']);
    });
  });

  describe('for what overtook the refused write', () => {
    it('does not send that write any more', async () => {
      const [set, incr] = [way.send('set k 1'), way.send('incr k')];
      way.a.refuse(NOREPLICAS);
      way.a.answer('5');
      await time.tickAsync(5_000);

      expect(await outcomeOf(set)).to.have.property('message', NOREPLICAS);
      expect(await outcomeOf(incr)).to.equal('5');
      expect(way.a.written).to.deep.equal(['set k 1', 'incr k']);
    });
  });

  describe('while replies behind it are still expected, and another endpoint takes over', () => {
    beforeEach(() => {
      way.view.suspect = (endpointId) => way.view.notServing.add(endpointId);
    });

    it('does not wait for them', () => {
      way.send('set k 1');
      way.send('blpop q 0');
      way.a.refuse(NOREPLICAS);
      way.switchTo('b');
      way.send('get z');

      expect(way.b.written).to.deep.equal(['set k 1', 'get z']);
    });

    it('does not send it when one of them may show that it was overtaken', async () => {
      const [set, append] = [way.send('set k 1'), way.send('append k 2')];
      way.a.refuse(NOREPLICAS);
      way.switchTo('b');
      way.a.answer('2');

      expect(way.b.written).to.deep.equal([]);
      expect(await outcomeOf(set)).to.have.property('message', NOREPLICAS);
      expect(await outcomeOf(append)).to.equal('2');
    });

    it('settles later refusals of each endpoint by itself', async () => {
      for (const line of ['set k 1', 'get k', 'get l']) way.send(line);
      way.a.refuse(NOREPLICAS);
      way.switchTo('b');
      way.send('incr m');
      way.send('get m');
      way.b.answer();
      way.b.refuse(NOREPLICAS);
      way.a.refuse('LOADING no');
      way.a.answer('old');
      way.b.answer('old');

      expect(way.b.queue).to.deep.equal([]);
      way.switchTo('c');
      expect(way.b.written).to.deep.equal(['set k 1', 'incr m', 'get m']);
      way.switchTo('a');
      expect(await outcomeOf(way.send('ping'))).to.equal('pending');
    });
  });

  it('gives a refused transaction back as a whole', async () => {
    way.view.suspect = (endpointId) => way.view.notServing.add(endpointId);
    const commands = way.sendTransaction('set k 1');
    way.a.answer('OK');
    way.a.refuse(NOREPLICAS);
    way.a.refuse('EXECABORT Transaction discarded because of previous errors.');
    way.switchTo('b');
    expect(way.b.written).to.deep.equal(['multi', 'set k 1', 'exec']);
    for (const reply of ['OK', 'QUEUED', ['OK']]) way.b.answer(reply);

    expect(await outcomeOf(commands.at(-1)!)).to.deep.equal(['OK']);
  });

  it('lets everything go on when the connection of the trial is given up', () => {
    way.send('set k 1');
    way.a.refuse(NOREPLICAS);
    expect(way.a.queue).to.have.length(1);
    way.dispatcher.abandon(way.a);
    way.a.reconnect();
    way.send('get l');

    expect(way.a.written).to.deep.equal(['set k 1', 'set k 1', 'set k 1', 'get l']);
  });

  it('lets everything go on when the command of the trial is given up', async () => {
    const set = way.send('set k 1');
    way.a.refuse('OOM no');
    way.send('get k');
    way.a.refuse('OOM no');
    await time.tickAsync(1_000);
    way.a.refuse('OOM no');
    expect(await outcomeOf(set)).to.have.property('message', 'OOM no');
    await time.tickAsync(1_000);
    way.send('get l');

    expect(way.a.written.slice(3)).to.deep.equal(['get k', 'get l']);
  });
});
