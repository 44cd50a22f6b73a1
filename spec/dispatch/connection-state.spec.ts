import { expect } from 'chai';
import { ConnectionState } from '../../lib/dispatch/connection-state.ts';
import type { SelectedDatabase } from '../../lib/dispatch/selected-database.ts';
import type { SubscriptionsMovedEvent } from '../../lib/events.ts';
import { DEFAULTS } from '../../lib/options/defaults.ts';
import { systemClock } from '../../lib/time/clock.ts';
import { fakeTimeForEachTest } from '../support/fake-clock.ts';
import { FakeView } from './command-way.ts';
import { outcomeOf, parse, replyError } from './commands.ts';
import { FakeConnection } from './fake-connection.ts';

describe('The selected database', () => {
  const time = fakeTimeForEachTest();
  let a: FakeConnection;
  let b: FakeConnection;
  let state: ConnectionState;
  let database: SelectedDatabase;
  let changes: number;
  let view: FakeView;
  let moves: SubscriptionsMovedEvent[];
  let problems: string[];
  let selected: number[];

  beforeEach(() => {
    a = new FakeConnection('a');
    b = new FakeConnection('b');
    changes = 0;
    moves = [];
    problems = [];
    selected = [];
    view = new FakeView();
    state = new ConnectionState({
      options: DEFAULTS,
      view,
      clock: systemClock,
      resubscribes: true,
      onChange: () => changes++,
      onSubscriptionsMoved: (moved) => moves.push(moved),
      onStateRefused: (error) => problems.push(error.message),
      onBackoffFailed: (error) => problems.push(error.message),
      onSelected: (index) => selected.push(index),
    });
    ({ database } = state);
  });

  function isSelectedOn(connection: FakeConnection): boolean {
    return state.isRestoredOn(connection);
  }

  /** The application selects it, and the server agrees. */
  function select(index: number): void {
    const command = parse(`select ${index}`);
    database.follow(command, () => undefined);
    command.resolve(Buffer.from('OK'));
    changes = 0;
  }

  /** The server answers what a connection was asked. */
  async function answer(connection: FakeConnection): Promise<void> {
    connection.answer();
    await outcomeOf(parse('ping'));
  }

  it("is each endpoint's own until the application selects one", () => {
    b.database = b.ownDatabase = 3;

    expect([isSelectedOn(a), isSelectedOn(b)]).to.deep.equal([true, true]);
    expect([a.written, b.written]).to.deep.equal([[], []]);
  });

  it('is not asked for on a connection that has it', () => {
    select(0);

    expect(isSelectedOn(a)).to.equal(true);
    expect(a.written).to.deep.equal([]);
  });

  it('is asked for once on a connection that has another one, which is good when the server agreed', async () => {
    select(3);
    expect([isSelectedOn(a), isSelectedOn(a)]).to.deep.equal([false, false]);
    expect(a.written).to.deep.equal(['select 3']);
    await answer(a);

    expect([isSelectedOn(a), changes]).to.deep.equal([true, 1]);
  });

  it('is asked for on every connection in turn', async () => {
    select(3);
    isSelectedOn(a);
    await answer(a);

    expect(isSelectedOn(b)).to.equal(false);
    expect(b.written).to.deep.equal(['select 3']);
  });

  it('is asked for again when the connection was made anew, even if the first request was lost', () => {
    select(3);
    isSelectedOn(a);
    a.abandon();
    a.database = 0;
    a.reconnect();

    expect(isSelectedOn(a)).to.equal(false);
    expect(a.written).to.deep.equal(['select 3', 'select 3']);
  });

  it('is not there when the server refuses, and the connection is told', async () => {
    select(3);
    isSelectedOn(a);
    a.refuse('ERR DB index is out of range');
    await outcomeOf(parse('ping'));

    expect([isSelectedOn(a), a.database, changes]).to.deep.equal([false, 0, 0]);
    expect(a.written).to.deep.equal(['select 3']);
    expect(problems).to.deep.equal(['ERR DB index is out of range']);
  });

  it('is told once to be refused, however often it is asked for', async () => {
    select(3);
    isSelectedOn(a);
    for (let i = 1; i <= 3; i++) {
      a.refuse('ERR DB index is out of range');
      await time.tickAsync(5_000);
    }

    expect(problems).to.have.length(1);
  });

  it('is asked for again after a pause, and each refusal counts against the endpoint', async () => {
    select(3);
    isSelectedOn(a);
    for (let i = 1; i <= 3; i++) {
      a.refuse('BUSY Redis is busy running a script.');
      await time.tickAsync(5_000);
      expect(a.written).to.have.length(i + 1);
    }
    expect(state.refusal).to.have.property('message', 'BUSY Redis is busy running a script.');
    await answer(a);

    expect([isSelectedOn(a), changes, state.refusal]).to.deep.equal([true, 1, undefined]);
    expect(view.failures).to.have.length(3);
    expect(problems).to.deep.equal([]);
    expect(view.failures[0]).to.include({ endpointId: 'a', isRound: true });
    expect(view.suspected).to.deep.equal(Array(3).fill('a: rejected'));
  });

  describe('when the application selects another one', () => {
    it('is not selected back before the server has answered', () => {
      isSelectedOn(a);
      database.follow(parse('select 5'), () => undefined);
      // ioredis believes in a SELECT as soon as it is written.
      a.database = 5;

      expect(isSelectedOn(a)).to.equal(true);
      expect(a.written).to.deep.equal([]);
    });

    it('changes with the reply, which the application gets', async () => {
      const command = parse('select 5');
      database.follow(command, () => undefined);
      expect(isSelectedOn(b)).to.equal(true);
      command.resolve(Buffer.from('OK'));
      isSelectedOn(a);

      expect(a.written).to.deep.equal(['select 5']);
      expect(await outcomeOf(command)).to.equal('OK');
    });

    it('is the one that is selected in the end when its reply comes while the one before is asked for again', async () => {
      select(1);
      const command = parse('select 2');
      database.follow(command, () => undefined);
      database.sentTo(command, b);
      b.database = 2;
      expect(isSelectedOn(b)).to.equal(false);
      command.resolve(Buffer.from('OK'));
      await answer(b);
      expect(isSelectedOn(b)).to.equal(false);
      await answer(b);

      expect(b.written).to.deep.equal(['select 1', 'select 2']);
      expect(isSelectedOn(b)).to.equal(true);
    });

    it('stays when the server refuses, and the connection is told', async () => {
      select(1);
      const command = parse('select 99');
      database.follow(command, () => undefined);
      a.database = 99;

      database.selectFailed(a);
      command.reject(replyError('ERR DB index is out of range'));

      expect(a.database).to.equal(1);
      expect(await outcomeOf(command)).to.be.an('error');
    });

    it("is the endpoint's own again when the very first one is refused", () => {
      a.ownDatabase = 7;
      a.database = 99;
      database.selectFailed(a);

      expect(a.database).to.equal(7);
    });

    it('is told when it is another one than before', () => {
      a.ownDatabase = 2;
      for (const index of [2, 5, 5, 2]) {
        const command = parse(`select ${index}`);
        database.follow(command, () => undefined);
        database.sentTo(command, a);
        command.resolve(Buffer.from('OK'));
      }

      expect(selected).to.deep.equal([5, 2]);
    });

    it('is the one of the latest reply', () => {
      for (const index of [5, 6]) select(index);
      isSelectedOn(a);

      expect(a.written).to.deep.equal(['select 6']);
    });
  });
});

