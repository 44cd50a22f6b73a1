import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { GeoFailoverOptions } from '../../lib/index.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { type GeoPair, SHORT_TIMES, allReady, startGeoPair } from '../support/geo-pair.ts';
import { eventUpon, nextEvent } from '../support/next-event.ts';
import { createTestCertificates } from '../support/tls-certificates.ts';

/** In each of them TCP connects at once, as with a frozen server, or a balancer without a server behind it. */
const stalls: readonly {
  readonly name: string;
  readonly overTls: boolean;
  readonly begin: (proxy: FaultProxy) => Promise<void>;
}[] = [
  { name: 'nothing is ever answered', overTls: false, begin: (proxy) => proxy.blackhole() },
  { name: 'the handshake stalls in the middle', overTls: false, begin: (proxy) => proxy.stallReplies(3) },
  { name: 'the TLS handshake is never answered', overTls: true, begin: (proxy) => proxy.blackhole() },
  { name: 'the TLS handshake stalls in the middle', overTls: true, begin: (proxy) => proxy.stallReplies(100) },
];

/** Connections at once: of an attempt for data, of checks and of a verification. */
const MOST_CONNECTIONS = 3;

for (const { name, overTls, begin } of stalls) {
  describe(`Where TCP connects and ${name}`, () => {
    let pair: GeoPair;
    let options: Partial<GeoFailoverOptions>;

    beforeEach(async () => {
      const tls = createTestCertificates();
      pair = await startGeoPair(overTls ? { server: { tls } } : {});
      options = { ...SHORT_TIMES, redis: overTls ? { tls: { ca: readFileSync(tls.ca) } } : {} };
    });

    afterEach(() => pair.dispose());

    it('a client starts elsewhere, and goes to the preferred endpoint when that answers', async () => {
      await begin(pair.east.proxy);
      const client = pair.createClient(options);
      expect(await client.set('k', 'v')).to.equal('OK');
      expect(client.geo.activeEndpoint).to.equal('west');
      expect(client.geo.endpoints()[0]).to.include({ id: 'east', health: 'unhealthy', isReady: false });

      const event = await eventUpon(client, 'endpointSwitched', () => pair.east.proxy.heal());
      expect(event).to.include({ to: 'east', kind: 'failback' });
      expect(await client.set('k', 'v')).to.equal('OK');
    });

    it('a standby is no target, costs no more and more connections, and is one again when it answers', async () => {
      await begin(pair.west.proxy);
      const client = pair.createClient(options);
      expect(await client.set('k', 'v')).to.equal('OK');
      const { accepted } = pair.west.proxy.counters;
      await pair.west.proxy.waitFor(({ counters }) => counters.accepted >= accepted + 6);
      expect(pair.west.proxy.connectionCount).to.be.at.most(MOST_CONNECTIONS);
      expect(client.geo.endpoints()[1]).to.include({ id: 'west', health: 'unhealthy', isReady: false });

      await pair.west.proxy.heal();
      await allReady(client);
      await eventUpon(client, 'endpointSwitched', () => pair.east.server.kill());
      expect(await client.set('k', 'v')).to.equal('OK');
    });

    it('an endpoint is left when its connections were lost', async () => {
      const client = await pair.connect(options);
      await begin(pair.east.proxy);
      const switched = nextEvent(client, 'endpointSwitched');
      await pair.east.proxy.reset();
      const writes = Array.from({ length: 20 }, (_, index) => client.set(`k:${index}`, index));
      expect(await switched).to.include({ from: 'east', to: 'west', kind: 'failover' });
      expect(await Promise.all(writes)).to.deep.equal(writes.map(() => 'OK'));
    });

    it('commands end with their deadline when all endpoints are like that, and flow when one is not any more', async () => {
      await Promise.all(pair.endpoints.map(({ proxy }) => begin(proxy)));
      const client = pair.createClient({ ...options, retry: { deadlineMs: 700 } });
      const told: string[] = [];
      client.on('error', ({ message }: Error) => told.push(message));
      const error: unknown = await client.incr('n').catch((reason: unknown) => reason);
      expect(error).to.include({ code: 'GEO_NO_HEALTHY_ENDPOINT', outcome: 'not-executed' });
      expect(error)
        .to.have.nested.property('cause.message')
        .that.matches(/^no answer within 2[05]0 ms$/);
      expect(told).to.have.length(1);

      await eventUpon(client, 'endpointSwitched', () => pair.west.proxy.heal());
      expect(await client.incr('n')).to.equal(1);
      expect(await pair.west.server.cli('GET', 'n')).to.equal('1');
    });
  });
}
