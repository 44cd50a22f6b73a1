import { expect } from 'chai';
import { SelectedDatabase } from '../../lib/dispatch/selected-database.ts';
import { outcomeOf, parse, replyError } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

describe('The selected database', () => {
  let a: FakeConnection;
  let b: FakeConnection;

  beforeEach(() => {
    a = new FakeConnection('a');
    b = new FakeConnection('b');
  });

  it('is not selected on a connection that has it', () => {
    new SelectedDatabase(0).applyTo(a);

    expect(a.written).to.deep.equal([]);
  });

  it('is selected on a connection that has another one, once', () => {
    const database = new SelectedDatabase(3);
    database.applyTo(a);
    database.applyTo(a);

    expect(a.written).to.deep.equal(['select 3']);
  });

  it('is selected on every connection in turn', () => {
    const database = new SelectedDatabase(3);
    database.applyTo(a);
    database.applyTo(b);

    expect(b.written).to.deep.equal(['select 3']);
  });

  it('is selected again when the connection was made anew', () => {
    const database = new SelectedDatabase(3);
    database.applyTo(a);
    a.database = 0;
    a.reconnect();
    database.applyTo(a);

    expect(a.written).to.deep.equal(['select 3', 'select 3']);
  });

  it('is selected again on a connection to which commands come back', () => {
    const database = new SelectedDatabase(3);
    database.applyTo(a);
    database.applyTo(b);
    a.database = 0;
    database.applyTo(a);

    expect(a.written).to.deep.equal(['select 3', 'select 3']);
  });

  describe('when the application selects another one', () => {
    it('is not selected back before the server has answered', () => {
      const database = new SelectedDatabase(0);
      database.applyTo(a);
      database.follow(parse('select 5'));
      // ioredis believes in a SELECT as soon as it is written.
      a.database = 5;
      database.applyTo(a);

      expect(a.written).to.deep.equal([]);
    });

    it('changes with the reply, which the application gets', async () => {
      const database = new SelectedDatabase(0);
      const select = parse('select 5');
      database.follow(select);
      database.applyTo(a);
      expect(a.written).to.deep.equal([]);

      select.resolve(Buffer.from('OK'));
      database.applyTo(b);

      expect(b.written).to.deep.equal(['select 5']);
      expect(await outcomeOf(select)).to.equal('OK');
    });

    it('stays when the server refuses, and the connection is told', async () => {
      const database = new SelectedDatabase(1);
      const select = parse('select 99');
      database.follow(select);
      a.database = 99;

      database.selectFailed(a);
      select.reject(replyError('ERR DB index is out of range'));
      database.applyTo(b);

      expect(a.database).to.equal(1);
      expect(b.written).to.deep.equal(['select 1']);
      expect(await outcomeOf(select)).to.be.an('error');
    });

    it('is the one of the latest reply', () => {
      const database = new SelectedDatabase(0);
      const [first, second] = [parse('select 5'), parse('select 6')];
      for (const select of [first, second]) database.follow(select);
      for (const select of [first, second]) select.resolve(Buffer.from('OK'));
      database.applyTo(a);

      expect(a.written).to.deep.equal(['select 6']);
    });
  });
});
