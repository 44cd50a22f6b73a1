import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

/** What is in flight no more without a reply was not answered, and need not be waited for. */
const NOTHING = { answered: 0, unanswered: 0 };

describe('A command way', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  describe('that is held', () => {
    it('lets commands wait until every hold is released', () => {
      way.dispatcher.hold();
      way.dispatcher.hold();
      way.send('get k');
      way.dispatcher.release();
      way.dispatcher.refresh();
      expect(way.a.written).to.deep.equal([]);

      way.dispatcher.release();

      expect(way.a.written).to.deep.equal(['get k']);
    });

    it('is drained once everything in flight is answered', async () => {
      way.send('get k');
      way.dispatcher.hold();
      let drained: unknown;
      void way.dispatcher.drained(way.a, 1_000).then((result) => (drained = result));
      await time.tickAsync(500);
      expect(drained).to.equal(undefined);
      way.a.answer('1');
      await time.tickAsync(0);

      expect(drained).to.deep.equal({ answered: 1, unanswered: 0 });
    });

    it('is drained at once where there is no connection', async () => {
      way.send('get k');
      way.a.lose();

      expect(await way.dispatcher.drained(way.a, 1_000)).to.deep.equal(NOTHING);
      expect(await way.dispatcher.drained(undefined, 1_000)).to.deep.equal(NOTHING);
    });

    it('is not drained while replies may come over a connection that takes no more commands', async () => {
      const get = way.send('get k');
      way.a.isBroken = true;
      way.send('get l');
      const drained = way.dispatcher.drained(way.a, 1_000);
      way.a.answer('1');

      expect(await drained).to.deep.equal({ answered: 1, unanswered: 0 });
      expect(await outcomeOf(get)).to.equal('1');
    });

    it('is drained when the connection is given up meanwhile', async () => {
      way.send('get k');
      const drained = way.dispatcher.drained(way.a, 1_000);
      way.dispatcher.abandon(way.a);

      expect(await drained).to.deep.equal(NOTHING);
    });

    it('is drained when the connection is lost meanwhile', async () => {
      way.send('get k');
      const drained = way.dispatcher.drained(way.a, 1_000);
      way.a.lose();

      expect(await drained).to.deep.equal(NOTHING);
    });
  });

  describe('that gives a connection up', () => {
    it('sends what was in flight to the endpoint that takes over, before anything newer', () => {
      for (const line of ['set k 1', 'get k']) way.send(line);
      way.dispatcher.abandon(way.a);
      way.send('get l');
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['set k 1', 'get k', 'get l']);
    });

    it('tells callers whose command may have been executed', async () => {
      const incr = way.send('incr k');
      way.dispatcher.abandon(way.a);
      way.switchTo('b');

      expect(isGeoFailoverError(await outcomeOf(incr), 'GEO_AMBIGUOUS')).to.equal(true);
      expect(way.b.written).to.deep.equal([]);
    });

    it('does not mind an endpoint without a connection', () => {
      expect(() => way.dispatcher.abandon(undefined)).not.to.throw();
    });
  });

  describe('that is asked whether it is idle', () => {
    /** How many of two who ask have been told. */
    function ask(): { told: number } {
      const answer = { told: 0 };
      for (let i = 0; i < 2; i++) void way.dispatcher.idle().then(() => answer.told++);
      return answer;
    }

    it('is, while nothing waits', async () => {
      way.send('get k');
      const answer = ask();
      await time.tickAsync(0);

      expect(answer.told).to.equal(2);
    });

    it('is once what waited was sent, and tells everybody who asked', async () => {
      way.stopServing();
      way.send('get k');
      const answer = ask();
      await time.tickAsync(0);
      expect(answer.told).to.equal(0);
      way.serveAgain();
      await time.tickAsync(0);

      expect(answer.told).to.equal(2);
    });

    it('is once it is closed', async () => {
      way.stopServing();
      way.send('get k');
      const answer = ask();
      way.dispatcher.close();
      await time.tickAsync(0);

      expect(answer.told).to.equal(2);
    });
  });

  describe('that is closed', () => {
    it('rejects what waits and whatever comes', async () => {
      way.stopServing();
      const before = way.send('get k');
      way.dispatcher.close();
      const after = way.send('get l');

      for (const sent of [before, after]) {
        expect(await outcomeOf(sent)).to.deep.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
      }
    });

    it('says of what was in flight that it may have been executed', async () => {
      const set = way.send('set k 1');
      way.dispatcher.close();
      way.a.lose();

      expect(await outcomeOf(set)).to.deep.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'maybe-executed' });
    });

    it('settles a transaction of which a refused member waits for EXEC', async () => {
      const commands = way.sendTransaction('set k 1', 'set l 1');
      way.a.answer();
      way.a.refuse('MISCONF Errors writing to the AOF file');
      way.a.answer('QUEUED');
      way.dispatcher.close();
      way.a.lose();

      const [, set, , exec] = await Promise.all(commands.map(outcomeOf));
      for (const error of [set, exec]) expect(error).to.include({ code: 'GEO_CLIENT_CLOSED' });
    });

    it('settles what a server refuses after that', async () => {
      const [set, other] = [way.send('set k 1'), way.send('incr l')];
      way.dispatcher.close();
      way.a.refuse('NOREPLICAS Not enough good replicas to write.');
      way.a.giveBack();

      const outcomes = await Promise.all([set, other].map(outcomeOf));
      expect(outcomes[0]).to.include({ message: 'NOREPLICAS Not enough good replicas to write.' });
      expect(outcomes[1]).to.include({ code: 'GEO_CLIENT_CLOSED', outcome: 'not-executed' });
    });

    it('settles a read that was to be answered behind a refused write, when the reply to that does not come', async () => {
      const sent = [way.send('incr k'), way.send('get k'), way.send('get l')];
      way.dispatcher.close();
      way.a.refuse('NOREPLICAS Not enough good replicas to write.');
      way.a.answer('0');
      way.a.lose();

      for (const command of sent) expect(await outcomeOf(command)).to.have.property('message');
    });

    it('sends nothing any more', () => {
      way.dispatcher.close();
      way.dispatcher.refresh();
      way.send('get k');

      expect(way.a.written).to.deep.equal([]);
    });
  });
});
