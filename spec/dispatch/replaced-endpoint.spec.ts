import { expect } from 'chai';
import { noteReplaced } from '../../lib/endpoints/replaced-connections.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

describe('A connection whose endpoint has been replaced', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;
  let successor: FakeConnection;
  let asked: number;
  let become: (connection: FakeConnection) => void;

  beforeEach(() => {
    asked = 0;
    successor = new FakeConnection('a');
    let present: FakeConnection | undefined;
    become = (connection) => (present = connection);
    way = new CommandWay({
      connectionTo: () => present,
      ask: () => Promise.resolve(asked++),
    });
    become(way.a);
    way.dispatcher.refresh();
  });

  function replace(): void {
    become(successor);
    noteReplaced(way.a);
    way.view.epoch++;
    way.dispatcher.activeChanged();
  }

  it('says nothing of the endpoint when it is lost, and what may be repeated elsewhere goes on there', async () => {
    const get = way.send('get k');
    const del = way.send('del k');
    replace();
    way.a.lose();

    expect(way.view.suspected).to.deep.equal([]);
    expect(successor.written).to.deep.equal(['get k']);
    expect(await outcomeOf(del)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a' });
    successor.answer('1');
    expect(await outcomeOf(get)).to.equal('1');
  });

  it('says nothing of the endpoint when it refuses, and no write runs behind newer ones', async () => {
    const incr = way.send('incr k');
    replace();
    way.a.refuse("READONLY You can't write against a read only replica.");

    expect([way.view.suspected, way.view.failures]).to.deep.equal([[], []]);
    expect(successor.written).to.deep.equal([]);
    expect(((await outcomeOf(incr)) as Error).message).to.match(/^READONLY/);
  });

  it('makes commands ambiguous that were lost before, unless they may be repeated elsewhere', async () => {
    const outcomes = [way.send('get k'), way.send('del k')].map((command) => outcomeOf(command));
    way.dispatcher.hold();
    way.a.lose();
    replace();
    way.dispatcher.release();

    expect(successor.written).to.deep.equal(['get k']);
    expect(await outcomes[1]).to.include({ code: 'GEO_AMBIGUOUS' });
  });

  it('has nobody called off at the endpoint any more: another server may know its number', async () => {
    way.dispatcher.blocked.identify(way.a);
    way.a.answer(42);
    const popped = way.send('blpop q 0');
    const calledOff = way.dispatcher.blocked.callOff(way.a);
    await time.tickAsync(100);
    expect(asked).to.be.greaterThan(1);
    replace();
    const before = asked;
    await time.tickAsync(1_000);

    expect(asked).to.equal(before);
    await calledOff;
    way.a.answer('element');
    expect(await outcomeOf(popped)).to.equal('element');
  });
});
