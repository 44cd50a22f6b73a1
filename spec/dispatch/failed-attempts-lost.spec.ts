import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { outcomeOf } from './commands.ts';
import { FailedAttemptsBench } from './failed-attempts-bench.ts';

describe('Commands whose connection is lost', () => {
  let bench: FailedAttemptsBench;

  beforeEach(() => {
    bench = new FailedAttemptsBench();
  });

  it('wait in the order in which they were sent', () => {
    for (const line of ['set k 1', 'get k', 'set k 2']) bench.send(line);
    bench.connection.lose();

    expect(bench.takeAll()).to.deep.equal(['set k 1', 'get k', 'set k 2']);
    expect(bench.changes).to.equal(1);
  });

  it('come before those that were never sent', () => {
    const fresh = bench.book.entryOf(bench.send('get fresh'), 'a');
    bench.connection.queue = [];
    bench.line.push(fresh, 1);
    bench.send('get k');
    bench.connection.lose();

    expect(bench.takeAll()).to.deep.equal(['get k', 'get fresh']);
  });

  it('carry what is known of the attempt', () => {
    const error = new Error('read ECONNRESET');
    bench.view.epoch = 4;
    bench.send('set k 1');
    bench.connection.lose(error);

    const [entry] = bench.line.takeAll();
    const { connection } = bench;
    expect(entry?.failure).to.deep.equal({ kind: 'ambiguous', endpointId: 'a', epoch: 4, connection, error });
    expect(entry).to.include({ sent: true, failures: 1 });
  });

  it('are left to their callers when the answer was there already', () => {
    const get = bench.send('get k');
    get.resolve(Buffer.from('1'));
    bench.connection.lose();

    expect(bench.line.length).to.equal(0);
  });

  it('say nothing against the endpoint, which others judge', () => {
    bench.send('get k');
    bench.connection.lose();

    expect([bench.view.failures, bench.view.suspected, bench.refusals]).to.deep.equal([[], [], []]);
  });

  describe('and must not be sent again to any endpoint', () => {
    it('fail at once, and say that they may have been executed', async () => {
      const cause = new Error('read ECONNRESET');
      const incr = bench.send('incr k');
      bench.connection.lose(cause);

      expect(bench.line.length).to.equal(0);
      const expected = { code: 'GEO_AMBIGUOUS', endpointId: 'a', outcome: 'maybe-executed', cause };
      expect(await outcomeOf(incr)).to.deep.include(expected);
    });

    it('wait when one of the caps admits them', () => {
      bench.send('del k');
      bench.connection.lose();
      expect(bench.takeAll()).to.deep.equal(['del k']);

      bench = new FailedAttemptsBench({ caps: { sameEndpoint: 'none', otherEndpoint: 'any' } });
      bench.send('incr k');
      bench.connection.lose();
      expect(bench.takeAll()).to.deep.equal(['incr k']);
    });
  });

  describe('again and again', () => {
    it('fail once they had the attempts that the application allows', async () => {
      bench = new FailedAttemptsBench({ maxFurtherAttempts: 2 });
      const get = bench.send('get k');
      for (let i = 0; i < 2; i++) {
        bench.connection.lose();
        expect(bench.takeAll()).to.deep.equal(['get k']);
        bench.connection.send(get, undefined);
      }
      bench.connection.lose();

      expect(bench.line.length).to.equal(0);
      expect(isGeoFailoverError(await outcomeOf(get), 'GEO_AMBIGUOUS')).to.equal(true);
    });
  });

  describe('in a transaction', () => {
    it('wait as a whole, also those that were answered with QUEUED', () => {
      bench.sendTransaction('set k 1', 'get k');
      for (let i = 0; i < 3; i++) bench.connection.answer('QUEUED');
      bench.connection.lose();

      expect(bench.takeAll()).to.deep.equal(['multi', 'set k 1', 'get k', 'exec']);
    });

    it('wait once, however many of them were in flight', () => {
      bench.send('get before');
      bench.sendTransaction('set k 1');
      bench.sendTransaction('set l 1');
      bench.send('get behind');
      bench.connection.lose();

      const whole = ['multi', 'set k 1', 'exec', 'multi', 'set l 1', 'exec'];
      expect(bench.takeAll()).to.deep.equal(['get before', ...whole, 'get behind']);
    });

    it('are judged by the least repeatable one', async () => {
      const commands = bench.sendTransaction('set k 1', 'incr l');
      bench.connection.lose();

      expect(bench.line.length).to.equal(0);
      for (const command of commands) {
        expect(isGeoFailoverError(await outcomeOf(command), 'GEO_AMBIGUOUS')).to.equal(true);
      }
    });

    it('are known not to be executed when one of them had been refused', () => {
      bench.sendTransaction('incr k', 'incr l');
      bench.connection.answer('OK');
      bench.connection.refuse('READONLY no');
      bench.connection.lose();

      const entries = bench.line.takeAll();
      expect(entries.map(({ command }) => command.name)).to.deep.equal(['multi', 'incr', 'incr', 'exec']);
      expect(entries.map(({ failure }) => failure?.kind)).to.deep.equal(Array(4).fill('rejected'));
      expect(entries[1]?.failure?.error?.message).to.equal('READONLY no');
      expect(entries[1]?.heldError).to.equal(undefined);
    });
  });

  describe('without having been written', () => {
    it('wait, and their own object may be sent once more', () => {
      const get = bench.send('get k');
      bench.connection.lose();
      const [entry] = bench.line.takeAll();
      bench.connection.isBroken = true;
      bench.connection.send(get, undefined);

      expect(bench.line.head).to.equal(entry);
      expect(entry?.sent).to.equal(false);
    });

    it('are not failed attempts', () => {
      bench.connection.isBroken = true;
      bench.send('incr k');

      const [entry] = bench.line.takeAll();
      expect(entry).to.include({ failures: 0, failure: undefined, sent: false });
    });

    it('keep their order', () => {
      bench.connection.isBroken = true;
      for (const line of ['set k 1', 'incr k', 'get k']) bench.send(line);

      expect(bench.takeAll()).to.deep.equal(['set k 1', 'incr k', 'get k']);
    });
  });
});
