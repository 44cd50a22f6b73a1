import { expect } from 'chai';
import type { GeoFailoverRedis, HealthStatusChangedEvent } from '../../lib/index.ts';
import { type GeoPair, SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { startRedisServer } from '../support/redis-server.ts';
import { createTestCertificates } from '../support/tls-certificates.ts';

/** What is told of east when something happens to it. */
async function toldUpon(client: GeoFailoverRedis, happen: () => Promise<unknown>): Promise<HealthStatusChangedEvent> {
  const told = nextEvent(client, 'healthStatusChanged');
  await happen();
  return told;
}

const faults: Readonly<Record<string, (pair: GeoPair) => Promise<unknown>>> = {
  refused: ({ east }) => east.proxy.refuse(),
  timeout: ({ east }) => east.server.freeze(),
  role: ({ east }) => east.server.cli('REPLICAOF', '127.0.0.1', '1'),
  loading: ({ east }) => east.proxy.replyWithErrors({ message: 'LOADING Redis is loading the dataset in memory' }),
  rejected: ({ east }) => east.proxy.replyWithErrors({ message: 'MISCONF Redis is configured to save RDB snapshots' }),
};

describe('The reason of a verdict', () => {
  const pair = geoPairForEachTest();

  for (const [reason, happen] of Object.entries(faults)) {
    it(`is told: ${reason}`, async () => {
      const client = await pair.connect({ ...SHORT_TIMES, failback: { enabled: false } });
      const event = await toldUpon(client, () => happen(pair));
      expect(event).to.include({ endpointId: 'east', to: 'unhealthy', reason });
      const [east, west] = client.geo.endpoints();
      expect(east).to.include({ health: 'unhealthy', lastReason: reason });
      expect(west).to.include({ health: 'healthy', lastReason: undefined });
    });
  }

  it('is told of a certificate that is not trusted', async () => {
    const north = await startRedisServer({ tls: createTestCertificates() });
    const client = pair.createClient({
      ...SHORT_TIMES,
      healthCheck: { intervalMs: 100, timeoutMs: 5_000 },
      endpoints: [...pair.endpointOptions(), { id: 'north', weight: 0.1, redis: { port: north.port, tls: {} } }],
    });
    const told = new Promise<HealthStatusChangedEvent>((resolve) => {
      client.geo.on('healthStatusChanged', (event) => {
        if (event.endpointId === 'north') resolve(event);
      });
    });
    try {
      await client.ping();
      expect(await told).to.include({ to: 'unhealthy', reason: 'tls' });
    } finally {
      client.disconnect();
      await north.dispose();
    }
  });
});

describe('A wrong password', () => {
  const pair = geoPairForEachTest({ server: { password: 'old' } });

  it('is told once, with the reason, and makes nothing flap', async () => {
    const client = await pair.connect({ ...SHORT_TIMES, redis: { password: 'old' } });
    client.on('error', () => undefined);
    const told: string[] = [];
    client.geo.on('healthStatusChanged', ({ endpointId, to, reason }) => told.push(`${endpointId} ${to}: ${reason}`));
    client.geo.on('endpointSwitched', ({ from, to }) => told.push(`${from} > ${to}`));
    await pair.east.server.cli('CONFIG', 'SET', 'requirepass', 'new');
    const switched = nextEvent(client, 'endpointSwitched');
    await pair.east.proxy.reset();
    await switched;
    // Rounds in which east is tried again, and refuses again.
    const { accepted } = pair.east.proxy.counters;
    await pair.east.proxy.waitFor(({ counters }) => counters.accepted >= accepted + 8);

    expect(told).to.deep.equal(['east unhealthy: auth', 'east > west']);
    expect(client.geo.endpoints()[0]).to.include({ health: 'unhealthy', lastReason: 'auth' });
  });
});
