import { createRequire } from 'node:module';
import { Redis, type RedisOptions } from 'ioredis';
import { type GeoFailoverRedis, createGeoFailoverRedis } from '../../../lib/index.ts';
import { internals } from '../../../lib/ioredis-internals/types.ts';

export * from 'ioredis';

const { parseURL } = createRequire(import.meta.url)('ioredis/built/utils') as {
  parseURL: (text: string) => RedisOptions;
};
const endpoints = Number(process.env['IOREDIS_TESTS_ENDPOINTS']);
const secondPort = Number(process.env['IOREDIS_TESTS_SECOND_PORT']);

/** ioredis's class, or one whose instances are clients of this package. */
const ClientUnderTest =
  endpoints === 0 ? Redis : new Proxy(Redis, { construct: (_target, args: unknown[]) => createClient(args) });

export { ClientUnderTest as default, ClientUnderTest as Redis };

/** All clients of ioredis that ever connected, those behind the clients under test among them. */
const connected = new Set<WeakRef<Redis>>();

if (endpoints > 0) {
  const prototype = Redis.prototype as { connect: (this: Redis, ...args: unknown[]) => Promise<void> };
  const { connect } = prototype;
  prototype.connect = function (...args) {
    connected.add(new WeakRef(this));
    return connect.apply(this, args);
  };
}

function createClient(args: readonly unknown[]): Redis {
  const options = optionsOf(args);
  const client = createGeoFailoverRedis({
    endpoints: [
      { id: 'first', redis: options },
      ...(endpoints === 2 ? [{ id: 'second', weight: 0.5, redis: elsewhere(options) }] : []),
    ],
    // Tests count connections and commands: the first check is enough.
    healthCheck: { intervalMs: 3_600_000 },
  });
  showWhatTestsLookAt(client);
  return client;
}

function showWhatTestsLookAt(client: GeoFailoverRedis): void {
  // How tests cut the connection.
  const clients = () => [...connected].flatMap((one) => one.deref() ?? []).map(internals);
  const stream = (): unknown => {
    const { condition } = internals(client);
    return condition && clients().find((one) => one.condition === condition)?.stream;
  };
  Object.defineProperty(client, 'stream', { get: stream, configurable: true });
}

/** The same, on the server that stands by. */
function elsewhere(options: RedisOptions): RedisOptions {
  const rest = Object.entries(options).filter(([name]) => name !== 'sentinels' && name !== 'path');
  return { ...Object.fromEntries(rest), host: '127.0.0.1', port: secondPort };
}

/** What the arguments of ioredis's constructor say; the first of two wins. */
function optionsOf(args: readonly unknown[]): RedisOptions {
  const given = args.map((argument): RedisOptions => {
    if (typeof argument === 'number') return { port: argument };
    if (typeof argument === 'string') return parseURL(argument);
    return argument ?? {};
  });
  return Object.assign({}, ...given.reverse()) as RedisOptions;
}
