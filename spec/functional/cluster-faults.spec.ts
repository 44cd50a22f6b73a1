import { expect } from 'chai';
import { type GeoFailoverOptions, type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';
import { type RedisCluster, type RedisClusterOptions, startRedisCluster } from '../support/clusters.ts';
import { SHORT_TIMES, allReady } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { nextEvent } from '../support/next-event.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';

describe('A Cluster that loses one of its nodes', () => {
  let cluster: RedisCluster | undefined;
  let other: RedisServer;
  let client: GeoFailoverRedis;

  beforeEach(async () => {
    other = await startRedisServer();
  });

  afterEach(async () => {
    client.disconnect();
    await Promise.all([cluster?.dispose(), other.dispose()]);
    cluster = undefined;
  });

  async function start(options: RedisClusterOptions, failover: GeoFailoverOptions['failover']): Promise<RedisCluster> {
    cluster = await startRedisCluster(options);
    client = createGeoFailoverRedis({
      ...SHORT_TIMES,
      failover: { ...SHORT_TIMES.failover, ...failover },
      failback: { enabled: false },
      // In-flight commands of a load must have time to come back.
      retry: { deadlineMs: 14_000 },
      endpoints: [
        { id: 'east', weight: 1, redis: cluster.client() },
        { id: 'west', weight: 0.5, redis: { port: other.port } },
      ],
    });
    await client.ping();
    await allReady(client);
    return cluster;
  }

  function mustStay(): void {
    client.geo.on('endpointSwitched', ({ reason }) => expect.fail(`it was left for ${reason}`));
  }

  describe('for good', () => {
    it('has a second before it is left, and commands for every node wait', async () => {
      const started = await start({}, {});
      const switched = nextEvent(client, 'endpointSwitched');
      const begun = performance.now();
      await started.master(0).kill();
      const keys = [0, 1, 2].map((index) => started.keyOn(index));

      expect(await Promise.all(keys.map((key) => client.set(key, 'v')))).to.deep.equal(['OK', 'OK', 'OK']);
      expect(await switched).to.include({ from: 'east', to: 'west', reason: 'connection-lost' });
      expect(performance.now() - begun).to.be.greaterThan(1_000);
      expect(await other.cli('EXISTS', ...keys)).to.equal(3);
    });

    it('is left at once when it is given no time', async () => {
      const { masters } = await start({}, { localRecoveryMs: 0 });
      const switched = nextEvent(client, 'endpointSwitched');
      await masters[1]?.kill();

      expect(await client.set('k', 'v')).to.equal('OK');
      expect((await switched).durationMs).to.be.lessThan(900);
    });

    it('says of what was in flight to a node that is frozen what is known of it', async () => {
      const started = await start({}, { localRecoveryMs: 300 });
      const [a, b] = [started.keyOn(0), started.keyOn(1)];
      await started.master(0).freeze();
      const switched = nextEvent(client, 'endpointSwitched');
      const lost = client.incr(a).catch((error: unknown) => error);
      const written = client.set(a, 'v');
      const elsewhere = client.incr(b);

      expect(await elsewhere).to.equal(1);
      const { from, to, reason } = await switched;
      expect([from, to]).to.deep.equal(['east', 'west']);
      // A check that was under way when the node froze may notice it first.
      expect(reason).to.be.oneOf(['silence', 'health-check']);
      expect(await lost).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east', outcome: 'maybe-executed' });
      expect(await written).to.equal('OK');
      started.master(0).thaw();
    });
  });

  describe('for a moment', () => {
    it('stays, and callers are told the truth about everything', async () => {
      const started = await start({}, { localRecoveryMs: 12_000 });
      mustStay();
      const running = startJudgedLoad(started, client, { opsPerSecond: 300 });
      expect(await running.load.nextSuccesses(100)).to.equal(true);
      await started.master(1).kill();
      await started.master(1).restart();
      await started.served();

      expect(await running.load.nextSuccesses(200, 14_000)).to.equal(true);
      await running.finish();
    }).timeout(40_000);

    it('stays when a node was frozen', async () => {
      const started = await start({}, { localRecoveryMs: 12_000 });
      mustStay();
      const [key, another] = [started.keyOn(2), started.keyOn(1)];
      await started.master(2).freeze();
      const written = Array.from({ length: 20 }, (_, index) => client.set(key, index));
      await started.givenUp(started.master(2));
      const refused = client.set(another, 'v');
      started.master(2).thaw();

      expect(new Set(await Promise.all(written))).to.deep.equal(new Set(['OK']));
      expect(await client.get(key)).to.equal('19');
      expect(await refused).to.equal('OK');
    }).timeout(30_000);
  });

  describe('whose replica takes over', () => {
    it('stays when the master was killed, and what may be repeated is no error', async () => {
      const started = await start({ replicas: 1 }, { localRecoveryMs: 12_000 });
      mustStay();
      const keys = [0, 1, 2].map((index) => started.keyOn(index));
      await Promise.all(keys.map((key) => client.set(key, 'before')));
      await started.master(0).kill();
      const written = Array.from({ length: 50 }, (_, index) => client.set(keys[index % 3] ?? '', `${index}`));

      expect(new Set(await Promise.all(written))).to.deep.equal(new Set(['OK']));
      expect(await Promise.all(keys.map((key) => client.get(key)))).to.deep.equal(['48', '49', '47']);
      expect(await started.replicas[0]?.cli('GET', keys[0] ?? '')).to.equal('48');
    }).timeout(30_000);

    it('stays when the master was frozen', async () => {
      const started = await start({ replicas: 1 }, { localRecoveryMs: 12_000 });
      mustStay();
      const key = started.keyOn(0);
      await started.master(0).freeze();
      const written = client.set(key, 'v');
      const read = client.get(key);

      expect(await written).to.equal('OK');
      expect(await read).to.equal('v');
      expect(await started.replicas[0]?.cli('GET', key)).to.equal('v');
      started.master(0).thaw();
    }).timeout(30_000);

    it('stays when it takes over by request, and nothing runs twice or out of order', async () => {
      const started = await start({ replicas: 1 }, { localRecoveryMs: 12_000 });
      mustStay();
      const [replica] = started.replicas;
      // Of as many slots, which are learned to have moved one by one, or all at once.
      const keys = Array.from({ length: 10 }, (_, index) => started.keyOn(0, `k${index}:`));
      const counted: Promise<number[]>[] = [];
      const over = new AbortController();
      const counting = (async () => {
        while (!over.signal.aborted) {
          for (let batch = 0; batch < 5; batch++) counted.push(Promise.all(keys.map((key) => client.incr(key))));
          await new Promise(setImmediate);
          if (counted.length > 100) await counted.at(-100);
        }
      })();
      await replica?.cli('CLUSTER', 'FAILOVER');
      if (replica !== undefined) await started.promoted(replica);
      over.abort();
      await counting;
      counted.push(Promise.all(keys.map((key) => client.incr(key))));

      const expected = counted.map((_, index) => keys.map(() => index + 1));
      expect(await Promise.all(counted)).to.deep.equal(expected);
      for (const key of keys) expect(await replica?.cli('GET', key)).to.equal(`${counted.length}`);
    }).timeout(30_000);
  });

  it('only to one of its clients gets that one connection anew', async () => {
    const started = await start({ isProxied: true }, {});
    mustStay();
    const [a, b] = [started.keyOn(0), started.keyOn(1)];
    await Promise.all([client.set(a, 1), client.set(b, 1)]);
    const [proxy] = started.proxies;
    const busiest = proxy?.connections().sort((x, y) => y.bytesFromClient - x.bytesFromClient) ?? [];
    for (const { id } of busiest) await proxy?.blackholeOne(id);
    const lost = client.incr(a).catch((error: unknown) => error);
    const written = client.set(a, 2);
    const elsewhere = client.incr(b);

    expect(await elsewhere).to.equal(2);
    expect(await lost).to.include({ code: 'GEO_AMBIGUOUS', endpointId: 'east' });
    expect(await written).to.equal('OK');
    expect(await client.get(a)).to.equal('2');
  });
});
