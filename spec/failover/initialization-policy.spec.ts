import { expect } from 'chai';
import type { DegradedStartEvent } from '../../lib/events.ts';
import { Initialization } from '../../lib/failover/initialization.ts';
import type { InitializationPolicy } from '../../lib/options/initialization-options.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Flow } from './flow.ts';

const up = (id: string): string[] => [`${id} ready`, `${id} healthy`];

describe('The start with a policy', () => {
  let clock: FakeClock;
  let flow: Flow;
  let told: DegradedStartEvent[];
  let opened: number;
  let initialization: Initialization;

  function begin(policy: InitializationPolicy, endpoints: string, timeoutMs = 1_000): void {
    clock = new FakeClock();
    flow = new Flow(endpoints);
    told = [];
    opened = 0;
    initialization = new Initialization({
      state: () => flow.state,
      clock,
      policy,
      timeoutMs,
      onTooLate: (endpointId) => flow.tell(`verdict ${endpointId} connection-lost`),
      onOpened: () => opened++,
      onDegradedStart: (event) => told.push(event),
    });
    initialization.start();
  }

  function tell(...steps: string[]): void {
    for (const step of steps) {
      flow.tell(step);
      initialization.update();
    }
  }

  const table: readonly (readonly [policy: InitializationPolicy, endpoints: string, up: string, isOpen: boolean])[] = [
    ['one', 'a 1', '', true],
    ['one', 'a 2, b 1', '', true],
    ['majority', 'a 1', '', false],
    ['majority', 'a 1', 'a', true],
    ['majority', 'a 2, b 1', 'a', false],
    ['majority', 'a 2, b 1', 'a b', true],
    ['majority', 'a 3, b 2, c 1', 'a', false],
    ['majority', 'a 3, b 2, c 1', 'a c', true],
    ['majority', 'a 3, b 2, c 1', 'b c', true],
    ['majority', 'a 4, b 3, c 2, d 1', 'a b', false],
    ['majority', 'a 4, b 3, c 2, d 1', 'a b d', true],
    ['all', 'a 1', 'a', true],
    ['all', 'a 3, b 2, c 1', 'a b', false],
    ['all', 'a 3, b 2, c 1', 'a b c', true],
  ];

  for (const [policy, endpoints, available, isOpen] of table) {
    const what = available === '' ? 'no endpoint' : available;
    it(`${policy} of ${endpoints} ${isOpen ? 'is content' : 'waits'} with ${what}`, () => {
      begin(policy, endpoints);
      tell(...available.split(' ').filter(Boolean).flatMap(up));

      expect(initialization.isHolding).to.equal(!isOpen);
      expect(opened).to.equal(isOpen && policy !== 'one' ? 1 : 0);
    });
  }

  const unavailable: readonly (readonly [name: string, steps: readonly string[]])[] = [
    ['is connected to and was not found healthy', ['b ready']],
    ['is healthy and not connected to', ['b healthy']],
    ['is unhealthy', ['b ready', 'b unhealthy']],
    ['is isolated', ['b circuit isolated', 'b ready', 'b healthy']],
  ];

  for (const [name, steps] of unavailable) {
    it(`does not count an endpoint that ${name}`, () => {
      begin('all', 'a 2, b 1');
      tell(...steps, ...up('a'));

      expect(initialization.isHolding).to.equal(true);
    });
  }

  it('begins with what is there when the time is up, and tells what is missing', () => {
    begin('all', 'a 3, b 2, c 1');
    tell(...up('a'), 'b unhealthy', ...up('c'));
    clock.advance(999);
    expect([initialization.isHolding, told]).to.deep.equal([true, []]);
    clock.advance(1);

    expect([initialization.isHolding, opened]).to.deep.equal([false, 1]);
    expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['b'] }]);
  });

  it('waits for an endpoint that refuses at first and comes in time', () => {
    begin('all', 'a 2, b 1');
    tell(...up('a'), 'b unhealthy');
    clock.advance(500);
    tell('b ready', 'b healthy');
    clock.advance(5_000);

    expect([initialization.isHolding, opened, told]).to.deep.equal([false, 1, []]);
  });

  it('begins without the preferred endpoint when that has no connection in time', () => {
    begin('all', 'a 2, b 1');
    tell(...up('b'));
    clock.advance(1_000);

    expect(flow.state.activeId).to.equal('b');
    expect([initialization.isHolding, told]).to.deep.equal([false, [{ activeEndpoint: 'b', missing: ['a'] }]]);
  });

  it('gives the preferred endpoint its time, although enough others are there', () => {
    begin('majority', 'a 3, b 2, c 1');
    tell(...up('b'), ...up('c'));
    expect(initialization.isHolding).to.equal(false);
    clock.advance(999);
    expect(flow.state.activeId).to.equal('a');
    clock.advance(1);

    expect(flow.state.activeId).to.equal('b');
    expect(told).to.deep.equal([{ activeEndpoint: 'b', missing: ['a'] }]);
  });

  it('tells what is missing of a majority as soon as it is known', () => {
    begin('majority', 'a 3, b 2, c 1');
    tell(...up('a'), 'c unhealthy');
    expect(told).to.deep.equal([]);
    tell(...up('b'));

    expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['c'] }]);
  });

  it('takes the first that comes when none was there in time, however late', () => {
    begin('all', 'a 2, b 1');
    tell('a unhealthy', 'b unhealthy');
    clock.advance(3_600_000);
    expect([initialization.isHolding, opened, told]).to.deep.equal([false, 1, []]);
    tell('b ready', 'b healthy');

    expect(flow.state.activeId).to.equal('b');
    expect(told).to.deep.equal([{ activeEndpoint: 'b', missing: ['a'] }]);
  });

  it('waits for nothing when it has no time', () => {
    begin('all', 'a 2, b 1', 0);
    tell(...up('a'));
    expect(initialization.isHolding).to.equal(true);
    clock.advance(0);

    expect(initialization.isHolding).to.equal(false);
  });

  it('counts the endpoints that there are', () => {
    begin('all', 'a 2, b 1');
    tell(...up('a'), 'add c 1');
    expect(initialization.isHolding).to.equal(true);
    tell('remove c', 'remove b');

    expect(initialization.isHolding).to.equal(false);
  });

  it('never holds a client up that was running, also not when it connects again', () => {
    begin('all', 'a 2, b 1');
    tell(...up('a'), ...up('b'));
    tell('b unhealthy', 'a unhealthy', 'a lost');
    initialization.stop();
    initialization.start();
    tell('a ready');

    expect([initialization.isHolding, opened]).to.deep.equal([false, 1]);
  });

  it('goes on waiting, with all of its time, when the client connects again before that was over', () => {
    begin('all', 'a 2, b 1');
    tell(...up('a'));
    clock.advance(900);
    initialization.stop();
    clock.advance(5_000);
    expect([initialization.isHolding, clock.timers]).to.deep.equal([true, []]);
    initialization.start();
    clock.advance(999);
    expect(initialization.isHolding).to.equal(true);
    clock.advance(1);

    expect([initialization.isHolding, told]).to.deep.equal([false, [{ activeEndpoint: 'a', missing: ['b'] }]]);
  });
});
