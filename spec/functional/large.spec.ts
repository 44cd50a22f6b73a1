import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect } from 'chai';
import { type EndpointOptions, isGeoFailoverError } from '../../lib/index.ts';
import { type Fault, fault } from '../support/faults.ts';
import { type GeoPair, SHORT_TIMES, geoPairForEachTest } from '../support/geo-pair.ts';
import { startJudgedLoad } from '../support/judged-load.ts';
import { nextEvent } from '../support/next-event.ts';

const MEGABYTES = 100;
const COMMANDS = 100_000;

describe('Large amounts', () => {
  const pair = geoPairForEachTest();

  /** No proxy between: it would look at every byte, and in this process. */
  const directly = (): EndpointOptions[] =>
    pair.endpoints.map(({ id, server }, index) => ({
      id,
      weight: 1 / (index + 1),
      redis: { host: server.host, port: server.port },
    }));

  it(`a reply of ${MEGABYTES} MB is no reason to leave, and doubles nothing that is called beside it`, async () => {
    const size = MEGABYTES * 1_000_000;
    const client = await pair.connect({ ...SHORT_TIMES, endpoints: directly() });
    await pair.east.server.cli('SETRANGE', 'large', String(size - 1), 'x');
    const { load, finish } = startJudgedLoad(pair, client, { opsPerSecond: 200 });
    expect(await load.nextSuccesses(20)).to.equal(true);

    const reply = await client.getBuffer('large');
    expect(reply?.length).to.equal(size);
    expect(reply?.at(-1)).to.equal('x'.charCodeAt(0));
    expect(await load.nextSuccesses(20)).to.equal(true);

    const { errors } = await finish();
    expect(errors).to.deep.equal([]);
    expect(client.geo.epoch).to.equal(0);
  });

  const failures: Readonly<Record<string, Omit<Fault, 'name'>>> = { killed: fault('killed'), frozen: fault('frozen') };

  for (const [name, { apply, heal }] of Object.entries(failures)) {
    it(`a pipeline of ${COMMANDS} commands keeps its order when its server is ${name} in the midst of it, and is told the truth`, async () => {
      const client = await pair.connect({ ...SHORT_TIMES, endpoints: directly(), failback: { enabled: false } });
      const switched = nextEvent(client, 'endpointSwitched');
      const pipeline = client.pipeline();
      const firstReply = new Promise<void>((resolve) => pipeline.set('last', -1, () => resolve()));
      for (let index = 0; index < COMMANDS / 4; index++) {
        // The server is still there when the failure comes.
        if (index === COMMANDS / 8) pipeline.eval(BUSY, 0, 300);
        pipeline.set('last', index).get('last').incr('n').rpush('list', index);
      }

      const turns = monitorEventLoopDelay({ resolution: 5 });
      turns.enable();
      const startedAt = performance.now();
      const executed = pipeline.exec();
      await firstReply;
      await apply(pair.east);
      const results = (await executed) ?? [];
      const tookMs = performance.now() - startedAt;
      turns.disable();
      await switched;
      console.log(`      ${Math.round(tookMs)} ms, of which ${Math.round(turns.max / 1e6)} ms in one turn`);

      await heal(pair.east);
      await expectTold(results.slice(1), pair);
    }).timeout(60_000);
  }
});

/** Blocks its server for so many milliseconds. */
const BUSY = `
  local function now() local time = redis.call('TIME') return time[1] * 1000 + time[2] / 1000 end
  local until_ = now() + ARGV[1]
  while now() < until_ do end`;

type Result = readonly [error: Error | null, reply: unknown];

async function expectTold(results: Result[], { east, west }: GeoPair): Promise<void> {
  const [script] = results.splice(COMMANDS / 2, 1);
  expect(isAmbiguous(script)).to.equal(true);
  const of = (kind: number): Result[] => results.filter((_, index) => index % 4 === kind);
  const last = COMMANDS / 4 - 1;
  // Wherever they were executed: each read is behind its write, and before the next one. One whose write was answered
  // before the failure is repeated where nobody has written yet.
  expect(of(0).findIndex(([error, reply]) => error !== null || reply !== 'OK')).to.equal(-1);
  const others = of(1).filter(([error, reply], index) => error !== null || reply !== String(index));
  expect(others).to.deep.equal(others.length === 0 ? [] : [[null, null]]);
  expect(await west.server.cli('GET', 'last')).to.equal(String(last));

  for (const [key, writes] of Object.entries({ n: of(2), list: of(3) })) {
    const answered = writes.filter(([error]) => error === null);
    const lost = writes.slice(answered.length);
    expect(lost).to.have.length.within(1, last);
    // Those that were answered are the first ones, each by its own reply.
    expect(answered.findIndex(([, reply], index) => reply !== index + 1)).to.equal(-1);
    expect(lost.findIndex((result) => !isAmbiguous(result))).to.equal(-1);
    // None of them went elsewhere, and what was acknowledged is there.
    expect(await west.server.cli('EXISTS', key)).to.equal(0);
    expect(Number(await east.server.cli(key === 'n' ? 'GET' : 'LLEN', key))).to.be.at.least(answered.length);
  }
}

function isAmbiguous(result: Result | undefined): boolean {
  const error = result?.[0];
  return (
    isGeoFailoverError(error, 'GEO_AMBIGUOUS') && error.endpointId === 'east' && error.outcome === 'maybe-executed'
  );
}
