import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import RedisMock from 'ioredis-mock';
import { type ClientPurpose, createEndpointClient } from '../../lib/endpoints/endpoint-client.ts';
import { isGeoFailoverError } from '../../lib/errors.ts';
import { ResettableConnector } from '../../lib/ioredis-internals/connector.ts';
import { type ClientInternals, internals } from '../../lib/ioredis-internals/types.ts';
import { PipeConnector } from '../support/pipe-connector.ts';
import { playedServerForEachTest } from '../support/played-server.ts';
import { endpointOf } from './endpoint-of.ts';

const { version } = createRequire(import.meta.url)('ioredis/package.json') as { version: string };

/** What an application may ask for, and does not get inside of one endpoint. */
const ASKED_FOR: RedisOptions = {
  lazyConnect: false,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: true,
  maxRetriesPerRequest: 3,
  reconnectOnError: () => true,
  retryStrategy: () => 1,
  keyPrefix: 'p:',
  commandTimeout: 50,
  enableAutoPipelining: true,
};

const TAKEN_OVER = {
  lazyConnect: true,
  enableOfflineQueue: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: null,
  reconnectOnError: null,
  retryStrategy: null,
  keyPrefix: '',
  commandTimeout: undefined,
  enableAutoPipelining: false,
};

const KEPT: RedisOptions = { db: 3, connectionName: 'mine', username: 'app', password: 'word', connectTimeout: 123 };

/** An option of ioredis 6 alone. */
const IMPORTS: object = { himportFieldsets: [{ name: 'fieldset', fields: ['a', 'b'] }] };

