import { expect } from 'chai';
import { DataCheck, type DataClient, type DataLoss } from '../../lib/health/data-check.ts';
import { replyError } from './fake-clients.ts';

/** A server as one connection sees it. */
class Connection implements DataClient {
  readonly options: { readonly db?: number };
  keys: number | Error = 0;
  keyspace: string | Error = '';
  server: string | Error = '';
  asked: string[] = [];
  /** Called off by the spec. */
  delayed: Promise<void> = Promise.resolve();

  constructor(more: Partial<Connection> = {}) {
    this.options = {};
    Object.assign(this, more);
  }

  async dbsize(): Promise<unknown> {
    return this.#answer('dbsize', this.keys);
  }

  async info(section: string): Promise<unknown> {
    return this.#answer(section, section === 'server' ? this.server : this.keyspace);
  }

  async #answer(question: string, answer: unknown): Promise<unknown> {
    this.asked.push(question);
    await this.delayed;
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

const first = { server: '# Server\r\nrun_id:aaa\r\n' };
const second = { server: '# Server\r\nrun_id:bbb\r\n' };

describe('The check of the data', () => {
  let told: (boolean | DataLoss)[];
  let unknown: string[];

  beforeEach(() => {
    told = [];
    unknown = [];
  });

  function createCheck({ database }: { database: number | undefined } = { database: 0 }): DataCheck {
    return new DataCheck({
      database,
      onCounted: (hasLostData, loss) => void told.push(loss ?? hasLostData),
      onUnknown: (reason) => void unknown.push(reason),
    });
  }

  /** What was told after a look over each of these connections. */
  async function look(check: DataCheck, ...connections: Connection[]): Promise<(boolean | DataLoss)[]> {
    for (const connection of connections) await check.run(connection);
    return told.splice(0);
  }

  it('notices that keys are gone over the next connection, because another server answers', async () => {
    const check = createCheck();

    expect(await look(check, new Connection({ keys: 5, ...first }))).to.deep.equal([false]);
    expect(await look(check, new Connection({ keys: 0, ...second }))).to.deep.equal([
      { database: 0, keysBefore: 5, isOtherProcess: true },
    ]);
  });

  it('goes on looking until there are keys again', async () => {
    const check = createCheck();
    const empty = new Connection({ ...second });
    await look(check, new Connection({ keys: 5, ...first }), empty);

    expect(await look(check, empty, empty)).to.deep.equal([true, true]);
    empty.keys = 1;
    expect(await look(check, empty, empty, empty)).to.deep.equal([false]);
    expect(empty.asked).to.deep.equal(['dbsize', 'server', 'dbsize', 'dbsize', 'dbsize']);
  });

  it('tells a loss once, also when the empty endpoint is lost and comes back empty', async () => {
    const check = createCheck();
    const connections = [new Connection({ keys: 5, ...first }), new Connection(second), new Connection(first)];

    expect((await look(check, ...connections)).slice(1)).to.deep.equal([
      { database: 0, keysBefore: 5, isOtherProcess: true },
      true,
    ]);
  });

  it('sees keys that came after the first look', async () => {
    const check = createCheck();
    const connection = new Connection({ ...first });
    await look(check, connection);
    connection.keys = 7;
    await look(check, connection);

    expect(await look(check, new Connection(second))).to.deep.equal([
      { database: 0, keysBefore: 7, isOtherProcess: true },
    ]);
  });

  it('goes on where the one of a replaced endpoint ended', async () => {
    const before = createCheck();
    await look(before, new Connection({ keys: 5, ...first }));
    const after = createCheck();
    after.inherit(before);
    expect(await look(after, new Connection(second))).to.deep.equal([
      { database: 0, keysBefore: 5, isOtherProcess: true },
    ]);
    const last = createCheck();
    last.inherit(after);

    expect(await look(last, new Connection(first))).to.deep.equal([true]);
  });

  it('begins anew when a replaced endpoint had another database', async () => {
    const before = createCheck();
    await look(before, new Connection({ keys: 5, ...first }));
    const after = createCheck({ database: 1 });
    after.inherit(before);

    expect(await look(after, new Connection(second))).to.deep.equal([false]);
  });

  it('asks one that has keys over new connections only', async () => {
    const check = createCheck();
    const connection = new Connection({ keys: 5, ...first });

    expect(await look(check, connection, connection, connection)).to.deep.equal([false]);
    expect(connection.asked).to.deep.equal(['dbsize', 'server']);
  });

  describe('finds nothing lost', () => {
    it('by a server that was flushed: it is the same process', async () => {
      const check = createCheck();
      const flushed = new Connection(first);

      expect(await look(check, new Connection({ keys: 5, ...first }), flushed)).to.deep.equal([false, false]);
      flushed.keys = 2;
      expect(await look(check, flushed, new Connection(second))).to.deep.equal([
        false,
        { database: 0, keysBefore: 2, isOtherProcess: true },
      ]);
    });

    it('by one that was empty before', async () => {
      expect(await look(createCheck(), new Connection(first), new Connection(second))).to.deep.equal([false, false]);
    });

    it('by one that comes back with fewer keys', async () => {
      const check = createCheck();

      expect(
        await look(check, new Connection({ keys: 5, ...first }), new Connection({ keys: 1, ...second })),
      ).to.deep.equal([false, false]);
    });
  });

  describe('where the server does not tell who it is', () => {
    it('judges by the keys alone', async () => {
      const refused = { server: replyError("NOPERM this user has no permissions to run the 'info' command") };
      const check = createCheck();

      expect(await look(check, new Connection({ keys: 5, ...refused }), new Connection(refused))).to.deep.equal([
        false,
        { database: 0, keysBefore: 5, isOtherProcess: undefined },
      ]);
      expect(unknown).to.deep.equal([]);
    });
  });

  describe('where the server does not tell how many keys there are', () => {
    for (const message of [
      "NOPERM this user has no permissions to run the 'dbsize' command",
      "ERR unknown command 'dbsize'",
    ]) {
      it(`is silent, and does not ask again: ${message}`, async () => {
        const check = createCheck();
        const connection = new Connection({ keys: replyError(message), ...first });

        expect(await look(check, connection, connection, new Connection({ keys: 0, ...second }))).to.deep.equal([]);
        expect(connection.asked).to.deep.equal(['dbsize', 'server']);
        expect(unknown).to.deep.equal([message]);
      });
    }

    it('asks again when it cannot answer now', async () => {
      const check = createCheck();
      const loading = new Connection({ keys: replyError('LOADING Redis is loading the dataset in memory'), ...second });
      await look(check, new Connection({ keys: 5, ...first }));

      expect(await look(check, loading)).to.deep.equal([]);
      loading.keys = 0;
      expect(await look(check, loading)).to.deep.equal([{ database: 0, keysBefore: 5, isOtherProcess: true }]);
      expect(unknown).to.deep.equal([]);
    });

    it('is silent about a client without the commands', async () => {
      const check = createCheck();
      await check.run({});
      await check.run({ options: { db: 3 } });

      expect(told).to.deep.equal([]);
    });
  });

  describe('of another database than the connection has selected', () => {
    it('counts the keys of that one', async () => {
      const keyspace = '# Keyspace\r\ndb0:keys=90,expires=0\r\ndb13:keys=9,expires=0\r\ndb3:keys=4,expires=1\r\n';
      const check = createCheck({ database: 3 });

      expect(
        await look(
          check,
          new Connection({ keyspace, ...first }),
          new Connection({ keyspace: '# Keyspace\r\ndb0:keys=90,expires=0\r\ndb13:keys=9,expires=0\r\n', ...second }),
        ),
      ).to.deep.equal([false, { database: 3, keysBefore: 4, isOtherProcess: true }]);
    });

    it('is that of the client, where no other was configured', async () => {
      const check = createCheck({ database: undefined });
      const options = { db: 2 };

      expect(
        await look(check, new Connection({ keys: 5, options, ...first }), new Connection({ options, ...second })),
      ).to.deep.equal([false, { database: 2, keysBefore: 5, isOtherProcess: true }]);
    });
  });

  it('takes no notice of what comes late, over a connection that was given up', async () => {
    const check = createCheck();
    let answer: () => void = () => undefined;
    const delayed = new Promise<void>((resolve) => (answer = resolve));
    const late = check.run(new Connection({ keys: 0, delayed, ...first }));
    await look(check, new Connection({ keys: 5, ...second }));
    answer();
    await late;

    expect(told).to.deep.equal([]);
    expect(await look(check, new Connection(first))).to.deep.equal([
      { database: 0, keysBefore: 5, isOtherProcess: true },
    ]);
  });
});
