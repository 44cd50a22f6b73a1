import { expect } from 'chai';
import { outcomeOf } from './commands.ts';
import { FailedAttemptsBench } from './failed-attempts-bench.ts';

const READONLY = "READONLY You can't write against a read only replica.";

describe('Replies behind a refused command', () => {
  let bench: FailedAttemptsBench;

  beforeEach(() => {
    bench = new FailedAttemptsBench();
  });

  it('reach their callers when they are about other keys', async () => {
    const [, incr, get] = ['set k 1', 'incr l', 'get m'].map((line) => bench.send(line));
    bench.connection.refuse(READONLY);
    bench.connection.answer('1');
    bench.connection.answer('2');

    expect(await outcomeOf(incr!)).to.equal('1');
    expect(await outcomeOf(get!)).to.equal('2');
    expect(bench.takeAll()).to.deep.equal(['set k 1']);
  });

  it('reach their callers when the refused command was given up', async () => {
    bench = new FailedAttemptsBench({ maxFurtherAttempts: 0 });
    const [, get] = ['set k 1', 'get k'].map((line) => bench.send(line));
    bench.connection.refuse(READONLY);
    bench.connection.answer('old');

    expect(await outcomeOf(get!)).to.equal('old');
    expect(bench.line.length).to.equal(0);
  });

  it('reach their callers when neither changes anything', async () => {
    const [, later] = ['get k', 'get k'].map((line) => bench.send(line));
    bench.connection.refuse(READONLY);
    bench.connection.answer('1');

    expect(await outcomeOf(later!)).to.equal('1');
    expect(bench.takeAll()).to.deep.equal(['get k']);
  });

  it('to a message of the same channel end the refused one, which would be heard behind it', async () => {
    const [first, second] = ['publish c 1', 'publish c 2'].map((line) => bench.send(line));
    bench.connection.refuse('BUSY Redis is busy running a script.');
    bench.connection.answer('1');

    expect(await outcomeOf(second!)).to.equal('1');
    expect(await outcomeOf(first!)).to.include({ message: 'BUSY Redis is busy running a script.' });
    expect(bench.line.length).to.equal(0);
  });

  it('to a message of another channel leave the refused one its turn', () => {
    for (const line of ['publish c 1', 'publish d 2']) bench.send(line);
    bench.connection.refuse('BUSY Redis is busy running a script.');
    bench.connection.answer('1');

    expect(bench.takeAll()).to.deep.equal(['publish c 1']);
  });

  describe('to a read of the same key', () => {
    it('are kept, and it is read again behind the refused write', async () => {
      const [, get] = ['set k 1', 'get k'].map((line) => bench.send(line));
      bench.connection.refuse(READONLY);
      bench.connection.answer('old');

      expect(await outcomeOf(get!)).to.equal('pending');
      expect(bench.takeAll()).to.deep.equal(['set k 1', 'get k']);
    });

    it('are kept when the keys of either are not known', () => {
      for (const [write, read] of [
        ['flushall', 'get k'],
        ['set k 1', 'keys *'],
      ]) {
        bench.send(write!);
        bench.send(read!);
        bench.connection.refuse(READONLY);
        bench.connection.answer('old');
        expect(bench.takeAll()).to.deep.equal([write, read]);
      }
    });

    it('are kept in order among the refused ones', () => {
      for (const line of ['set k 1', 'get k', 'set l 1', 'get l']) bench.send(line);
      bench.connection.refuse(READONLY);
      bench.connection.answer('old');
      bench.connection.refuse(READONLY);
      bench.connection.answer('old');

      expect(bench.takeAll()).to.deep.equal(['set k 1', 'get k', 'set l 1', 'get l']);
    });

    it('do not count against the endpoint', () => {
      for (const line of ['set k 1', 'get k']) bench.send(line);
      bench.connection.refuse(READONLY);
      bench.connection.answer('old');

      expect(bench.view.failures).to.have.length(1);
    });
  });

  describe('to a write of the same key', () => {
    it('show that it overtook the refused one, whose caller gets the refusal', async () => {
      const [set, incr] = ['set k 1', 'incr k'].map((line) => bench.send(line));
      bench.connection.refuse(READONLY);
      bench.connection.answer('1');

      expect(await outcomeOf(incr!)).to.equal('1');
      const error = await outcomeOf(set!);
      expect(error).to.include({ name: 'ReplyError', message: READONLY });
      expect(error).to.deep.include({ geo: { endpointId: 'a', epoch: 0, outcome: 'not-executed' } });
      expect(bench.line.length).to.equal(0);
    });

    it('do so for all refused ones of that key, and for no other', async () => {
      const [k1, l1, k2, , get] = ['set k 1', 'set l 1', 'append k 2', 'del k', 'get k'].map((line) =>
        bench.send(line),
      );
      for (let i = 0; i < 3; i++) bench.connection.refuse(READONLY);
      bench.connection.answer('1');
      bench.connection.answer('empty');

      expect(await outcomeOf(k1!)).to.be.an('error');
      expect(await outcomeOf(k2!)).to.be.an('error');
      expect(await outcomeOf(l1!)).to.equal('pending');
      expect(await outcomeOf(get!)).to.equal('empty');
      expect(bench.takeAll()).to.deep.equal(['set l 1']);
    });

    it('do so for a read that waits as well', async () => {
      const [get, set] = ['get k', 'set k 1'].map((line) => bench.send(line));
      bench.connection.refuse('LOADING no');
      bench.connection.answer('OK');

      expect(await outcomeOf(set!)).to.equal('OK');
      expect(await outcomeOf(get!)).to.have.property('message', 'LOADING no');
    });
  });

  describe('to a read of the same key, and then to a write', () => {
    it('show what the read was answered at its place, because the refused write does not happen', async () => {
      const [set, get, incr] = ['set k 1', 'get k', 'incr k'].map((line) => bench.send(line));
      bench.connection.refuse(READONLY);
      bench.connection.answer('5');
      expect(await outcomeOf(get!)).to.equal('pending');
      bench.connection.answer('6');

      expect(await outcomeOf(set!)).to.have.property('message', READONLY);
      expect(await outcomeOf(get!)).to.equal('5');
      expect(await outcomeOf(incr!)).to.equal('6');
      expect(bench.line.length).to.equal(0);
    });

    it('are kept while another refused write is still to come', async () => {
      const [, , mget] = ['set k 1', 'set l 1', 'mget k l', 'incr k'].map((line) => bench.send(line));
      bench.connection.refuse(READONLY);
      bench.connection.refuse(READONLY);
      bench.connection.answer(['5', '5']);
      bench.connection.answer('6');

      expect(await outcomeOf(mget!)).to.equal('pending');
      expect(bench.takeAll()).to.deep.equal(['set l 1', 'mget k l']);
    });
  });

  describe('of a transaction', () => {
    it('reach their callers until EXEC, which is judged by all of its keys', async () => {
      const set = bench.send('set k 1');
      const [multi, , exec] = bench.sendTransaction('incr k');
      bench.connection.refuse(READONLY);
      bench.connection.answer('OK');
      bench.connection.answer('QUEUED');
      expect(await outcomeOf(multi!)).to.equal('OK');
      expect(await outcomeOf(set)).to.equal('pending');
      bench.connection.answer([2]);

      expect(await outcomeOf(exec!)).to.deep.equal([2]);
      expect(await outcomeOf(set)).to.have.property('message', READONLY);
    });

    it('are read again as a whole when it only read', async () => {
      bench.send('set k 1');
      const commands = bench.sendTransaction('get k', 'get l');
      bench.connection.refuse(READONLY);
      for (let i = 0; i < 3; i++) bench.connection.answer('QUEUED');
      bench.connection.answer(['old', 'old']);

      expect(await outcomeOf(commands.at(-1)!)).to.equal('pending');
      expect(bench.takeAll()).to.deep.equal(['set k 1', 'multi', 'get k', 'get l', 'exec']);
    });

    it('take a refused transaction out of the line as a whole', async () => {
      const commands = bench.sendTransaction('set k 1', 'set l 1');
      const incr = bench.send('incr l');
      bench.connection.answer('OK');
      bench.connection.refuse(READONLY);
      bench.connection.refuse(READONLY);
      bench.connection.refuse('EXECABORT Transaction discarded because of previous errors.');
      expect(bench.line.length).to.equal(4);
      bench.connection.answer('1');

      expect(bench.line.length).to.equal(0);
      expect(await outcomeOf(incr)).to.equal('1');
      expect(await outcomeOf(commands.at(-1)!)).to.have.property('message', READONLY);
    });
  });
});