describe('The client of an endpoint', () => {
  let made: Redis[];

  beforeEach(() => {
    made = [];
  });

  afterEach(() => {
    for (const client of made) client.disconnect();
  });

  function create(
    redis: RedisOptions | (() => Redis),
    purpose: ClientPurpose = 'data',
    override?: RedisOptions,
    common: RedisOptions = { keyPrefix: 'p:' },
  ): Redis {
    const result = createEndpointClient(endpointOf(redis), purpose, override, common);
    if (result.kind !== 'command') throw new Error('It speaks the wire protocol');
    made.push(result.client);
    return result.client;
  }

  /** A factory, and the client that it makes. */
  function factory(options: RedisOptions): () => Redis {
    return () => {
      const client = new Redis(options);
      client.on('error', () => undefined);
      return client;
    };
  }

  function connectorOf(client: Redis): unknown {
    return internals(client).connector;
  }

  describe('that is made of options', () => {
    it('does nothing by itself that this package does', () => {
      expect(create(ASKED_FOR).options).to.include(TAKEN_OVER);
    });

    it('has its other options as they were given', () => {
      expect(create(KEPT).options).to.include(KEPT);
    });

    it('has the options that a duplicate was given, but not those that are taken over', () => {
      const { options } = create(KEPT, 'data', { ...ASKED_FOR, db: 5, connectionName: 'second' });

      expect(options).to.include({ ...KEPT, ...TAKEN_OVER, db: 5, connectionName: 'second' });
    });

    it('is not connected, and can be reset', () => {
      const client = create({});

      expect(client.status).to.equal('wait');
      expect(connectorOf(client)).to.be.an.instanceOf(ResettableConnector);
    });

    it('keeps a connector that the application gave', () => {
      expect(connectorOf(create({ Connector: PipeConnector }))).to.be.an.instanceOf(PipeConnector);
    });

    it('is the same client when it is for probes, but selects no database and asks for nothing at first', () => {
      const { options } = create({ ...ASKED_FOR, ...KEPT, ...IMPORTS, readOnly: true }, 'probe');

      expect(options).to.include({ ...KEPT, ...TAKEN_OVER, db: 0 });
      expect(options).to.include({ enableReadyCheck: false, disableClientInfo: true, readOnly: false });
      expect(options).to.have.property('himportFieldsets', undefined);
    });
  });

  describe('that a factory made', () => {
    const server = playedServerForEachTest();

    it('is the very client, and does nothing by itself that this package does', () => {
      const given = factory({ ...ASKED_FOR, lazyConnect: true })();
      const client = create(() => given);

      expect(client).to.equal(given);
      expect(client.options).to.include(TAKEN_OVER);
    });

    it('has the options that a duplicate was given', () => {
      const client = create(factory({ lazyConnect: true }), 'data', { ...ASKED_FOR, db: 5 });

      expect(client.options).to.include({ ...TAKEN_OVER, db: 5 });
    });

    it('may have a prefix of keys or none, whatever a duplicate has', () => {
      for (const keyPrefix of ['p:', '', undefined]) {
        const { options } = create(factory({ lazyConnect: true, keyPrefix }), 'data', { keyPrefix: 'second:' });
        expect(options.keyPrefix).to.equal('');
      }
    });

    it('may have another prefix when it is for probes', () => {
      expect(create(factory({ lazyConnect: true, keyPrefix: 'q:' }), 'probe').options.keyPrefix).to.equal('');
    });

    it('can be reset', () => {
      expect(connectorOf(create(factory({ lazyConnect: true })))).to.be.an.instanceOf(ResettableConnector);
    });

    it('keeps a connector that the application gave', () => {
      const client = create(factory({ lazyConnect: true, Connector: PipeConnector }));

      expect(connectorOf(client)).to.be.an.instanceOf(PipeConnector);
    });

    it('keeps the connector of its sentinels', () => {
      const given = factory({ lazyConnect: true, sentinels: [{ host: '127.0.0.1', port: 1 }], name: 'main' })();
      const connector = connectorOf(given);

      expect(connectorOf(create(() => given))).to.equal(connector);
    });

    it('is called off when it has begun to connect, and connects when it is told to', async () => {
      const { host, port } = server.current;
      const client = create(factory({ host, port }));
      expect(client.status).to.equal('connecting');
      while (client.status !== 'end') await nextTurn();
      expect(server.current.connections).to.deep.equal([]);
      await client.connect();

      expect(client.status).to.equal('ready');
      expect(server.current.connections).to.have.length(1);
    });

    it('is made anew for each purpose', () => {
      let calls = 0;
      const redis = (): Redis => (calls++, factory({ lazyConnect: true })());

      expect(create(redis, 'data')).not.to.equal(create(redis, 'probe'));
      expect(calls).to.equal(2);
    });

    it('has methods only when it has no sendCommand', () => {
      const client = new RedisMock();

      expect(
        createEndpointClient(
          endpointOf(() => client),
          'data',
        ),
      ).to.deep.equal({ kind: 'method', client });
      client.disconnect();
    });
  });

  describe('is refused when a factory', () => {
    const cluster = (options: ClusterOptions) => (): unknown => new Cluster([], { ...options, lazyConnect: true });
    const stripped = (): unknown => {
      const client = new Redis({ lazyConnect: true });
      return Object.defineProperty(client, 'flushQueue' satisfies keyof ClientInternals, { value: undefined });
    };
    const shaping = (options: object) => (): unknown => new Redis({ ...options, lazyConnect: true });
    const CASES: readonly (readonly [what: string, factory: () => unknown, rule: string, value: string])[] = [
      ['returns nothing', () => undefined, 'must return an ioredis client', 'undefined'],
      ['returns null', () => null, 'must return an ioredis client', 'object'],
      ['returns a URL', () => 'redis://h', 'must return an ioredis client', 'string'],
      ['returns a promise', () => Promise.resolve({}), 'must return an ioredis client', 'Promise'],
      ['returns a class', () => Redis, 'must return an ioredis client', 'function'],
      [
        'returns a Cluster that reads from replicas',
        cluster({ scaleReads: 'slave' }),
        'must not have scaleReads other than "master": a replica does not show what was just written',
        '"slave"',
      ],
      [
        'returns a Cluster with a prefix of its own',
        cluster({ redisOptions: { keyPrefix: 'q:' } }),
        'must not have a keyPrefix that differs from redis.keyPrefix',
        '"q:"',
      ],
      [
        'returns a client of an ioredis that is not known',
        stripped,
        'must be a client of ioredis 5.11 or newer, or of 6; flushQueue not found',
        `ioredis ${version}`,
      ],
      [
        'returns a client with a prefix of its own',
        shaping({ keyPrefix: 'q:' }),
        'must not have a keyPrefix that differs from redis.keyPrefix',
        '"q:"',
      ],
      [
        'returns a client with a protocol of its own',
        shaping({ protocol: 2 }),
        'must not have a protocol that differs from redis.protocol',
        '2',
      ],
      [
        'returns a client with a mapping of replies of its own',
        shaping({ replyMapping: 'resp3' }),
        'must not have a replyMapping that differs from redis.replyMapping',
        '"resp3"',
      ],
    ];

    for (const [what, redis, rule, value] of CASES) {
      it(what, () => {
        let error: unknown;
        try {
          create(redis as () => Redis);
        } catch (caught) {
          error = caught;
        }

        expect(isGeoFailoverError(error, 'GEO_INVALID_OPTIONS')).to.equal(true);
        expect(error).to.have.property('message', `endpoint "a" ${rule}, got ${value}`);
        expect(error).to.have.deep.property('problems', [{ path: 'endpoint "a"', rule, value }]);
      });
    }

    it('returns the same client again, because its connection cannot be for data and for probes', () => {
      const client = new Redis({ lazyConnect: true });
      const endpoint = endpointOf(() => client);
      createEndpointClient(endpoint, 'data');

      expect(() => createEndpointClient(endpoint, 'probe')).to.throw('must return a new client each time');
    });

    it('returns a client with another prefix, which does not go on connecting', async () => {
      const given = factory({ port: 1, keyPrefix: 'q:' })();
      expect(() => create(() => given)).to.throw('keyPrefix');
      while (given.status !== 'end') await nextTurn();
    });

    it('throws, which is passed on', () => {
      const redis = (): never => {
        throw new Error('no such region');
      };

      expect(() => create(redis)).to.throw('no such region');
    });
  });
});
