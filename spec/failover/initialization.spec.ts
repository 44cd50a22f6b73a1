import { expect } from 'chai';
import type { DegradedStartEvent } from '../../lib/events.ts';
import { Initialization } from '../../lib/failover/initialization.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { Flow } from './flow.ts';

describe('The start', () => {
  let clock: FakeClock;
  let flow: Flow;
  let signals: string[];
  let told: DegradedStartEvent[];
  let initialization: Initialization;

  beforeEach(() => {
    clock = new FakeClock();
    signals = [];
    told = [];
    begin('a 2, b 1');
  });

  function begin(endpoints: string): void {
    flow = new Flow(endpoints);
    initialization = new Initialization({
      state: () => flow.state,
      clock,
      policy: 'one',
      timeoutMs: 1_000,
      onOpened: () => signals.push('opened'),
      onTooLate: (endpointId) => {
        const text = `verdict ${endpointId} connection-lost`;
        signals.push(`${text}: ${flow.tell(text)}`);
      },
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

  it('is complete when every endpoint is healthy and ready, and says nothing', () => {
    tell('a ready', 'a healthy', 'b ready', 'b healthy');
    clock.advance(10_000);

    expect([told, signals]).to.deep.equal([[], []]);
  });

  describe('with an endpoint that is missing', () => {
    it('is told at once when the others are known, without waiting for the time', () => {
      tell('a ready', 'a healthy');
      expect(told).to.deep.equal([]);
      tell('b unhealthy');

      expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['b'] }]);
    });

    it('is told when the time is up and it is still not known', () => {
      tell('a ready', 'a healthy');
      clock.advance(999);
      expect(told).to.deep.equal([]);
      clock.advance(1);

      expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['b'] }]);
    });

    it('counts one that answers but has no connection for data', () => {
      tell('a ready', 'a healthy', 'b healthy');
      expect(told).to.deep.equal([]);
      clock.advance(1_000);

      expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['b'] }]);
    });

    it('counts one that is ready but was not found healthy', () => {
      tell('a ready', 'b ready', 'b healthy');
      clock.advance(1_000);

      expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['a'] }]);
    });

    it('is told once, whatever happens later', () => {
      tell('a ready', 'a healthy', 'b unhealthy');
      tell('b healthy', 'b ready', 'b unhealthy');
      clock.advance(10_000);

      expect(told).to.have.length(1);
    });

    it('is not told while none serves', () => {
      tell('a unhealthy', 'b unhealthy');
      clock.advance(10_000);
      expect(told).to.deep.equal([]);
      tell('b ready', 'b healthy');

      expect(told).to.deep.equal([{ activeEndpoint: 'b', missing: ['a'] }]);
    });
  });

  describe('with an active endpoint that is connected but unhealthy', () => {
    it('is not told before that one is good again', () => {
      tell('a ready', 'a unhealthy', 'b unhealthy');
      clock.advance(10_000);
      expect(told).to.deep.equal([]);
      tell('a healthy');

      expect(told).to.deep.equal([{ activeEndpoint: 'a', missing: ['b'] }]);
    });

    it('is told of the one that takes over', () => {
      tell('a ready', 'a unhealthy', 'b healthy', 'b ready');

      expect(told).to.deep.equal([{ activeEndpoint: 'b', missing: ['a'] }]);
    });
  });

  describe('without the preferred endpoint', () => {
    it('waits for it while another one is ready, and then begins with that', () => {
      tell('b ready', 'b healthy');
      clock.advance(999);
      expect(signals).to.deep.equal([]);
      clock.advance(1);

      expect(signals).to.deep.equal(['verdict a connection-lost: switch a>b failover connection-lost']);
      expect(told).to.deep.equal([{ activeEndpoint: 'b', missing: ['a'] }]);
    });

    it('does not leave it when it is ready in time', () => {
      tell('b ready', 'b healthy', 'a ready');
      clock.advance(1_000);

      expect(signals).to.deep.equal([]);
    });

    it('stays with it when no other is ready either', () => {
      tell('b healthy');
      clock.advance(1_000);

      expect(signals).to.deep.equal([]);
    });

    it('begins with another one that gets ready after the time, although the preferred one answers checks', () => {
      tell('a healthy');
      clock.advance(1_000);
      tell('b healthy', 'a healthy');
      expect(signals).to.deep.equal([]);
      tell('b ready');

      expect(signals).to.deep.equal(['verdict a connection-lost: switch a>b failover connection-lost']);
      expect(told).to.deep.equal([{ activeEndpoint: 'b', missing: ['a'] }]);
    });

    it('does not leave it for one that is connected but unhealthy', () => {
      tell('a healthy', 'b ready', 'b unhealthy');
      clock.advance(1_000);
      tell('a healthy', 'b unhealthy');

      expect(signals).to.deep.equal([]);
    });

    it('does not judge it once it served: a lost connection is looked into elsewhere', () => {
      tell('a ready', 'a healthy', 'b ready');
      tell('a lost');
      clock.advance(1_000);
      tell('b healthy', 'b healthy');

      expect(signals).to.deep.equal([]);
    });

    it('does not judge it a second time when it was found bad already', () => {
      tell('b ready', 'b healthy', 'a unhealthy');
      clock.advance(1_000);

      expect(signals).to.deep.equal([]);
      expect(flow.state).to.include({ activeId: 'b', epoch: 1 });
    });

    it('does not judge the endpoint that took over', () => {
      tell('b ready', 'a unhealthy', 'b lost', 'a ready');
      clock.advance(1_000);

      expect(signals).to.deep.equal([]);
    });
  });

  describe('that is stopped', () => {
    it('waits for nothing any more', () => {
      tell('b ready', 'b healthy');
      initialization.stop();
      clock.advance(10_000);

      expect([signals, told, clock.timers]).to.deep.equal([[], [], []]);
    });

    it('gives better endpoints the same time again when it is started anew', () => {
      clock.advance(1_000);
      initialization.stop();
      initialization.start();
      tell('b ready', 'b healthy');
      expect(signals).to.deep.equal([]);
      clock.advance(1_000);

      expect(signals).to.deep.equal(['verdict a connection-lost: switch a>b failover connection-lost']);
    });
  });
});
