import { expect } from 'chai';
import type { DrainResult } from '../../lib/endpoints/connection.ts';
import { Drains } from '../../lib/dispatch/drains.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { outcomeOf, parse } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

describe('Waiting until a connection is drained', () => {
  let clock: FakeClock;
  let connection: FakeConnection;
  let drains: Drains;

  beforeEach(() => {
    clock = new FakeClock();
    connection = new FakeConnection('a');
    drains = new Drains(clock);
  });

  function send(line: string): ReturnType<typeof parse> {
    const command = parse(line);
    connection.send(command, undefined);
    return command;
  }

  /** The outcome once it is known. */
  function drain(deadlineMs = 100): { outcome: DrainResult | undefined } {
    const result: { outcome: DrainResult | undefined } = { outcome: undefined };
    void drains.drained(connection, deadlineMs).then((outcome) => (result.outcome = outcome));
    return result;
  }

  it('takes no time when nothing is in flight', async () => {
    expect(await drains.drained(connection, 100)).to.deep.equal({ answered: 0, unanswered: 0 });
    expect(await drains.drained(undefined, 100)).to.deep.equal({ answered: 0, unanswered: 0 });
    expect(clock.timers).to.deep.equal([]);
  });

  it('is ended when nobody waits any more, without a timer left or anything to be given up', async () => {
    const get = send('get k');
    const drained = [drain(), drain(10_000)];
    drains.end();
    await Promise.resolve();

    expect(drained.map(({ outcome }) => outcome)).to.deep.equal(Array(2).fill({ answered: 0, unanswered: 0 }));
    expect(clock.timers).to.deep.equal([]);
    connection.answer('1');
    expect(await outcomeOf(get)).to.equal('1');
  });

  it('ends with the last reply, and leaves no timer behind', async () => {
    const [get, set] = [send('get k'), send('set k 1')];
    const drained = drain();

    connection.answer('1');
    await Promise.resolve();
    expect(drained.outcome).to.equal(undefined);
    connection.answer();
    await Promise.resolve();

    expect(drained.outcome).to.deep.equal({ answered: 2, unanswered: 0 });
    expect(clock.timers).to.deep.equal([]);
    expect([await outcomeOf(get), await outcomeOf(set)]).to.deep.equal(['1', 'OK']);
  });

  it('does not wait for what is sent afterwards', async () => {
    send('get k');
    const drained = drain();
    send('get l');
    connection.answer('1');
    await Promise.resolve();

    expect(drained.outcome).to.deep.equal({ answered: 1, unanswered: 0 });
  });

  it('does not wait for what is in flight no more for another reason', async () => {
    send('get k');
    send('get l');
    const drained = drain();
    drains.settled(connection.abandon());
    await Promise.resolve();

    expect(drained.outcome).to.deep.equal({ answered: 0, unanswered: 0 });
  });

  it('counts errors that are answers, once each', async () => {
    const [get, other] = [send('get k'), send('get l')];
    const drained = drain();
    drains.settled([{ command: get }], { areAnswered: true });
    drains.settled([{ command: get }], { areAnswered: true });
    drains.settled([{ command: parse('get m') }], { areAnswered: true });
    drains.settled([{ command: other }]);
    await Promise.resolve();

    expect(drained.outcome).to.deep.equal({ answered: 1, unanswered: 0 });
  });

  describe('that takes too long', () => {
    it('ends without success when the time is up', async () => {
      send('get k');
      const drained = drain(100);

      clock.advance(99);
      await Promise.resolve();
      expect(drained.outcome).to.equal(undefined);
      clock.advance(1);
      await Promise.resolve();

      expect(drained.outcome).to.deep.equal({ answered: 0, unanswered: 1 });
    });

    it('does not count time in which the process stood still', async () => {
      send('get k');
      const drained = drain(100);
      clock.freeze(60_000);
      connection.answer('1');
      clock.pollUntilIdle();
      await Promise.resolve();

      expect(drained.outcome).to.deep.equal({ answered: 1, unanswered: 0 });
    });

    it('lets late replies through all the same', async () => {
      const get = send('get k');
      const drained = drain(100);
      clock.advance(100);
      connection.answer('1');
      await Promise.resolve();

      expect(drained.outcome).to.deep.equal({ answered: 0, unanswered: 1 });
      expect(await outcomeOf(get)).to.equal('1');
    });
  });

  it('may be done by several at a time, each with its own deadline', async () => {
    send('get k');
    const [short, long] = [drain(50), drain(100)];
    clock.advance(50);
    connection.answer('1');
    await Promise.resolve();

    expect(short.outcome).to.deep.equal({ answered: 0, unanswered: 1 });
    expect(long.outcome).to.deep.equal({ answered: 1, unanswered: 0 });
  });
});
