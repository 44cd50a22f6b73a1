import { expect } from 'chai';
import type { ClientConnections } from '../lib/client-connections.ts';
import type { GeoCore } from '../lib/geo-core.ts';
import { InFlightLimits } from '../lib/in-flight-limits.ts';
import { FakeConnection } from './dispatch/fake-connection.ts';
import { parse } from './dispatch/commands.ts';

describe('The limits of commands in flight', () => {
  let connection: FakeConnection;
  let endpoint: { judgedAt: number };
  let standing: { health: string };
  let core: { activeEndpointId: string };
  let abandoned: string[];
  let closed: string[];
  let unanswered: number;
  let meanwhile: () => void;
  let limits: InFlightLimits;

  beforeEach(() => {
    connection = new FakeConnection('a');
    endpoint = { judgedAt: 1 };
    standing = { health: 'unhealthy' };
    abandoned = [];
    closed = [];
    unanswered = 1;
    meanwhile = () => undefined;
    core = { activeEndpointId: 'a' };
    Object.assign(core, {
      registry: { find: () => endpoint },
      controller: { standing: () => standing },
      options: { retry: { deadlineMs: 500 } },
    });
    limits = new InFlightLimits({
      core: core as unknown as GeoCore,
      connections: {
        to: () => connection,
        closeTo: (endpointId: string) => closed.push(endpointId),
      } as unknown as ClientConnections,
      drained: (_endpointId, deadlineMs) => {
        expect(deadlineMs).to.equal(500);
        meanwhile();
        return Promise.resolve({ answered: 0, unanswered });
      },
      abandon: (endpointId) => abandoned.push(endpointId),
    });
  });

  it('are over at once when an endpoint that is not active fails', () => {
    limits.giveUp('a');
    expect(abandoned).to.deep.equal([]);
    connection.send(parse('get k'), undefined);
    limits.giveUp('a');

    expect(abandoned).to.deep.equal(['a']);
  });

  describe('when the active endpoint fails and no other can take over', () => {
    const outcomes: readonly (readonly [name: string, meanwhile: () => void, abandoned: readonly string[]])[] = [
      ['are those of waiting', () => undefined, ['a']],
      ['do not exist when everything was answered', () => (unanswered = 0), []],
      ['do not exist when it is good again', () => (standing.health = 'healthy'), []],
      ['begin anew when it was good in between', () => (endpoint.judgedAt = 2), []],
      ['do not exist when another one took over', () => (core.activeEndpointId = 'b'), []],
      ['do not exist for a new connection', () => (connection = new FakeConnection('a')), []],
    ];

    for (const [name, change, expected] of outcomes) {
      it(name, async () => {
        meanwhile = change;
        await limits.limit('a');

        expect(abandoned).to.deep.equal(expected);
      });
    }
  });

  describe('when an endpoint is left', () => {
    beforeEach(() => (core.activeEndpointId = 'b'));

    it('are those of waiting, and the connection ends unless it is kept', async () => {
      await limits.leave('a', { staysConnected: true });
      expect([abandoned, closed]).to.deep.equal([['a'], []]);
      await limits.leave('a', { staysConnected: false });

      expect(closed).to.deep.equal(['a']);
    });

    it('leave a connection alone that is used again', async () => {
      meanwhile = () => (core.activeEndpointId = 'a');
      await limits.leave('a', { staysConnected: false });

      expect([abandoned, closed]).to.deep.equal([[], []]);
    });

    it('end the subscriptions of a connection that is kept', async () => {
      unanswered = 0;
      connection.isSubscribed = true;
      connection.heard = { channels: ['c', 'd'], patterns: ['p'] };
      await limits.leave('a', { staysConnected: true });

      expect([abandoned, closed]).to.deep.equal([[], []]);
      expect(connection.written).to.deep.equal(['unsubscribe c d', 'punsubscribe p']);
    });
  });
});
