import { expect } from 'chai';
import { Redis, type RedisOptions } from 'ioredis';
import { HookedClient } from '../../lib/ioredis-internals/client-hooks.ts';
import { ResettableConnector } from '../../lib/ioredis-internals/connector.ts';
import { discardClient } from '../../lib/ioredis-internals/discard-client.ts';
import { internals, type IoredisCommand } from '../../lib/ioredis-internals/types.ts';
import { outcomeOf, parse } from '../dispatch/commands.ts';
import { HangingConnector, PipeConnector } from '../support/pipe-connector.ts';
import { playedServerForEachTest } from '../support/played-server.ts';
import { Recorder, printItems } from './recorder.ts';

const policy = { lazyConnect: true, retryStrategy: () => null, autoResendUnfulfilledCommands: false };

/** Ends a client may come to besides losing its connection. */
describe('A client that is given up', () => {
  const server = playedServerForEachTest();
  let redis: Redis;
  let recorder: Recorder;

  beforeEach(() => {
    recorder = new Recorder();
  });

  afterEach(() => redis.disconnect());

  function hook(options: RedisOptions = {}): HookedClient {
    const { host, port } = server.current;
    redis = new Redis({ host, port, ...policy, Connector: ResettableConnector, ...options });
    return new HookedClient(redis, recorder);
  }

  async function connect(options?: RedisOptions): Promise<HookedClient> {
    const hooked = hook(options);
    await redis.connect();
    recorder.log.length = 0;
    return hooked;
  }

  async function inFlight(hooked: HookedClient, ...lines: string[]): Promise<IoredisCommand[]> {
    const { received } = server.current.connections.at(-1)!;
    const sent = lines.map(parse);
    for (const command of sent) hooked.send(command);
    await server.current.waitFor(() => lines.every((line) => received.includes(line)));
    return sent;
  }

  function ended(): Promise<void> {
    return new Promise((resolve) => void redis.once('end', () => resolve()));
  }

  it('returns what was in flight, and does not tell of it again', async () => {
    const hooked = await connect();
    const sent = await inFlight(hooked, 'incr a', 'get b');
    const end = ended();

    expect(hooked.abandon().map(({ command }) => command)).to.deep.equal(sent);
    expect(hooked.pending).to.equal(0);
    await end;
    expect(recorder.log).to.deep.equal(['close', 'end']);
    expect(await Promise.all(sent.map(outcomeOf))).to.deep.equal(['pending', 'pending']);
  });

  it('rejects what was its own, and keeps that to itself', async () => {
    server.current.answers.delete('select');
    const hooked = await connect();
    const own = hooked.sendOwn(parse('select 1')).catch((reason: unknown) => (reason as Error).message);
    await inFlight(hooked, 'get b');

    expect(printItems(hooked.abandon())).to.equal('get b');
    expect(await own).to.equal('Connection is closed.');
  });

  it('resets the connection, so that nothing on its way arrives', async () => {
    const hooked = await connect();
    const [connection] = server.current.connections;
    hooked.abandon();
    await server.current.waitFor(() => connection?.end !== 'open');

    expect(connection?.end).to.equal('reset');
  });

  it('is not harmed by a late reply', async () => {
    const hooked = await connect({ Connector: PipeConnector });
    const sent = parse('get a');
    hooked.send(sent);
    const errors: unknown[] = [];
    redis.on('error', (error) => errors.push(error));
    const { stream } = hooked;
    const end = ended();
    hooked.abandon();
    // What was received already is handed on although the stream is destroyed.
    stream?.emit('data', Buffer.from('+late\r\n'));
    await end;

    expect(errors).to.deep.equal([]);
    expect(await outcomeOf(sent)).to.equal('pending');
  });

  it('can connect again', async () => {
    const hooked = await connect();
    const end = ended();
    hooked.abandon();
    await end;
    await redis.connect();
    const [get] = await inFlight(hooked, 'get a');
    server.current.connections[1]?.reply('+1');

    expect(await get?.promise).to.equal('1');
  });

  it('gives up a handshake that hangs', async () => {
    server.current.answers.delete('info');
    const hooked = hook();
    const connected = redis.connect().catch((reason: unknown) => (reason as Error).message);
    const connection = await server.current.connection();
    await server.current.waitFor(() => connection.received.includes('info'));
    hooked.abandon();

    expect(await connected).to.equal('Connection is closed.');
    expect(recorder.log).to.deep.equal(['connecting', 'connect', 'close', 'end']);
  });

  it('gives up an attempt that has no socket yet', async () => {
    const hooked = hook();
    const connected = redis.connect().catch((reason: unknown) => (reason as Error).message);
    hooked.abandon();

    expect(await connected).to.equal('Connection is closed.');
    expect(hooked.status).to.equal('end');
    expect(server.current.connections).to.deep.equal([]);
  });

  it("gives up an attempt whose connector is the user's own and never delivers", async () => {
    const hooked = hook({ Connector: HangingConnector });
    const connected = redis.connect().catch((reason: unknown) => (reason as Error).message);
    hooked.abandon();

    expect(await connected).to.equal('Connection is closed.');
    expect(hooked.status).to.equal('end');
  });

  describe('for good', () => {
    it('resets its connection and does not reconnect', async () => {
      redis = new Redis({ ...policy, port: server.current.port, retryStrategy: () => 0 });
      await redis.connect();
      const end = ended();
      discardClient(redis);
      await end;
      const [connection] = server.current.connections;
      await server.current.waitFor(() => connection?.end !== 'open');

      expect(connection?.end).to.equal('reset');
      expect(redis.status).to.equal('end');
    });

    it('ends an attempt that has no socket yet, without a word', async () => {
      redis = new Redis({ ...policy, port: server.current.port, Connector: ResettableConnector });
      const connected = redis.connect().catch((reason: unknown) => (reason as Error).message);
      discardClient(redis);

      expect(await connected).to.equal('Connection is closed.');
      expect(redis.status).to.equal('end');
    });

    it('ends before it was connected, and may be given up again', () => {
      redis = new Redis({ ...policy, Connector: ResettableConnector });
      discardClient(redis);
      discardClient(redis);

      expect(internals(redis).status).to.equal('end');
    });
  });
});