describe('The subscriptions of a connection', () => {
  const time = fakeTimeForEachTest();
  let a: FakeConnection;
  let b: FakeConnection;
  let state: ConnectionState;
  let told: unknown[];

  beforeEach(() => {
    a = new FakeConnection('a');
    b = new FakeConnection('b');
    told = [];
    state = new ConnectionState({
      options: DEFAULTS,
      view: new FakeView(),
      clock: systemClock,
      resubscribes: true,
      onChange: () => told.push('change'),
      onSubscriptionsMoved: (moved) => told.push(moved),
      onStateRefused: (error) => told.push(error.message),
      onBackoffFailed: (error) => told.push(error.message),
      onSelected: () => undefined,
    });
    state.isRestoredOn(a);
    subscribe('subscribe c');
  });

  /** The application asks for it, and a server agrees. */
  function subscribe(line: string): void {
    const command = parse(line);
    state.subscriptions.follow(command);
    command.resolve(1);
  }

  /** The messages that are told. */
  function heard(): string[] {
    return (['message', 'pmessage', 'smessage'] as const).filter((event) => state.hears({ event, args: [] }));
  }

  it('are left to the application while its connection lasts', () => {
    expect(state.isRestoredOn(a)).to.equal(true);
    expect(a.written).to.deep.equal([]);
  });

  it('are made again on another one, behind its database', async () => {
    subscribe('psubscribe p');
    b.database = 3;
    state.interrupted(a);
    await time.tickAsync(50);
    expect(state.isRestoredOn(b)).to.equal(false);
    expect(b.written).to.deep.equal(['select 0']);
    b.answer();
    await time.tickAsync(0);
    expect(b.written).to.deep.equal(['select 0', 'subscribe c', 'psubscribe p']);
    b.answer();
    await time.tickAsync(25);
    expect(state.isRestoredOn(b)).to.equal(false);
    b.answer();
    await time.tickAsync(0);

    expect(state.isRestoredOn(b)).to.equal(true);
    expect(told).to.deep.equal([{ from: 'a', to: 'b', blindMs: 75 }, 'change']);
  });

  it('count as heard again at once when those of their kind are made, and no sooner', () => {
    subscribe('psubscribe p');
    subscribe('ssubscribe s');
    expect(heard()).to.deep.equal(['message', 'pmessage', 'smessage']);
    state.interrupted(a);
    state.isRestoredOn(a);
    expect(a.written).to.deep.equal(['subscribe c', 'psubscribe p', 'ssubscribe s']);
    const seen = [heard()];
    for (let i = 0; i < 3; i++) {
      a.answer();
      seen.push(heard());
    }

    expect(seen).to.deep.equal([[], ['message'], ['message', 'pmessage'], ['message', 'pmessage', 'smessage']]);
  });

  it('that are given up elsewhere are not heard of on a connection that was left', async () => {
    state.interrupted(a);
    state.isRestoredOn(b);
    b.answer();
    await time.tickAsync(0);
    state.isRestoredOn(b);
    subscribe('unsubscribe c');
    state.interrupted(b);
    a.isSubscribed = true;
    a.heard = { channels: ['c'] };
    state.isRestoredOn(a);
    expect(heard()).to.deep.equal([]);
    a.answer();
    await time.tickAsync(0);

    expect(heard()).to.deep.equal(['message', 'pmessage', 'smessage']);
  });

  it('do not count as heard again by what another connection answers, which is not wanted any more', () => {
    state.interrupted(a);
    state.isRestoredOn(b);
    state.isRestoredOn(a);
    b.answer();
    expect(heard()).to.deep.equal([]);
    a.answer();

    expect(heard()).to.include('message');
  });

  it('are asked for once more when the connection is lost before they are made', async () => {
    state.interrupted(a);
    state.isRestoredOn(b);
    b.abandon();
    await time.tickAsync(0);
    b.reconnect();
    state.isRestoredOn(b);
    expect(b.written).to.deep.equal(['subscribe c', 'subscribe c']);
    b.answer();
    await time.tickAsync(0);

    expect(state.isRestoredOn(b)).to.equal(true);
  });

  it('are not all lost by one that the user may not have there', async () => {
    subscribe('subscribe d');
    state.isRestoredOn(b);
    b.refuse('NOPERM no');
    await time.tickAsync(0);
    expect(b.written).to.deep.equal(['subscribe c d', 'subscribe c', 'subscribe d']);
    b.answer();
    b.refuse('NOPERM not d');
    await time.tickAsync(0);

    expect(told).to.deep.equal(['NOPERM not d', 'change']);
  });

  it('are asked for again when the server cannot serve just now', async () => {
    state.isRestoredOn(b);
    b.refuse('LOADING no');
    await time.tickAsync(1_000);
    expect(b.written).to.deep.equal(['subscribe c', 'subscribe c']);
    b.answer();
    await time.tickAsync(0);

    expect(state.isRestoredOn(b)).to.equal(true);
  });

  it('are made again on a connection that was left, although the other one never had them', async () => {
    state.isRestoredOn(a);
    state.isRestoredOn(b);
    state.interrupted(a);

    expect(state.isRestoredOn(a)).to.equal(false);
    expect(a.written).to.deep.equal(['subscribe c']);
    a.answer();
    await time.tickAsync(0);
    expect(state.isRestoredOn(a)).to.equal(true);
  });

  it('are compared with those of a connection that was used before', async () => {
    b.isSubscribed = true;
    b.heard = { channels: ['c', 'old'] };
    state.isRestoredOn(b);
    expect(b.written).to.deep.equal(['unsubscribe old', 'subscribe c']);
    b.answer();
    b.answer();
    await time.tickAsync(0);

    expect(state.isRestoredOn(b)).to.equal(true);
  });

  it('of a connection that was used before are given up before another database is selected', async () => {
    b.isSubscribed = true;
    b.database = 3;
    b.heard = { channels: ['c'] };
    state.isRestoredOn(b);
    expect(b.written).to.deep.equal(['unsubscribe c']);
    b.answer();
    await time.tickAsync(0);
    expect(b.written.slice(1)).to.deep.equal(['select 0']);
    b.heard = {};
    b.answer();
    await time.tickAsync(0);

    expect(b.written.slice(2)).to.deep.equal(['subscribe c']);
  });

  it('that the server does not know are told, and not asked for again', async () => {
    state.isRestoredOn(b);
    b.refuse("ERR unknown command 'SSUBSCRIBE'");
    await time.tickAsync(0);

    expect(state.isRestoredOn(b)).to.equal(true);
    expect(told[0]).to.match(/^ERR unknown/);
  });

  it('of a connection that was used before are given up, although none is wanted', () => {
    state.subscriptions.follow(parse('unsubscribe'));
    b.isSubscribed = true;
    b.heard = { patterns: ['old'] };

    expect(state.isRestoredOn(b)).to.equal(false);
    expect(b.written).to.deep.equal(['punsubscribe old']);
  });

  it('that are refused are told, and keep nothing waiting', async () => {
    state.interrupted(a);
    state.isRestoredOn(b);
    b.refuse('NOPERM no');
    await time.tickAsync(0);

    expect(state.isRestoredOn(b)).to.equal(true);
    expect(told[0]).to.equal('NOPERM no');
  });

  it('are not told to have moved when they were given up meanwhile', async () => {
    state.interrupted(a);
    state.subscriptions.follow(parse('unsubscribe'));
    expect(state.isRestoredOn(b)).to.equal(true);
    subscribe('subscribe d');
    state.interrupted(b);
    state.isRestoredOn(a);
    a.answer();
    await time.tickAsync(0);

    expect(told).to.deep.equal([{ from: 'b', to: 'a', blindMs: 0 }, 'change']);
  });
});
