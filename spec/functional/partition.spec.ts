import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { type GeoPair, SHORT_TIMES, geoPairForEachTest, startGeoPair } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { type TestCertificates, createTestCertificates } from '../support/tls-certificates.ts';

const options = {
  ...SHORT_TIMES,
  failover: { silenceFloorMs: 150, verifyTimeoutMs: 400 },
  failback: { enabled: false },
};

/** What a network does when it comes back: bytes of a client that did not reset its connection arrive after all. */
const proxy = { endedClients: 'deliver' } as const;

for (const transport of ['plain', 'TLS'] as const) {
  describe(`A partition that heals after the switch, ${transport}`, () => {
    let pair: GeoPair;
    let client: GeoFailoverRedis;

    beforeEach(async () => {
      const certificates = transport === 'TLS' ? createTestCertificates() : undefined;
      pair = await startGeoPair({ proxy, ...(certificates && { server: { tls: certificates } }) });
      client = await pair.connect({ ...options, redis: certificates ? { tls: tlsOptions(certificates) } : {} });
    });

    afterEach(() => pair.dispose());

    it('delivers nothing of what was given up', async () => {
      await client.set('before', 1);
      await pair.east.proxy.blackhole();
      const switched = nextEvent(client, 'endpointSwitched');
      const increments = Array.from({ length: 50 }, (_, n) => client.incr(`given-up:${n}`));
      const results = await Promise.allSettled(increments);
      await switched;
      expect(results.every(({ status }) => status === 'rejected')).to.equal(true);

      await pair.east.proxy.heal();
      const keys = increments.map((_, n) => `given-up:${n}`);
      expect(await pair.east.server.cli('EXISTS', ...keys)).to.equal(0);
      expect(await pair.west.server.cli('EXISTS', ...keys)).to.equal(0);
      expect(await pair.east.server.cli('EXISTS', 'before')).to.equal(1);
    });
  });
}

describe('A server that stops reading', () => {
  const pair = geoPairForEachTest();

  it('does not keep a command that could not even be written', async () => {
    // No proxy between: it would read what the server does not.
    const client = await pair.connect({
      ...options,
      endpoints: pair.endpoints.map(({ id, server }) => ({ id, redis: { host: '127.0.0.1', port: server.port } })),
    });
    const large = 'x'.repeat(20_000_000);
    await pair.east.server.freeze();
    const switched = nextEvent(client, 'endpointSwitched');
    const write = client.set('large', large);
    await switched;
    expect(await write).to.equal('OK');
    expect(await client.strlen('large')).to.equal(large.length);
    pair.east.server.thaw();
    expect(await pair.east.server.cli('EXISTS', 'large')).to.equal(0);
  });
});

function tlsOptions({ ca }: TestCertificates): { ca: Buffer } {
  return { ca: readFileSync(ca) };
}
