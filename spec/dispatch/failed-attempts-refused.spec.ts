import { expect } from 'chai';
import { outcomeOf } from './commands.ts';
import { FailedAttemptsBench } from './failed-attempts-bench.ts';

const READONLY = "READONLY You can't write against a read only replica.";
const OOM = "OOM command not allowed when used memory > 'maxmemory'.";
const ABORTED = 'EXECABORT Transaction discarded because of previous errors.';

describe('Commands that an endpoint refuses', () => {
  let bench: FailedAttemptsBench;

  beforeEach(() => {
    bench = new FailedAttemptsBench();
  });

  it('wait, and the error is kept from the caller', async () => {
    const incr = bench.send('incr k');
    bench.connection.refuse(READONLY);

    expect(await outcomeOf(incr)).to.equal('pending');
    expect(bench.takeAll()).to.deep.equal(['incr k']);
  });

  it('have the endpoint looked at, and count against it', () => {
    bench.send('incr k');
    bench.connection.refuse(READONLY);

    expect(bench.view.suspected).to.deep.equal(['a: rejected']);
    expect(bench.view.failures).to.deep.equal([{ endpointId: 'a', message: READONLY, isRound: true }]);
    expect(bench.refusals).to.deep.equal([`incr k: ${READONLY}`]);
    expect(bench.changes).to.be.above(0);
  });

  it('get an error that is their own as it is', async () => {
    const get = bench.send('get k');
    bench.connection.refuse('WRONGTYPE no');

    expect(await outcomeOf(get)).to.include({ name: 'ReplyError', message: 'WRONGTYPE no' });
    expect(bench.line.length).to.equal(0);
    expect([bench.view.failures, bench.view.suspected]).to.deep.equal([[], []]);
  });

  it('do not wait when their caller has its answer already', () => {
    const get = bench.send('get k');
    get.resolve(Buffer.from('1'));
    bench.connection.refuse(READONLY);

    expect(bench.line.length).to.equal(0);
  });

  it("end with the server's reply when the attempts are used up", async () => {
    bench = new FailedAttemptsBench({ maxFurtherAttempts: 1 });
    const set = bench.send('set k 1');
    bench.connection.refuse(READONLY);
    bench.takeAll();
    bench.view.epoch = 3;
    bench.connection.send(set, undefined);
    bench.connection.refuse(READONLY);

    const error = await outcomeOf(set);
    expect(error).to.include({ name: 'ReplyError', message: READONLY });
    expect(error).to.deep.include({ geo: { endpointId: 'a', epoch: 3, outcome: 'not-executed' } });
    expect(bench.line.length).to.equal(0);
  });

  describe('for lack of memory or of clients', () => {
    it('count against the endpoint, which is not looked at for that', () => {
      bench.send('set k 1');
      bench.connection.refuse(OOM);

      expect(bench.view.failures).to.deep.equal([{ endpointId: 'a', message: OOM, isRound: true }]);
      expect(bench.view.suspected).to.deep.equal([]);
    });

    it('get two further attempts, and then the reply', async () => {
      const set = bench.send('set k 1');
      for (let i = 0; i < 2; i++) {
        bench.connection.refuse(OOM);
        expect(bench.takeAll()).to.deep.equal(['set k 1']);
        bench.connection.send(set, undefined);
      }
      bench.connection.refuse(OOM);

      expect(await outcomeOf(set)).to.include({ name: 'ReplyError', message: OOM });
      expect(bench.line.length).to.equal(0);
    });
  });

  describe('in a row', () => {
    it('are one round', () => {
      for (const line of ['set k 1', 'set l 1', 'set m 1']) bench.send(line);
      for (let i = 0; i < 3; i++) bench.connection.refuse(READONLY);

      expect(bench.view.failures.map(({ isRound }) => isRound)).to.deep.equal([true, false, false]);
      expect(bench.takeAll()).to.deep.equal(['set k 1', 'set l 1', 'set m 1']);
    });

    it('begin a new round when nothing of the one before is in flight', () => {
      bench.send('set k 1');
      bench.connection.refuse(READONLY);
      bench.send('set l 1');
      bench.connection.refuse(READONLY);

      expect(bench.view.failures.map(({ isRound }) => isRound)).to.deep.equal([true, true]);
    });

    it('are settling until all that was in flight is answered', () => {
      for (const line of ['set k 1', 'get l', 'get m', 'get n']) bench.send(line);
      expect(bench.attempts.isSettling(bench.connection)).to.equal(false);
      bench.connection.refuse(READONLY);
      expect(bench.attempts.isSettling(bench.connection)).to.equal(true);
      bench.connection.answer('1');
      bench.connection.refuse('WRONGTYPE no');
      expect(bench.attempts.isSettling(bench.connection)).to.equal(true);
      const { changes } = bench;
      bench.connection.answer('1');

      expect(bench.attempts.isSettling(bench.connection)).to.equal(false);
      expect(bench.changes).to.be.above(changes);
    });

    it('do not settle when nothing was in flight behind them', () => {
      bench.send('set k 1');
      bench.connection.refuse(READONLY);

      expect(bench.attempts.isSettling(bench.connection)).to.equal(false);
    });

    it('settle no more when their connection is lost', () => {
      for (const line of ['set k 1', 'set l 1', 'get m']) bench.send(line);
      bench.connection.refuse(READONLY);
      bench.connection.lose();

      expect(bench.attempts.isSettling(bench.connection)).to.equal(false);
      expect(bench.takeAll()).to.deep.equal(['set k 1', 'set l 1', 'get m']);
    });
  });

  describe('in a transaction', () => {
    it('are held until EXEC shows what became of it, and then wait as a whole', async () => {
      const [, set] = bench.sendTransaction('set k 1', 'incr l');
      bench.connection.answer('OK');
      bench.connection.refuse(READONLY);
      expect(bench.line.length).to.equal(0);
      expect(await outcomeOf(set!)).to.equal('pending');
      bench.connection.refuse(READONLY);
      bench.connection.refuse(ABORTED);

      expect(bench.takeAll()).to.deep.equal(['multi', 'set k 1', 'incr l', 'exec']);
    });

    it('count once, with the reason of the first of them', () => {
      bench.sendTransaction('set k 1', 'incr l');
      bench.connection.answer('OK');
      bench.connection.refuse(READONLY);
      bench.connection.refuse('MISCONF no');
      bench.connection.refuse(ABORTED);

      expect(bench.view.failures).to.deep.equal([{ endpointId: 'a', message: READONLY, isRound: true }]);
      expect(bench.refusals).to.deep.equal([`exec: ${READONLY}`]);
    });

    it('fail with it when it is aborted for a reason of the application', async () => {
      const [, set, bad, exec] = bench.sendTransaction('set k 1', 'get');
      bench.connection.answer('OK');
      bench.connection.refuse(READONLY);
      bench.connection.refuse("ERR wrong number of arguments for 'get' command");
      bench.connection.refuse(ABORTED);

      expect(bench.line.length).to.equal(0);
      expect(await outcomeOf(set!)).to.have.property('message', READONLY);
      expect(await outcomeOf(bad!))
        .to.have.property('message')
        .that.contains('wrong number');
      expect(await outcomeOf(exec!)).to.have.property('message', ABORTED);
    });
  });

  describe('for overload, again and again', () => {
    beforeEach(() => {
      const set = bench.send('set k 1');
      for (let i = 0; i < 3; i++) {
        bench.connection.refuse('OOM no');
        if (i < 2) bench.connection.send(bench.line.takeAll()[0]!.command, undefined);
      }
      expect(bench.line.length).to.equal(0);
      return outcomeOf(set);
    });

    it('are told at once for a while, so that they do not hold up what is not refused', async () => {
      const set = bench.send('set l 1');
      bench.connection.refuse('OOM no');

      expect(await outcomeOf(set)).to.have.property('message', 'OOM no');
    });

    it('are tried again after that', async () => {
      bench.clock.advance(1_000);
      const set = bench.send('set l 1');
      bench.connection.refuse('OOM no');

      expect(await outcomeOf(set)).to.equal('pending');
    });
  });
});
