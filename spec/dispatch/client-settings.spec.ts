import { expect } from 'chai';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

describe('What CLIENT sets for a connection', () => {
  fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  async function set(line: string, reply: string | null = 'OK'): Promise<void> {
    const command = way.send(line);
    const connection = way.view.activeEndpointId === 'a' ? way.a : way.b;
    if (reply === null) connection.refuse('ERR no');
    else connection.answer(reply);
    await outcomeOf(command);
  }

  it('is set before anything else on the connection that takes over', async () => {
    await set('client setname app');
    await set('CLIENT NO-EVICT on');
    way.switchTo('b');
    const get = way.send('get k');
    await outcomeOf(get);

    expect(way.b.written).to.deep.equal(['client setname app', 'client NO-EVICT on']);
    way.b.answer();
    way.b.answer();
    await outcomeOf(get);
    expect(way.b.written.at(-1)).to.equal('get k');
  });

  it('is set again on the same endpoint when it is connected anew', async () => {
    await set('client setname app');
    way.a.lose();
    way.a.reconnect();

    expect(way.a.written.at(-1)).to.equal('client setname app');
  });

  it('is the last of its kind, and what the server agreed to', async () => {
    await set('client setname first');
    await set('client setname second');
    await set('client setname third', null);
    await set('client no-touch on', null);
    await set('client list');
    way.switchTo('b');

    expect(way.b.written).to.deep.equal(['client setname second']);
  });

  it('can be refused, which is told, and commands go on', async () => {
    await set('client setname app');
    way.switchTo('b');
    way.b.refuse('NOPERM no');
    const get = way.send('get k');
    await outcomeOf(get);

    expect(way.problems).to.deep.equal(['NOPERM no']);
    expect(way.b.written).to.deep.equal(['client setname app', 'get k']);
  });

  for (const [title, lines, expected] of [
    ['adds up', ['on prefix a', 'on prefix b'], ['off', 'on prefix a', 'on prefix b']],
    ['ends with OFF', ['on prefix a', 'off'], ['off']],
    ['is forgotten when it never was on', ['off'], []],
    ['is not redirected to a connection of the server that was left', ['on redirect 3'], ['off']],
  ] as const) {
    it(`${title} when it is TRACKING`, async () => {
      for (const line of lines) await set(`client tracking ${line}`);
      way.switchTo('b');

      expect(way.b.written).to.deep.equal(expected.map((line) => `client tracking ${line}`));
    });
  }

  it('is not the end of replies', async () => {
    const error = await outcomeOf(way.send('client Reply off'));

    expect(isGeoFailoverError(error, 'GEO_UNSUPPORTED_COMMAND')).to.equal(true);
    expect(way.a.written).to.deep.equal([]);
  });

  describe('beside it', () => {
    it('AUTH never goes to another endpoint', async () => {
      way.stopServing();
      const auth = way.send('auth secret');
      way.view.notServing.clear();
      way.switchTo('b');
      const error = await outcomeOf(auth);

      expect(isGeoFailoverError(error, 'GEO_NOT_MOVABLE') && error.explanation).to.include(
        'AUTH was meant for a alone',
      );
      expect(way.b.written).to.deep.equal([]);
    });
  });
});
