import { expect } from 'chai';
import { InFlightWatch } from '../../lib/dispatch/in-flight-watch.ts';
import { outcomeOf, parse, print } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

describe('A watch over what is in flight', () => {
  let connection: FakeConnection;
  let replies: string[];
  let emptied: number;

  beforeEach(() => {
    connection = new FakeConnection('a');
    replies = [];
    emptied = 0;
  });

  function send(line: string): ReturnType<typeof parse> {
    const command = parse(line);
    connection.send(command, undefined);
    return command;
  }

  function watch(delivers = true): InFlightWatch {
    return new InFlightWatch(
      connection,
      ({ command }, deliver) => {
        replies.push(print(command));
        if (delivers) deliver();
      },
      () => emptied++,
    );
  }

  it('is empty, and does not say so, when nothing is in flight', () => {
    expect(watch().size).to.equal(0);
    expect(emptied).to.equal(0);
  });

  it('shows every reply on its way to the caller', async () => {
    const [get, set] = [send('get k'), send('set k 1')];
    watch();
    connection.answer('1');
    connection.answer();

    expect(replies).to.deep.equal(['get k', 'set k 1']);
    expect(await outcomeOf(get)).to.equal('1');
    expect(await outcomeOf(set)).to.equal('OK');
  });

  it('can keep a reply from the caller', async () => {
    const get = send('get k');
    watch(false);
    connection.answer('1');

    expect(await outcomeOf(get)).to.equal('pending');
    expect(emptied).to.equal(1);
  });

  it('does not watch what is sent afterwards', () => {
    send('get k');
    watch();
    send('get l');
    connection.answer('1');

    expect(emptied).to.equal(1);
    connection.answer('2');
    expect(replies).to.deep.equal(['get k']);
  });

  it('says once that nothing is left, when the last one is answered', () => {
    send('get k');
    send('get l');
    const watching = watch();

    connection.answer('1');
    expect([emptied, watching.size]).to.deep.equal([0, 1]);
    connection.answer('2');
    expect([emptied, watching.size]).to.deep.equal([1, 0]);
  });

  it('counts what is settled otherwise', () => {
    const [get, set] = [send('get k'), send('set k 1')];
    const watching = watch();

    watching.settled(set);
    watching.settled(set);
    expect(emptied).to.equal(0);
    watching.settled(get);
    watching.settled(get);

    expect(emptied).to.equal(1);
  });

  it('does not mind what it does not watch', () => {
    send('get k');
    const watching = watch();

    watching.settled(parse('get k'));

    expect(watching.size).to.equal(1);
  });

  it('has nothing to do with the reply to a later attempt of what was settled otherwise', async () => {
    const get = send('get k');
    const watching = watch(false);
    watching.settled(get);

    connection.answer('1');

    expect(replies).to.deep.equal([]);
    expect(await outcomeOf(get)).to.equal('1');
  });

  describe('that is stopped', () => {
    it('says nothing any more and lets replies pass', async () => {
      const get = send('get k');
      const watching = watch(false);
      watching.stop();
      connection.answer('1');

      expect([replies, emptied]).to.deep.equal([[], 0]);
      expect(await outcomeOf(get)).to.equal('1');
    });
  });

  it('works beside another one', async () => {
    const get = send('get k');
    watch();
    watch();
    connection.answer('1');

    expect([replies, emptied]).to.deep.equal([['get k', 'get k'], 2]);
    expect(await outcomeOf(get)).to.equal('1');
  });
});
