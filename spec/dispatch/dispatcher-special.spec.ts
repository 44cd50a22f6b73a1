import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('The command way for special commands', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  it('leaves QUIT to whoever owns the client', () => {
    const quit = way.send('quit');

    expect(way.quits).to.deep.equal([quit]);
    expect(way.a.written).to.deep.equal([]);
  });

  it('refuses what would break the order of requests and replies, in any case', async () => {
    for (const line of ['monitor', 'hello 3', 'Reset', 'psync ? -1']) {
      const error = await outcomeOf(way.send(line));

      expect(isGeoFailoverError(error, 'GEO_UNSUPPORTED_COMMAND')).to.equal(true);
      expect(error).to.have.property('outcome', 'not-executed');
    }
    expect(way.a.written).to.deep.equal([]);
  });

  describe('of transactions', () => {
    it('passes those of a pipeline', async () => {
      const commands = way.sendTransaction('set k 1');
      expect(way.a.written).to.deep.equal(['multi', 'set k 1', 'exec']);
      way.a.answer('OK');
      way.a.answer('QUEUED');
      way.a.answer(['OK']);

      expect(await Promise.all(commands.map(outcomeOf))).to.deep.equal(['OK', 'QUEUED', ['OK']]);
    });

    it('moves them as a whole when the connection is lost', async () => {
      const commands = way.sendTransaction('set k 1', 'get k');
      way.a.answer('OK');
      way.a.answer('QUEUED');
      way.a.lose();
      way.switchTo('b');
      expect(way.b.written).to.deep.equal(['multi', 'set k 1', 'get k', 'exec']);
      for (const reply of ['OK', 'QUEUED', 'QUEUED', ['OK', '1']]) way.b.answer(reply);

      expect(await outcomeOf(commands.at(-1)!)).to.deep.equal(['OK', '1']);
    });
  });

  describe('of the selected database', () => {
    it('leaves to each endpoint its own, until the application selects one', () => {
      way.b.database = way.b.ownDatabase = 3;
      way.send('get k');
      way.switchTo('b');
      way.send('get l');

      expect([way.a.written, way.b.written]).to.deep.equal([['get k'], ['get l']]);
    });

    it('selects it on every connection before anything else, and waits for the reply', async () => {
      way.send('select 2');
      way.a.answer();
      way.switchTo('b');
      way.send('get l');
      expect(way.b.written).to.deep.equal(['select 2']);
      way.b.answer();
      await time.tickAsync(0);

      expect(way.b.written).to.deep.equal(['select 2', 'get l']);
    });

    it('sends nothing to a server that does not have it: that would be executed in another one', async () => {
      way.send('select 2');
      way.a.answer();
      way.switchTo('b');
      const set = way.send('set k 1');
      way.b.refuse('ERR DB index is out of range');
      expect(await outcomeOf(set)).to.equal('pending');

      expect(way.b.written).to.deep.equal(['select 2']);
      expect(way.b.database).to.equal(0);
      way.switchTo('a');
      expect(way.a.written).to.deep.equal(['select 2', 'set k 1']);
      await time.tickAsync(10_000);
      expect(way.b.written, 'nobody asks any more').to.deep.equal(['select 2']);
    });

    it('repeats what was called before a SELECT in the database that it was meant for', async () => {
      for (const line of ['set k 1', 'select 1', 'set l 1']) way.send(line);
      way.a.lose();
      // ioredis selects again what it believes in.
      way.a.database = 1;
      way.a.reconnect();
      expect(way.a.written.slice(3)).to.deep.equal(['select 0']);
      way.a.answer();
      await time.tickAsync(0);

      expect(way.a.written.slice(4)).to.deep.equal(['set k 1', 'select 1', 'set l 1']);
    });

    it('does not repeat a refused command in the one that was selected behind it', async () => {
      const [set, get] = [way.send('set k 1'), way.send('get k')];
      way.send('select 1');
      const later = way.send('set l 1');
      way.stopServing();
      for (let i = 0; i < 2; i++) way.a.refuse('LOADING no');
      way.a.answer();
      way.a.refuse('LOADING no');
      way.switchTo('b');
      way.b.answer();
      await time.tickAsync(0);

      expect(way.b.written).to.deep.equal(['select 1', 'set l 1']);
      for (const refused of [set, get]) expect(await outcomeOf(refused)).to.have.property('message', 'LOADING no');
      expect(await outcomeOf(later)).to.equal('pending');
    });

    it('keeps commands waiting that come behind a SELECT which a left endpoint has not answered', async () => {
      way.send('select 1');
      way.switchTo('b');
      way.send('set k 1');
      expect(way.b.written).to.deep.equal([]);
      way.a.answer();
      expect(way.b.written).to.deep.equal(['select 1']);
      way.b.answer();
      await time.tickAsync(0);

      expect(way.b.written).to.deep.equal(['select 1', 'set k 1']);
    });

    it('does not keep them waiting longer than for the connection on which the answer would come', () => {
      way.send('select 1');
      way.switchTo('b');
      way.send('set k 1');
      way.a.lose();

      expect(way.b.written).to.deep.equal(['select 1', 'set k 1']);
    });

    it('is that of a transaction when EXEC is answered', () => {
      way.sendTransaction('select 1', 'set k 1');
      for (const reply of ['OK', 'QUEUED', 'QUEUED', ['OK', 'OK']]) way.a.answer(reply);
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['select 1']);
    });

    it('is not that of a transaction that was given up', () => {
      way.sendTransaction('select 1');
      for (const reply of ['OK', 'QUEUED', null]) way.a.answer(reply);
      way.a.database = 0;
      way.switchTo('b');
      way.send('get k');

      expect(way.b.written).to.deep.equal(['get k']);
    });

    it('keeps the old one when the server refuses', async () => {
      const select = way.send('select 99');
      way.a.database = 99;
      way.a.refuse('ERR DB index is out of range');

      expect(await outcomeOf(select)).to.have.property('message', 'ERR DB index is out of range');
      expect(way.a.database).to.equal(0);
    });

    it('selects it again after the connection came back', () => {
      way.send('select 4');
      way.a.answer();
      way.a.database = 0;
      way.a.lose();
      way.a.reconnect();

      expect(way.a.written).to.deep.equal(['select 4', 'select 4']);
    });
  });
});
