import { expect } from 'chai';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

const READONLY = "READONLY You can't write against a read only replica.";

describe('The command way of commands that may have been executed', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay({ maxRetriesPerRequest: 3 });
  });

  it('goes by the classes that the application declares', async () => {
    const retry = { ...DEFAULTS.retry, commands: { 'my.add': 'effect', 'my.get': 'read-only' } } as const;
    way = new CommandWay({ options: { ...DEFAULTS, retry } });
    const [add, get] = [way.send('my.add k 1'), way.send('my.get k')];
    const [, member] = way.sendTransaction('my.get k');
    way.a.lose();
    way.switchTo('b');

    expect(way.b.written).to.deep.equal(['my.get k', 'multi', 'my.get k', 'exec']);
    expect(await outcomeOf(add)).to.include({ code: 'GEO_AMBIGUOUS' });
    expect([await outcomeOf(get), await outcomeOf(member!)]).to.deep.equal(['pending', 'pending']);
  });

  describe('and were refused later', () => {
    it('does not send them where their first attempt forbids it', async () => {
      const del = way.send('del k');
      way.a.lose();
      way.a.reconnect();
      way.view.notServing.add('a');
      way.a.refuse(READONLY);
      way.switchTo('b');

      expect(way.b.written).to.deep.equal([]);
      expect(await outcomeOf(del)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a', outcome: 'maybe-executed' });
    });

    it('does not forget it when they are given up', async () => {
      const set = way.send('set k 1');
      way.a.lose();
      way.a.reconnect();
      for (let i = 0; i < 3; i++) {
        way.a.refuse('LOADING no');
        await time.tickAsync(5_000);
      }

      expect(await outcomeOf(set)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a', outcome: 'maybe-executed' });
    });

    it('does not forget it when a later command of the same key overtook them', async () => {
      const set = way.send('set k 1');
      way.a.lose();
      way.a.reconnect();
      way.send('incr k');
      way.a.refuse('LOADING no');
      way.a.answer('1');

      expect(await outcomeOf(set)).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
    });

    it('tells a read between the two what it was answered, although that was a further attempt', async () => {
      way.send('set k 1');
      const get = way.send('get k');
      way.a.lose();
      way.a.reconnect();
      way.send('incr k');
      way.a.refuse('LOADING no');
      way.a.answer('5');
      way.a.answer('6');

      expect(await outcomeOf(get)).to.equal('5');
    });
  });

  describe('and are answered with an error later', () => {
    it('says with the reply that the first attempt may have been executed', async () => {
      const [set, get] = [way.send('del k'), way.send('get k')];
      way.a.lose();
      way.a.reconnect();
      way.a.refuse('NOPERM no');
      way.a.refuse('WRONGTYPE no');

      expect(await outcomeOf(set)).to.have.property('message', 'NOPERM no');
      expect(await outcomeOf(set)).to.deep.include({ geo: { endpointId: 'a', epoch: 0, outcome: 'maybe-executed' } });
      expect(await outcomeOf(get)).to.not.have.property('geo');
    });
  });

  describe('and stand behind a refused one of the same key', () => {
    it('gives up the refused one with them, because it would run behind them', async () => {
      const first = way.send('append k 1');
      const second = way.send('append k 2');
      way.a.refuse(READONLY);
      way.a.lose();
      way.switchTo('b');

      expect(way.b.written).to.deep.equal([]);
      expect(await outcomeOf(first)).to.have.property('message', READONLY);
      expect(await outcomeOf(second)).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
    });

    it('does so as well when it is another endpoint at which they may not be repeated', async () => {
      const incr = way.send('incr k');
      const del = way.send('del k');
      way.a.refuse(READONLY);
      way.a.lose();
      way.switchTo('b');

      expect(way.b.written).to.deep.equal([]);
      expect(await outcomeOf(incr)).to.have.property('message', READONLY);
      expect(await outcomeOf(del)).to.include({ code: 'GEO_AMBIGUOUS', outcome: 'maybe-executed' });
    });

    it('sends the refused one when both are repeated, in order', () => {
      way.send('set k 1');
      way.send('set k 2');
      way.a.refuse(READONLY);
      way.a.lose();
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['set k 1', 'set k 2']);
    });

    it('sends a refused SET all the same: what it leaves does not depend on them', () => {
      way.send('set k 1');
      way.send('incr k');
      way.send('append l 1');
      way.a.refuse(READONLY);
      way.a.lose();
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['set k 1']);
    });

    it('sends refused ones of other keys', () => {
      way.send('append k 1');
      way.send('append l 1');
      way.a.refuse(READONLY);
      way.a.lose();
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['append k 1']);
    });
  });

  describe('on a connection that newer commands have left', () => {
    beforeEach(() => {
      way.send('set k 1');
      way.send('get k');
      way.switchTo('b');
      way.send('set k 2');
    });

    it('does not send writes behind the newer ones', async () => {
      const [set, get] = way.a.queue.map(({ command }) => command);
      way.a.lose();

      expect(way.b.written).to.deep.equal(['set k 2', 'get k']);
      expect(await outcomeOf(set!)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a', outcome: 'maybe-executed' });
      expect(await outcomeOf(get!)).to.equal('pending');
    });

    it('does not send them when the connection is used again meanwhile', async () => {
      const [set] = way.a.queue.map(({ command }) => command);
      way.switchTo('a');
      way.send('incr l');
      const last = way.send('set k 3');
      way.a.lose();
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['set k 2', 'get k', 'set k 3']);
      expect(await outcomeOf(set!)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a' });
      expect(await outcomeOf(last)).to.equal('pending');
    });

    it('gives refusals to their callers', async () => {
      const [set] = way.a.queue.map(({ command }) => command);
      way.a.refuse(READONLY);
      way.a.answer('old');

      expect(way.b.written).to.deep.equal(['set k 2']);
      expect(await outcomeOf(set!)).to.have.property('message', READONLY);
    });
  });

  describe('and stood first on a connection that fell silent', () => {
    it('are sent once more, and not a second time: they may be the cause', async () => {
      const [slow, behind] = [way.send('keys *'), way.send('get k')];
      way.dispatcher.abandon(way.a);
      way.switchTo('b');
      expect(way.b.written).to.deep.equal(['keys *', 'get k']);
      way.dispatcher.abandon(way.b);
      way.switchTo('c');

      expect(await outcomeOf(slow)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'b', outcome: 'maybe-executed' });
      expect(await outcomeOf(behind)).to.equal('pending');
    });
  });
});
