import { expect } from 'chai';
import { Redis } from 'ioredis';
import { startRedisServer, startRedisServers, type RedisServer } from '../redis-server.ts';
import { collectExecuted } from './collect.ts';
import { everyNth, withBatchFault, withFault } from './faulty-client.ts';
import { startLoad, type LoadClient, type LoadMix, type LoadResult } from './load.ts';
import { formatReport, judge, type Evidence, type Report } from './verdict.ts';

/** The checker has to be trusted, so it is given clients with known faults, on real servers. */
describe('checker', () => {
  let servers: RedisServer[] = [];
  let first: Redis;
  let second: Redis;

  before(async () => {
    servers = await startRedisServers(2);
    [first, second] = servers.map(({ port }) => new Redis({ port, host: '127.0.0.1' })) as [Redis, Redis];
    // ioredis would print what the killed server causes.
    first.on('error', () => undefined);
  });

  after(async () => {
    first.disconnect();
    second.disconnect();
    await Promise.all(servers.map((server) => server.dispose()));
  });

  const run = (client: LoadClient, mix?: LoadMix, more: { settleTimeoutMs?: number } = {}): Promise<LoadResult> =>
    startLoad(client, { opsPerSecond: 4_000, maxOperations: 1_000, ...(mix && { mix }), ...more }).finished;

  const judged = async ({ history, unhandled }: LoadResult, more: Partial<Evidence> = {}): Promise<Report> =>
    judge({ history, unhandled, servers: await collectExecuted(servers), ...more });

  const expectOnly = (report: Report, ...rules: string[]): void => {
    expect(
      formatReport(report)
        .split('\n')[0]
        ?.match(/[a-zA-Z]+ \d+/g) ?? [],
      formatReport(report),
    ).to.satisfy((found: string[]) => found.map((rule) => rule.split(' ')[0]).join() === rules.join());
  };

  it('finds nothing in a healthy run', async () => {
    const result = await run(first);
    const report = await judged(result);
    expect(report.ok, formatReport(report)).to.equal(true);
    expect(report.byStatus).to.deep.equal({ ok: result.history.length, error: 0, pending: 0 });
    expect([report.repeated, report.inversions, report.answeredElsewhere]).to.deep.equal([[], [], []]);
  });

  it('catches a double send', async () => {
    const due = everyNth(50);
    const resends: string[] = [];
    const client = withFault(first, async ({ command, args, send }) => {
      const reply = await send();
      if ((command === 'incr' || command === 'rpush') && due()) {
        resends.push(String(args.at(-1)));
        await send();
      }
      return reply;
    });
    const report = await judged(await run(client));
    expect(resends).not.to.be.empty;
    // Another client's RPUSH between the two does not matter: lengths are compared with the server's own order.
    expectOnly(report, 'doubled');
    expect(report.doubled.map(({ id }) => resends.some((sent) => sent.includes(id)))).to.deep.equal(
      resends.map(() => true),
    );
  });

  it('catches a write that is sent to both servers, and allows it where it may be repeated', async () => {
    const due = everyNth(20);
    const client = withFault(first, async ({ command, args, send }) => {
      if (command !== 'get' && due()) await second.call(command, ...(args as string[]));
      return send();
    });
    const report = await judged(await run(client, { get: 1, set: 2, incr: 1, sadd: 1, hset: 1, script: 1 }));
    expectOnly(report, 'doubled');
    expect(new Set(report.repeated.map(({ command }) => command))).to.deep.equal(new Set(['SET']));
    expect(new Set(report.doubled.map(({ command }) => command))).to.deep.equal(
      new Set(['INCR', 'SADD', 'HSET', 'EVAL']),
    );
  });

  it('catches a write that is acknowledged and lost', async () => {
    const due = everyNth(100);
    let lost = 0;
    const client = withFault(first, ({ command, send }) => {
      if (command !== 'set' || !due()) return send();
      lost++;
      return Promise.resolve('OK');
    });
    const report = await judged(await run(client, { get: 1, set: 4, incr: 1 }));
    expectOnly(report, 'missing');
    expect(report.missing).to.have.lengthOf(lost);
    expect(lost).to.be.above(0);
  });

  it('catches a burst that is reordered', async () => {
    const held = new Map<string, () => void>();
    const client = withFault(first, ({ args, send }) => {
      const [key, value] = args.map(String) as [string, string];
      // The first SET of every burst is sent behind its last one.
      if (value.endsWith(':1')) return new Promise((resolve) => held.set(key, () => resolve(send())));
      const sent = send();
      if (value.endsWith(':20')) held.get(key)?.();
      return sent;
    });
    const report = await judged(await run(client, { 'set-burst': 1 }));
    expectOnly(report, 'orderBroken');
    expect(report.orderBroken).to.have.lengthOf(50);
    expect(report.inversions).to.have.lengthOf(50);
  });

  it('catches an error that denies an execution', async () => {
    const due = everyNth(100);
    const facts = { code: 'GEO_DEADLINE_EXCEEDED', endpointId: 'a', epoch: 1, outcome: 'not-executed' };
    const client = withFault(first, async ({ command, send }) => {
      const reply = await send();
      if (command === 'incr' && due()) throw Object.assign(new Error('late'), facts);
      return reply;
    });
    const report = await judged(await run(client, { incr: 1 }));
    expectOnly(report, 'untrueNotExecuted');
    expect(report.untrueNotExecuted).to.have.lengthOf(10);
    expect(report.errors.byCode).to.deep.equal({ GEO_DEADLINE_EXCEEDED: 10 });
  });

  it('catches an error that admits an execution which was impossible', async () => {
    const due = everyNth(100);
    const written = new Set<string>();
    const facts = { code: 'GEO_AMBIGUOUS', endpointId: 'a', epoch: 1, outcome: 'maybe-executed' };
    const client = withFault(first, ({ args, send }) => {
      if (due()) return Promise.reject(Object.assign(new Error('lost'), facts));
      written.add(String(args[0]).slice('incr:'.length));
      return send();
    });
    const report = await judged(await run(client, { incr: 1 }), { wasWritten: (id) => written.has(id) });
    expectOnly(report, 'untrueMaybeExecuted');
    expect(report.untrueMaybeExecuted).to.have.lengthOf(10);
  });

  it('catches a promise that never settles', async () => {
    const due = everyNth(200);
    const swallowed: string[] = [];
    const client = withFault(first, async ({ args, send }) => {
      if (!due()) return send();
      swallowed.push(String(args[0]));
      return new Promise(() => undefined);
    });
    const report = await judged(await run(client, { incr: 1 }, { settleTimeoutMs: 500 }));
    expectOnly(report, 'pending');
    expect(swallowed).to.have.lengthOf(5);
    expect(report.pending.map(({ key }) => key)).to.include.members(swallowed);
  });

  it('catches a read that overtakes the write before it', async () => {
    const client = withBatchFault(first, 'pipeline', async (calls) => {
      const isRead = ([name]: readonly [string, ...unknown[]]) => name === 'get';
      const order = [...calls.filter(isRead), ...calls.filter((call) => !isRead(call))];
      const results = (await first.pipeline(order.map((call) => [...call])).exec()) ?? [];
      return calls.map((call) => results[order.indexOf(call)]);
    });
    const report = await judged(await run(client, { pipeline: 1 }));
    expectOnly(report, 'readBehindWrite');
    expect(report.readBehindWrite).to.have.lengthOf(200);
  });

  it('catches a transaction that is taken apart', async () => {
    const client = withBatchFault(first, 'multi', (calls) =>
      Promise.all(calls.map(async ([, key]) => [null, await first.incr(String(key))])),
    );
    expectOnly(await judged(await run(client, { multi: 1 })), 'partialTransactions');
  });

  it('counts what killed and frozen servers hold', async () => {
    const [killed, frozen] = servers as [RedisServer, RedisServer];
    const result = await run(first);
    await killed.kill();
    await second.ping();
    await frozen.freeze();
    // Lies in the socket of the frozen server, and runs when it is thawed.
    const late = startLoad(second, { opsPerSecond: 4_000, maxOperations: 500, mix: { incr: 1 } });
    const whenStopped = new Promise<void>((resolve) => {
      const look = () => (late.history.length === 500 ? resolve() : setImmediate(look));
      look();
    });
    await whenStopped;
    const executed = await collectExecuted({ killed, frozen });
    const { history } = await late.finished;
    const report = judge({ history: [...result.history, ...history], servers: executed });
    expect(report.ok, formatReport(report)).to.equal(true);
    expect(report.byStatus.ok).to.equal(result.history.length + 500);
  });

  it('refuses a log that was rewritten', async () => {
    const server = await startRedisServer();
    try {
      await server.cli('SET', 'some', 'data');
      await server.cli('BGREWRITEAOF');
      while (!String(await server.cli('INFO', 'persistence')).includes('aof_rewrite_in_progress:0')) continue;
      const failure: unknown = await collectExecuted([server]).catch((error: unknown) => error);
      expect(String(failure)).to.include('was rewritten');
    } finally {
      await server.dispose();
    }
  });
});
