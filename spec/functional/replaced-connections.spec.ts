import { expect } from 'chai';
import { Redis } from 'ioredis';
import type { EndpointReplacement, GeoFailoverOptions, GeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';

/** WAIT answers late, and is not taken for a server that is silent. */
const options = {
  ...SHORT_TIMES,
  failover: { ...SHORT_TIMES.failover, silenceFloorMs: 5_000, silenceCeilingMs: 5_000 },
  failback: { enabled: false },
  redis: { password: 'old' },
} satisfies Partial<GeoFailoverOptions>;

/** The one of its probes, and that for data of the client that keeps standbys. */
const WITHOUT_DUPLICATES = 2;

describe('Connections to what shall replace an endpoint', () => {
  const pair = geoPairForEachTest({ server: { password: 'old' } });
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    client = await pair.connect(options);
  });

  const address = (): { host: string; port: number } => ({ host: pair.east.proxy.host, port: pair.east.proxy.port });
  const same = (): EndpointReplacement => ({ redis: { ...address(), password: 'old' } });

  it('say nothing of the present one when they are lost', async () => {
    // Whoever looks at the present one over a new connection is refused.
    await pair.east.server.cli('CONFIG', 'SET', 'requirepass', 'new');
    const switches: string[] = [];
    client.geo.on('endpointSwitched', ({ to, reason }) => switches.push(`${to}: ${reason}`));
    const waited = client.wait(3, 300).catch((reason: unknown) => reason);
    let isFirst = true;
    const redis = (): Redis => {
      const made = new Redis({ ...address(), password: 'new', lazyConnect: true });
      if (isFirst) made.once('ready', () => made.stream.destroy());
      isFirst = false;
      return made;
    };

    expect(await client.geo.replace('east', { redis })).to.include({ to: 'east', interrupted: 0, isDrained: true });
    expect(await waited).to.equal(0);
    expect(await client.set('k', 'v')).to.equal('OK');
    expect(switches).to.deep.equal(['east: endpoint-replaced']);
  });

  describe('of a duplicate', () => {
    let duplicate: GeoFailoverRedis;

    beforeEach(async () => {
      duplicate = client.duplicate() as GeoFailoverRedis;
      await duplicate.ping();
    });

    afterEach(() => duplicate.disconnect());

    async function onlyWithoutDuplicates(): Promise<void> {
      await pair.east.proxy.waitFor(({ connectionCount }) => connectionCount === WITHOUT_DUPLICATES);
    }

    it('are not made when it has left the endpoint, and awaits a reply of it still', async () => {
      const waited = duplicate.wait(3, 300);
      await client.geo.switchTo('west', { drainMs: 1 });
      await client.geo.replace('east', same());

      expect(await waited).to.equal(0);
      await onlyWithoutDuplicates();
    });

    it('are closed when it leaves the endpoint before they are used', async () => {
      let isAsked = false;
      const check = async (): Promise<boolean> => {
        if (!isAsked) {
          isAsked = true;
          await client.geo.switchTo('west');
        }
        return true;
      };
      await client.geo.replace('east', { ...same(), healthCheck: { check, timeoutMs: 5_000 } });

      expect(client.geo.activeEndpoint).to.equal('west');
      await onlyWithoutDuplicates();
      expect(await duplicate.set('k', 'v')).to.equal('OK');
    });
  });
});
