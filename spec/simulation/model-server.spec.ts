import { expect } from 'chai';
import { Redis } from 'ioredis';
import { seededRandom } from '../support/checker/random.ts';
import { type RedisServer, startRedisServers } from '../support/redis-server.ts';
import { ModelServer } from './model-server.ts';
import { SimulatedNetwork } from './simulated-network.ts';

/** Commands as on a command line, with `~` for a space inside of an argument; what one connection is told, in order. */
const SCRIPTS: readonly (readonly string[])[] = [
  ['ping', 'echo hello', 'get k', 'set k v', 'get k', 'del k', 'del k l', 'get k'],
  ['incr n', 'incr n', 'get n', 'rpush l a b', 'rpush l c', 'lrange l 0 -1', 'get l'],
  ['sadd s a', 'sadd s a b', 'sadd t a', 'smembers t', 'hset h f 1', 'hset h f 2', 'select 0'],
  ['multi', 'set k 1', 'incr k', 'exec', 'get k', 'exec', 'multi', 'set k 9', 'discard', 'get k', 'discard'],
  [
    'watch k',
    'set k 2',
    'multi',
    'incr k',
    'exec',
    'get k',
    'watch k',
    'unwatch',
    'set k 3',
    'multi',
    'incr k',
    'exec',
  ],
  ['multi', 'multi', 'watch k', 'incr k', 'exec', 'get k'],
  ['unheard of', 'multi', 'unheard of', 'incr k', 'exec', 'get k'],
  ["eval return~redis.call('incr',KEYS[1]) 1 e", 'publish nobody hears', 'client setname x', 'client id'],
];

describe('The server of the simulation', () => {
  let server: RedisServer;
  let real: Redis;
  let model: Redis;

  before(async () => {
    [server] = (await startRedisServers(1)) as [RedisServer];
  });

  after(() => server.dispose());

  beforeEach(async () => {
    real = new Redis({ host: server.host, port: server.port });
    await real.flushall();
    const network = new SimulatedNetwork({ random: seededRandom(1) });
    model = new Redis({ Connector: network.connectorTo(new ModelServer('model')) });
  });

  afterEach(() => {
    real.disconnect();
    model.disconnect();
  });

  for (const script of SCRIPTS) {
    it(`answers as Redis does: ${script.join(', ')}`, async () => {
      expect(await answers(model, script)).to.deep.equal(await answers(real, script));
    });
  }

  it('remembers what has changed something', () => {
    const remembering = new ModelServer('remembering');
    for (const name of ['DEL', 'SADD', 'SADD', 'HSET', 'HSET']) {
      remembering.data.execute(name, [name === 'HSET' ? 'hash' : 'set', 'field', 'value']);
    }

    const executed = remembering.data.executed.map(({ name }) => name);
    expect(executed).to.deep.equal(['SADD', 'HSET', 'HSET']);
  });

  describe('when a connection breaks', () => {
    const breakAt = async (cut: (server: ModelServer, network: SimulatedNetwork) => void): Promise<string[]> => {
      const broken = new ModelServer('broken');
      const network = new SimulatedNetwork({ random: seededRandom(1) });
      const options = { retryStrategy: () => null, lazyConnect: true, autoResendUnfulfilledCommands: false };
      const client = new Redis({ Connector: network.connectorTo(broken), ...options });
      client.on('error', () => undefined);
      await client.connect();
      cut(broken, network);
      const calls = ['first', 'second', 'third', 'fourth'].map((key) => client.incr(key));
      const told = await Promise.all(calls.map((call) => call.then(String, () => 'lost')));
      client.disconnect();
      return [...told, ...broken.data.executed.map(({ args }) => args[0] ?? '')];
    };

    it('executes nothing behind the last request, and sends no reply behind the last one', async () => {
      const cut = (broken: ModelServer, network: SimulatedNetwork): void => {
        for (const link of network.linksTo(broken)) link.cutMessages(3, 1);
      };

      expect(await breakAt(cut)).to.deep.equal(['1', 'lost', 'lost', 'lost', 'first', 'second', 'third']);
    });

    it('executes nothing from the command on at which it is cut', async () => {
      const cut = (broken: ModelServer): void => broken.cutAt({ name: 'INCR', isExecuted: false });

      expect(await breakAt(cut)).to.deep.equal(['lost', 'lost', 'lost', 'lost']);
    });

    it('executes nothing behind the command at which it is cut', async () => {
      const cut = (broken: ModelServer): void => broken.cutAt({ name: 'INCR', isExecuted: true });

      expect(await breakAt(cut)).to.deep.equal(['lost', 'lost', 'lost', 'lost', 'first']);
    });
  });

  it('answers nothing behind a reply that it left out, also when it is to break later', () => {
    const told: string[] = [];
    const connection = new ModelServer('broken').accept({
      reply: (bytes) => void told.push(String(bytes)),
      end: () => void told.push('end'),
      reset: () => void told.push('reset'),
      resetBehindReplies: () => void told.push('reset'),
    });
    const ping = (): void => connection.receive(Buffer.from('*1\r\n$4\r\nPING\r\n'));
    connection.cutBehind(2, 1);
    for (let i = 0; i < 2; i++) ping();
    connection.cutBehind(9, 9);
    for (let i = 0; i < 2; i++) ping();

    expect(told).to.deep.equal(['+PONG\r\n', 'reset']);
  });

  it('delivers messages as Redis does', async () => {
    const hear = async (subscriber: Redis, publisher: Redis): Promise<unknown[]> => {
      const arrived = new Promise((resolve) => subscriber.once('message', (...message) => resolve(message)));
      const before = [await subscriber.subscribe('c'), await publisher.publish('c', 'hello')];
      return [...before, await arrived, await subscriber.unsubscribe('c'), await publisher.publish('c', 'again')];
    };
    const publisher = real.duplicate();
    const other = model.duplicate();
    try {
      expect(await hear(model, other)).to.deep.equal(await hear(real, publisher));
    } finally {
      publisher.disconnect();
      other.disconnect();
    }
  });
});

async function answers(redis: Redis, script: readonly string[]): Promise<unknown[]> {
  const told: unknown[] = [];
  for (const line of script) {
    const [name = '', ...args] = line.split(' ').map((word) => word.replace('~', ' '));
    const reply = await redis.call(name, ...args).catch((error: unknown) => String(error).replace(/[`',].*/, ''));
    told.push(line === 'client id' ? typeof reply : reply);
  }
  return told;
}
