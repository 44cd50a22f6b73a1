import { createRequire } from 'node:module';
import { Redis } from 'ioredis';
import { type ClientInternals, type IoredisCommand, internals } from '../../lib/ioredis-internals/types.ts';
import { command } from '../dispatch/commands.ts';
import { type PlayedServer, playedServerForEachTest } from '../support/played-server.ts';

/** Of the ioredis that the specs run with. */
export const { version } = createRequire(import.meta.url)('ioredis/package.json') as { version: string };
export const major = Number(version.split('.')[0]);

/** ioredis as it is, without any hook. */
export interface PlainClient {
  readonly redis: Redis;
  readonly hidden: ClientInternals;
  readonly server: PlayedServer;
  /** Sends a command that the server leaves unanswered. */
  inFlight(): Promise<IoredisCommand>;
}

/** A plain client for each test, connected to a played server. */
export function plainClientForEachTest(): { readonly current: PlainClient } {
  const server = playedServerForEachTest();
  const holder = {} as { current: PlainClient };

  beforeEach(async () => {
    const { host, port } = server.current;
    const redis = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    const hidden = internals(redis);
    holder.current = { redis, hidden, server: server.current, inFlight: () => inFlight(hidden, server.current) };
    await redis.connect();
  });

  afterEach(() => holder.current.redis.disconnect());

  return holder;
}

async function inFlight(hidden: ClientInternals, server: PlayedServer): Promise<IoredisCommand> {
  const sent = command('get', 'k');
  hidden.sendCommand(sent);
  const connection = await server.connection();
  await server.waitFor(() => connection.received.includes('get k'));
  return sent;
}
