import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { command, outcomeOf, stream } from './commands.ts';

describe('The command way', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  describe('while all is well', () => {
    it('passes commands to the active endpoint at once, as they are', async () => {
      const get = way.send('get k');

      expect(way.a.head).to.equal(get);
      way.a.answer('1');
      expect(await outcomeOf(get)).to.equal('1');
    });

    it('sets no timer', () => {
      way.send('get k');

      expect(time.countTimers()).to.equal(0);
    });

    it('hands errors of the application over', async () => {
      const get = way.send('get k');
      way.a.refuse('WRONGTYPE no');

      expect(await outcomeOf(get)).to.have.property('message', 'WRONGTYPE no');
    });
  });

  describe('while it is parked', () => {
    beforeEach(() => {
      way.dispatcher.park();
    });

    it('wakes with the first command, which goes at once', () => {
      way.send('get k');
      way.send('get l');

      expect(way.a.written).to.deep.equal(['get k', 'get l']);
      expect(way.wakes).to.equal(1);
    });

    it('stays parked whatever changes', () => {
      way.dispatcher.refresh();
      way.switchTo('b');
      expect(way.wakes).to.equal(0);

      way.send('get k');

      expect([way.b.written, way.wakes]).to.deep.equal([['get k'], 1]);
    });

    it('lets the first command wait when it cannot go', () => {
      way.stopServing();
      way.send('get k');
      expect([way.a.written, way.wakes]).to.deep.equal([[], 1]);
      way.serveAgain();

      expect(way.a.written).to.deep.equal(['get k']);
    });

    it('does not rest while something waits', () => {
      way.stopServing();
      way.send('get k');
      expect(way.dispatcher.park()).to.equal(false);
      way.serveAgain();
      way.send('get l');

      expect([way.a.written, way.wakes]).to.deep.equal([['get k', 'get l'], 1]);
    });

    it('lets a pipeline go that begins with a command which is refused', () => {
      const pipeline = stream();
      way.dispatcher.send(command('monitor'), pipeline);
      way.dispatcher.send(command('get', 'k'), pipeline);

      expect([way.a.skipped, way.a.written]).to.deep.equal([1, ['get k']]);
    });
  });

  describe('while the active endpoint does not serve', () => {
    it('lets commands wait and sends them in order', () => {
      way.stopServing();
      for (const line of ['set k 1', 'incr k', 'get k']) way.send(line);
      expect(way.a.written).to.deep.equal([]);

      way.serveAgain();
      way.send('get l');

      expect(way.a.written).to.deep.equal(['set k 1', 'incr k', 'get k', 'get l']);
      expect(way.a.batches).to.equal(1);
    });

    it('waits for a connection that is not ready', () => {
      way.a.isReady = false;
      way.dispatcher.refresh();
      way.send('get k');

      way.a.reconnect();

      expect(way.a.written).to.deep.equal(['get k']);
    });

    it('waits for a new connection when the present one takes no more', () => {
      way.a.isBroken = true;
      for (const line of ['set k 1', 'get k']) way.send(line);
      way.a.lose();
      way.a.reconnect();

      expect(way.a.written).to.deep.equal(['set k 1', 'get k']);
    });

    it('sends them to the endpoint that takes over', () => {
      way.stopServing();
      way.send('set k 1');

      way.switchTo('b');

      expect([way.a.written, way.b.written]).to.deep.equal([[], ['set k 1']]);
    });

    it('rejects administration that was meant for the endpoint that was left', async () => {
      way.stopServing();
      const [flush, get] = [way.send('flushall'), way.send('get k')];
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(['get k']);
      expect(isGeoFailoverError(await outcomeOf(flush), 'GEO_NOT_MOVABLE')).to.equal(true);
      expect(await outcomeOf(get)).to.equal('pending');
    });

    it('rejects what is one too many', async () => {
      way = new CommandWay({
        options: { ...DEFAULTS, failover: { ...DEFAULTS.failover, maxWaitingCommands: 1 } },
      });
      way.stopServing();
      const [first, second] = [way.send('get k'), way.send('get l')];

      expect(await outcomeOf(first)).to.equal('pending');
      expect(await outcomeOf(second)).to.deep.include({ code: 'GEO_LINE_OVERFLOW', outcome: 'not-executed' });
    });

    it('rejects what is too large', async () => {
      way = new CommandWay({
        options: { ...DEFAULTS, failover: { ...DEFAULTS.failover, maxWaitingBytes: 10 } },
      });
      way.stopServing();
      const set = way.send(`set k ${'x'.repeat(10)}`);

      expect(isGeoFailoverError(await outcomeOf(set), 'GEO_LINE_OVERFLOW')).to.equal(true);
    });
  });

  describe('when commands have waited for too long', () => {
    it('says that no endpoint is healthy, and when it looks again', async () => {
      way.stopServing();
      way.view.hasHealthyEndpoint = false;
      way.view.activeError = new Error('WRONGPASS no');
      const get = way.send('get k');
      await time.tickAsync(DEFAULTS.retry.deadlineMs + 10);

      expect(await outcomeOf(get)).to.deep.include({
        code: 'GEO_NO_HEALTHY_ENDPOINT',
        endpointId: 'a',
        outcome: 'not-executed',
        retryAfterMs: 1_000,
        cause: way.view.activeError,
      });
    });

    it('says that the time is up when there is a healthy endpoint', async () => {
      way.stopServing();
      const get = way.send('get k');
      await time.tickAsync(DEFAULTS.retry.deadlineMs - 1);
      expect(await outcomeOf(get)).to.equal('pending');
      await time.tickAsync(11);

      expect(isGeoFailoverError(await outcomeOf(get), 'GEO_DEADLINE_EXCEEDED')).to.equal(true);
    });

    it('waits on when the application wants no limit', async () => {
      way = new CommandWay({ maxRetriesPerRequest: null });
      way.stopServing();
      const get = way.send('get k');
      await time.tickAsync(86_400_000);

      expect(await outcomeOf(get)).to.equal('pending');
    });

    it("ends them earlier by the application's own timeout", async () => {
      way = new CommandWay({ commandTimeoutMs: 200 });
      way.stopServing();
      const get = way.send('get k');
      await time.tickAsync(200);
      expect(await outcomeOf(get)).to.have.property('message', 'Command timed out');

      way.serveAgain();

      expect(way.a.written).to.deep.equal([]);
    });

    it('does not make whoever waits for all of them wait for those that were ended by it', async () => {
      way = new CommandWay({ commandTimeoutMs: 200, maxRetriesPerRequest: null });
      way.stopServing();
      const early = way.send('get k');
      await time.tickAsync(100);
      const late = way.send('get l');
      let isIdle = false;
      await time.tickAsync(101);
      void way.dispatcher.idle().then(() => (isIdle = true));
      await time.tickAsync(50);
      expect([await outcomeOf(early), isIdle]).to.deep.include.members([false]);
      await time.tickAsync(50);

      expect(await outcomeOf(late)).to.have.property('message', 'Command timed out');
      expect(isIdle).to.equal(true);
    });

    it('does not count those against the limits that were ended by it', async () => {
      const failover = { ...DEFAULTS.failover, maxWaitingCommands: 2 };
      way = new CommandWay({ options: { ...DEFAULTS, failover }, commandTimeoutMs: 200, maxRetriesPerRequest: null });
      way.stopServing();
      for (const line of ['get k', 'get l']) way.send(line);
      expect(await outcomeOf(way.send('get m'))).to.include({ code: 'GEO_LINE_OVERFLOW' });
      await time.tickAsync(200);

      expect(await outcomeOf(way.send('get n'))).to.equal('pending');
    });
  });
});
