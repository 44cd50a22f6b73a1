import { expect } from 'chai';
import { type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServers } from '../support/redis-server.ts';

/** Blocks its server for so many milliseconds, and changes nothing. */
const BUSY = `
  local function now() local time = redis.call('TIME') return time[1] * 1000 + time[2] / 1000 end
  local finish = now() + ARGV[1]
  while now() < finish do end
  return 'done'`;

/** Longer than it takes to leave two endpoints. */
const BLOCKS_MS = 2_500;

const IDS = ['east', 'west', 'north'];

describe('A command that blocks every server it reaches', () => {
  let servers: RedisServer[];
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    servers = await startRedisServers(3, { config: ['enable-debug-command yes'] });
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failback: { enabled: false },
      endpoints: IDS.map((id, index) => ({ id, weight: 3 - index, redis: { port: servers[index]!.port } })),
    });
    client.defineCommand('busy', { numberOfKeys: 0, lua: BUSY, readOnly: true });
    await client.ping();
    await allReady(client);
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all(servers.map((server) => server.dispose()));
  });

  /** How often each server was given a command of this name. */
  async function callsOf(name: string): Promise<number[]> {
    return Promise.all(
      servers.map(async (server) => {
        const stats = String(await server.cli('INFO', 'commandstats'));
        return Number(new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm').exec(stats)?.[1] ?? 0);
      }),
    );
  }

  it('is sent to a second one when it only reads, and never to a third one', async () => {
    const { busy } = client as unknown as { busy: (ms: number) => Promise<unknown> };
    const left = nextEvent(client, 'endpointSwitched', ({ from }) => from === 'west');
    const blocking = busy(BLOCKS_MS).catch((reason: unknown) => reason);
    const others = Promise.all([client.set('k', 'v'), client.get('k'), ...IDS.map((_, n) => client.set(`k:${n}`, n))]);

    expect(await left).to.include({ to: 'north' });
    expect(await blocking).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'west', outcome: 'maybe-executed' });
    expect(await others).to.deep.equal(['OK', 'v', 'OK', 'OK', 'OK']);
    expect(client.geo.activeEndpoint).to.equal('north');
    expect(client.geo.epoch).to.equal(2);
    // The servers answer again when it is over.
    const calls = await callsOf('eval');
    expect(calls).to.deep.equal([1, 1, 0]);
    expect(await callsOf('evalsha')).to.deep.equal([0, 0, 0]);
  });

  it('stays where it was sent when it is of administration', async () => {
    const left = nextEvent(client, 'endpointSwitched');
    const blocking = client.call('DEBUG', 'SLEEP', '1').catch((reason: unknown) => reason);
    const read = client.get('k');

    expect(await left).to.include({ from: 'east', to: 'west' });
    expect(await blocking).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
    expect(await read).to.equal(null);
    expect(await callsOf('debug')).to.deep.equal([1, 0, 0]);
    expect(client.geo.epoch).to.equal(1);
  });
});
