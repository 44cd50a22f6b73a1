import { expect } from 'chai';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { CommandWay } from './command-way.ts';
import { outcomeOf } from './commands.ts';

const MANY = 5_000;

/** What is sent in one turn of the event loop. */
const AT_ONCE = 2_000;

describe('A long line', () => {
  const time = fakeTimeForEachTest();
  let way: CommandWay;

  beforeEach(() => {
    way = new CommandWay();
  });

  const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${prefix}:${n}`);

  /** Commands that wait because the active endpoint is suspected. */
  function letWait(count: number): string[] {
    way.stopServing();
    const lines = names('get k', count);
    for (const line of lines) way.send(line);
    return lines;
  }

  it('leaves in pieces, between which others have their turn', async () => {
    const lines = letWait(MANY);
    way.serveAgain();
    expect(way.a.written).to.deep.equal(lines.slice(0, AT_ONCE));
    // Whatever else happens in this turn.
    way.dispatcher.refresh();
    expect(way.a.written).to.have.length(AT_ONCE);
    way.a.answer();

    const late = way.send('get late');
    await time.tickAsync(10);
    expect(way.a.written).to.deep.equal([...lines, 'get late']);
    way.send('get later');
    expect(way.a.written.at(-1)).to.equal('get later');
    expect(way.a.queue.at(-2)?.command).to.equal(late);
  });

  it('leaves at once when it is not so long', () => {
    const lines = letWait(AT_ONCE);
    way.serveAgain();

    expect(way.a.written).to.deep.equal(lines);
  });

  it('goes where the rest may go, when the endpoint changes in between', async () => {
    const lines = letWait(MANY);
    way.serveAgain();
    way.switchTo('b');
    await time.tickAsync(10);

    expect(way.a.written).to.deep.equal(lines.slice(0, AT_ONCE));
    expect(way.b.written).to.deep.equal(lines.slice(AT_ONCE));
  });

  it('keeps its order when the connection is lost in between', async () => {
    const lines = letWait(MANY);
    way.serveAgain();
    way.a.lose();
    await time.tickAsync(10);
    way.a.written.length = 0;
    way.a.reconnect();
    await time.tickAsync(10);

    expect(way.a.written).to.deep.equal(lines);
  });

  it('does not split a transaction', () => {
    way.stopServing();
    for (const line of names('get k', AT_ONCE - 1)) way.send(line);
    way.sendTransaction('set a 1', 'set b 2');
    way.send('get l');
    way.serveAgain();

    expect(way.a.written.slice(AT_ONCE - 1)).to.deep.equal(['multi', 'set a 1', 'set b 2', 'exec']);
  });

  it('is looked at as a whole where a command behind a refused one may have overtaken it', async () => {
    const refused = way.send('sadd s x');
    const lines = names('get k', MANY);
    for (const line of lines) way.send(line);
    // Perhaps it was executed, and it is not repeated elsewhere.
    const doubtful = way.send('del s');
    way.a.refuse('LOADING not yet');
    way.a.lose();
    way.switchTo('b');
    await time.tickAsync(10);

    expect(way.b.written).to.deep.equal(lines);
    expect(await outcomeOf(doubtful)).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'a' });
    expect(await outcomeOf(refused)).to.have.property('message', 'LOADING not yet');
  });

  it('is looked at as a whole where a SELECT says what those behind it are about', async () => {
    way.send('select 3');
    const lines = names('get k', MANY);
    for (const line of lines) way.send(line);
    way.a.lose();
    way.a.reconnect();
    expect(way.a.written.splice(0).at(-1)).to.equal('select 0');
    way.a.answer();
    await time.tickAsync(10);

    // Whatever becomes of SELECT: it is not answered yet.
    expect(way.a.written).to.deep.equal(['select 3', ...lines]);
  });
});
