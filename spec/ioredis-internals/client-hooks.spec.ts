import { expect } from 'chai';
import { Redis, type RedisOptions } from 'ioredis';
import { HookedClient } from '../../lib/ioredis-internals/client-hooks.ts';
import { ResettableConnector } from '../../lib/ioredis-internals/connector.ts';
import { type IoredisCommand, internals } from '../../lib/ioredis-internals/types.ts';
import { outcomeOf, parse, stream } from '../dispatch/commands.ts';
import { type PlayedConnection, playedServerForEachTest } from '../support/played-server.ts';
import { Recorder, printItems } from './recorder.ts';

describe('A hooked client', () => {
  const server = playedServerForEachTest();
  let redis: Redis;
  let hooked: HookedClient;
  let recorder: Recorder;
  let wire: PlayedConnection;

  beforeEach(() => connect());

  afterEach(() => redis.disconnect());

  async function connect(options: RedisOptions = {}): Promise<void> {
    hook(options);
    await redis.connect();
    wire = server.current.connections.at(-1)!;
    recorder.log.length = 0;
  }

  function hook(options: RedisOptions = {}): void {
    const { host, port } = server.current;
    const policy = { lazyConnect: true, retryStrategy: () => null, autoResendUnfulfilledCommands: false };
    redis = new Redis({ host, port, ...policy, Connector: ResettableConnector, ...options });
    recorder = new Recorder();
    hooked = new HookedClient(redis, recorder);
  }

  /** Sends the commands, and waits until the server has them. */
  async function inFlight(...lines: string[]): Promise<IoredisCommand[]> {
    const sent = lines.map(parse);
    for (const command of sent) hooked.send(command);
    await server.current.waitFor(() => lines.every((line) => wire.received.includes(line)));
    return sent;
  }

  function outcomes(sent: readonly IoredisCommand[]): Promise<unknown[]> {
    return Promise.all(sent.map(outcomeOf));
  }

  /** Resolves when ioredis has done all that it does at the end of a connection. */
  async function ended(): Promise<void> {
    if (hooked.status !== 'end') await new Promise((resolve) => redis.once('end', resolve));
  }

  function messageOf(rejected: Promise<unknown>): Promise<unknown> {
    return rejected.catch((reason: unknown) => (reason as Error).message);
  }

  it('answers as ever', async () => {
    const [get] = await inFlight('get k');
    expect([hooked.pending, hooked.head]).to.deep.equal([1, get]);
    const before = hooked.bytesRead;
    wire.reply('+v');

    expect(await get?.promise).to.equal('v');
    expect([hooked.pending, hooked.head, hooked.bytesRead - before]).to.deep.equal([0, undefined, 4]);
    expect(recorder.log).to.deep.equal([]);
  });

  it('tells of every status, once it is set', async () => {
    hook();
    await redis.connect();
    redis.disconnect();
    await ended();

    expect(recorder.log).to.deep.equal(['connecting', 'connect', 'ready', 'close', 'end']);
  });

  describe('that loses its connection', () => {
    it('hands over what was in flight once, in order, before ioredis acts on the loss', async () => {
      const sent = await inFlight('set k 1', 'incr k', 'get k');
      wire.reply('+OK');
      await sent[0]?.promise;
      wire.reset();
      await ended();

      expect(recorder.log).to.deep.equal(['lost: incr k, get k', 'close', 'end']);
      expect(await outcomes(sent.slice(1))).to.deep.equal(['pending', 'pending']);
      expect(hooked.pending).to.equal(0);
      expect(hooked.lastError).to.have.property('code', 'ECONNRESET');
    });

    it('hands over a pipeline with its stream, also one that was answered in part', async () => {
      const pipeline = { ...stream(), destination: { redis }, write: (data: string) => hooked.stream?.write(data) };
      const sent = ['get a', 'get b'].map(parse) as (IoredisCommand & { pipelineIndex?: number })[];
      for (const [index, command] of sent.entries()) {
        command.pipelineIndex = index;
        hooked.send(command, pipeline);
      }
      await server.current.waitFor(() => wire.received.length === 2);
      wire.reply('+1');
      await sent[0]?.promise;
      recorder.connectionLost = (items) => recorder.log.push(...items.map((item) => String(item.stream === pipeline)));
      wire.reset();
      await ended();

      expect(recorder.log).to.deep.equal(['true', 'close', 'end']);
      expect(await outcomes(sent.slice(1))).to.deep.equal(['pending']);
    });

    it('tells nothing of what was in flight when there was nothing', async () => {
      wire.socket.end();
      await ended();

      expect(recorder.log).to.deep.equal(['close', 'end']);
    });

    it('does not send anything again over its next connection', async () => {
      await inFlight('incr k');
      wire.reset();
      await ended();
      await redis.connect();

      expect(server.current.connections[1]?.received).to.deep.equal([]);
      expect(hooked.pending).to.equal(0);
    });

    it('hands over what a reply that is no reply leaves in doubt', async () => {
      const [sent] = await inFlight('incr k');
      wire.reply('nonsense');
      await ended();

      expect(recorder.log).to.deep.equal(['lost: incr k', 'close', 'end']);
      expect(await outcomeOf(sent!)).to.equal('pending');
    });
  });

  describe('sends commands of its own', () => {
    it('which are in the queue but not in flight for others', async () => {
      server.current.answers.delete('select');
      const select = parse('select 3');
      void hooked.sendOwn(select).catch(() => undefined);
      const [get] = await inFlight('get k');

      expect([hooked.pending, hooked.head]).to.deep.equal([2, select]);
      expect(printItems(hooked.inFlight())).to.equal('get k');
      wire.reply('+OK', '+v');
      expect(await get?.promise).to.equal('v');
    });

    it('which are rejected and not handed over when the connection is lost', async () => {
      server.current.answers.delete('select');
      const select = messageOf(hooked.sendOwn(parse('select 3')));
      await inFlight('get k');
      wire.reset();

      expect(await select).to.equal('Connection is closed.');
      expect(recorder.log[0]).to.equal('lost: get k');
    });

    it('which are rejected and not refused when the stream takes no more', async () => {
      hooked.stream?.destroy();

      expect(await messageOf(hooked.sendOwn(parse('select 3')))).to.equal('Connection is closed.');
      expect(recorder.log).to.deep.equal([]);
    });

    it("whose error replies are nobody else's", async () => {
      server.current.answers.set('select', '-ERR DB index is out of range\r\n');

      expect(await messageOf(hooked.sendOwn(parse('select 99')))).to.contain('out of range');
      expect(recorder.log).to.deep.equal([]);
    });

    it('as part of the handshake, which is not handed over when the connection is lost in it', async () => {
      server.current.answers.delete('info');
      hook({ db: 2 });
      const connected = messageOf(redis.connect());
      const second = await server.current.connection(1);
      await server.current.waitFor(() => second.received.includes('info'));
      second.reset();

      expect(await connected).to.equal('Connection is closed.');
      expect(recorder.log).to.deep.equal(['connecting', 'connect', 'close', 'end']);
    });
  });

  it('hands over what its stream did not take, and leaves it unsettled', async () => {
    hooked.stream?.destroy();
    const sent = ['set k 1', 'get k'].map(parse);
    for (const command of sent) hooked.send(command);

    expect(recorder.log).to.deep.equal(['refused: set k 1', 'refused: get k']);
    await ended();
    expect(await outcomes(sent)).to.deep.equal(['pending', 'pending']);
    expect(wire.received).to.deep.equal([]);
  });

  it('hands over what comes before it is ready, and what waits when connecting fails', async () => {
    server.current.close();
    hook();
    const connected = messageOf(redis.connect());
    const sent = parse('get k');
    hooked.send(sent);

    expect(await connected).to.equal('Connection is closed.');
    expect(recorder.log).to.deep.equal(['connecting', 'refused: get k', 'close', 'end']);
    expect(await outcomeOf(sent)).to.equal('pending');
    expect(hooked.lastError).to.have.property('code', 'ECONNREFUSED');
  });

  for (const [takes, outcome] of [
    [true, 'is left to the listener that takes it'],
    [false, 'goes to the caller when the listener does not take it'],
  ] as const) {
    it(`tells of an error reply, which ${outcome}`, async () => {
      recorder.takesErrors = takes;
      const [set, get] = await inFlight('set k 1', 'get k');
      wire.reply('-READONLY no', '+v');
      expect(await get?.promise).to.equal('v');

      expect(recorder.log).to.deep.equal(['READONLY no: set k 1']);
      const settled = await outcomeOf(set!);
      expect(settled instanceof Error ? settled.message : settled).to.equal(takes ? 'pending' : 'READONLY no');
    });
  }

  it('corrects what ioredis believes of the selected database', () => {
    hooked.selectedDatabase = 5;

    expect(hooked.condition?.select).to.equal(5);
    expect(internals(redis).condition).to.equal(hooked.condition);
  });
});
