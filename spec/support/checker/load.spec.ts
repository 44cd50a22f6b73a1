import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { DEFAULT_MIX, startLoad, type LoadClient, type LoadKind } from './load.ts';
import { operationIdsIn, type Operation } from './history.ts';

type Answer = (command: string, args: readonly unknown[]) => unknown;

/** Answers everything at once, without a server. */
function stubClient(answer: Answer = () => Promise.resolve('OK')): LoadClient {
  return new Proxy({} as LoadClient, {
    get(_, command) {
      if (command !== 'pipeline' && command !== 'multi') return (...args: unknown[]) => answer(String(command), args);
      return () => {
        let length = 0;
        const queue: object = new Proxy(
          {},
          {
            get(__, member) {
              if (member === 'exec') return () => Promise.resolve(Array.from({ length }, () => [null, 'OK']));
              return () => (length++, queue);
            },
          },
        );
        return queue;
      };
    },
  });
}

function deferred(): { readonly promise: Promise<string>; readonly resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => undefined;
  const promise = new Promise<string>((settle) => (resolve = settle));
  return { promise, resolve };
}

const quick = { opsPerSecond: 20_000, maxOperations: 500 };

const shapeOf = ({ id, kind, key, command }: Operation) => [id, kind, key, command];

describe('startLoad', () => {
  it('records every operation with its times, reply and a unique id', async () => {
    const { history, pending, unhandled } = await startLoad(stubClient(), quick).finished;
    expect(history.length).to.be.within(500, 530);
    expect({ pending, unhandled }).to.deep.equal({ pending: 0, unhandled: [] });
    expect(new Set(history.map(({ id }) => id)).size).to.equal(history.length);
    for (const operation of history) {
      expect(operation).to.include({ status: 'ok', reply: 'OK' });
      expect(operation.settledAt).to.be.at.least(operation.issuedAt);
      expect(operationIdsIn(operation.id)).to.deep.equal([operation.id]);
    }
  });

  it('issues the same commands for the same seed, others for another one', async () => {
    const run = async (seed: number) =>
      (await startLoad(stubClient(), { ...quick, seed, tag: 'same', mix: { get: 1, set: 1, incr: 1 } }).finished)
        .history;
    const [first, second, other] = [await run(7), await run(7), await run(8)];
    expect(first.map(shapeOf)).to.deep.equal(second.map(shapeOf));
    expect(first.map(shapeOf)).not.to.deep.equal(other.map(shapeOf));
  });

  for (const kind of Object.keys(DEFAULT_MIX) as LoadKind[]) {
    it(`knows the kind ${kind}`, async () => {
      const { history } = await startLoad(stubClient(), { ...quick, maxOperations: 20, mix: { [kind]: 1 } }).finished;
      expect(history.map((operation) => operation.kind)).to.include(kind);
    });
  }

  it('writes the SETs of a burst in one turn', async () => {
    const turns = new Map<string, Set<number>>();
    let turn = 0;
    const client = stubClient((_, [key]) => {
      const seen = turns.get(String(key)) ?? new Set();
      turns.set(String(key), seen.add(turn));
      setImmediate(() => turn++);
      return Promise.resolve('OK');
    });
    await startLoad(client, { ...quick, maxOperations: 60, burstLength: 30, mix: { 'set-burst': 1 } }).finished;
    expect([...turns.values()].map(({ size }) => size)).to.deep.equal([1, 1]);
  });

  it('keeps to its rate', async () => {
    const load = startLoad(stubClient(), { opsPerSecond: 1_000, maxOperations: 200, mix: { get: 1 } });
    const { history, startedAt, endedAt } = await load.finished;
    expect(history).to.have.lengthOf(200);
    // The first is due at once, the last after 199 intervals; a slow machine may only be later.
    expect(endedAt - startedAt).to.be.at.least(199);
  });

  it('ends by itself after durationMs', async () => {
    const { endedAt, startedAt, history } = await startLoad(stubClient(), { durationMs: 50 }).finished;
    expect(endedAt - startedAt).to.be.at.least(50);
    expect(history).not.to.be.empty;
  });

  it('finishes after stop() what was begun: the DEL behind a SET', async () => {
    const { promise: set, resolve: acknowledge } = deferred();
    const load = startLoad(
      stubClient(() => set),
      { maxOperations: 2, mix: { del: 1 } },
    );
    const stopped = load.stop();
    acknowledge('OK');
    expect((await stopped).history.map(({ command, status }) => [command, status])).to.deep.equal([
      ['SET', 'ok'],
      ['DEL', 'ok'],
    ]);
  });

  it('sends nothing once it has ended', async () => {
    const { promise: set, resolve: acknowledge } = deferred();
    const sent: string[] = [];
    const client = stubClient((command) => (sent.push(command), set));
    const load = startLoad(client, { maxOperations: 2, mix: { del: 1 }, settleTimeoutMs: 1 });
    expect((await load.finished).pending).to.equal(1);
    acknowledge('OK');
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).to.deep.equal(['set']);
    expect(load.history.map(({ status }) => status)).to.deep.equal(['pending']);
  });

  it('leaves pending what does not settle in time, and does not change it afterwards', async () => {
    const { promise: never, resolve: settle } = deferred();
    const load = startLoad(
      stubClient(() => never),
      { ...quick, maxOperations: 3, mix: { get: 1 }, settleTimeoutMs: 1 },
    );
    const { history, pending } = await load.finished;
    settle('late');
    await never;
    expect(pending).to.equal(3);
    expect(history.map(({ status }) => status)).to.deep.equal(['pending', 'pending', 'pending']);
  });

  it('records errors, thrown ones too, with the facts of the product', async () => {
    const geo = { endpointId: 'eu-west', epoch: 3, outcome: 'not-executed' };
    const errors = {
      get: Object.assign(new Error('lost'), { name: 'GeoFailoverError', code: 'GEO_AMBIGUOUS', ...geo }),
      incr: Object.assign(new Error('LOADING …'), { name: 'ReplyError', geo }),
    };
    const client = stubClient((command) => {
      if (command === 'sadd') throw new TypeError('thrown');
      return Promise.reject(errors[command as keyof typeof errors]);
    });
    const { history } = await startLoad(client, { ...quick, mix: { get: 1, incr: 1, sadd: 1 } }).finished;
    const errorOf = (kind: string) => history.find((operation) => operation.kind === kind)?.error;
    expect(errorOf('get')).to.deep.equal({ name: 'GeoFailoverError', message: 'lost', code: 'GEO_AMBIGUOUS', ...geo });
    expect(errorOf('incr')).to.deep.equal({ name: 'ReplyError', message: 'LOADING …', ...geo });
    expect(errorOf('sadd')).to.deep.equal({ name: 'TypeError', message: 'thrown' });
  });

  it('tells when operations succeed that were issued from now on', async () => {
    const load = startLoad(stubClient(), { opsPerSecond: 2_000, identify: () => 'eu-west', mix: { get: 1 } });
    const before = load.history.length;
    expect(await load.nextSuccesses(20)).to.equal(true);
    expect(load.history.length).to.be.at.least(before + 20);
    const { history } = await load.stop();
    expect(new Set(history.map(({ endpoint }) => endpoint))).to.deep.equal(new Set(['eu-west']));
  });

  it('says false when there are no successes in time', async () => {
    const load = startLoad(
      stubClient(() => Promise.reject(new Error('down'))),
      { mix: { get: 1 } },
    );
    expect(await load.nextSuccesses(1, 5)).to.equal(false);
    await load.stop();
  });

  it('records unhandled rejections', async () => {
    // In a process of its own, because every one fails the test during which it happens.
    const program = `
      import { startLoad } from ${JSON.stringify(new URL('./load.ts', import.meta.url).href)};
      const load = startLoad({ get: () => Promise.resolve(null) }, { mix: { get: 1 } });
      void Promise.reject(new RangeError('nobody listens'));
      await load.nextSuccesses(1);
      console.log(JSON.stringify((await load.stop()).unhandled));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--import', 'tsx', '--input-type=module', '--eval', program],
    ]);
    expect(JSON.parse(stdout)).to.deep.equal(['RangeError: nobody listens']);
  });
});
