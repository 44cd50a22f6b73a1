import { once } from 'node:events';
import { expect } from 'chai';
import { Redis, type RedisOptions } from 'ioredis';
import { type GeoFailoverOptions, type GeoFailoverRedis, createGeoFailoverRedis } from '../../lib/index.ts';
import { allReady } from '../support/geo-pair.ts';
import { type RedisServer, startRedisServers } from '../support/redis-server.ts';
import { plain } from './plain.ts';

/**
 * What an application does with a client, and what it gets to see.
 *
 * @param halfway Where the program may be interrupted by a switch: it goes on when that is over.
 */
export type Program = (client: Redis, halfway: () => Promise<void>) => unknown;

const ENDPOINTS = ['east', 'west'] as const;

/** A plain ioredis client of one server beside one of ours, whose first endpoint is the same server. */
export class SideBySide {
  #servers: readonly RedisServer[] = [];
  readonly #clients: Redis[] = [];

  /** For each test of the suite in which this is called. */
  static forSuite(): SideBySide {
    const sides = new SideBySide();
    before(async () => {
      sides.#servers = await startRedisServers(2);
    });
    afterEach(() => sides.disconnect());
    after(async () => Promise.all(sides.#servers.map((server) => server.dispose())));
    return sides;
  }

  get east(): RedisServer {
    return this.#server(0);
  }

  get west(): RedisServer {
    return this.#server(1);
  }

  bare(redis: RedisOptions = {}): Redis {
    return this.#keep(new Redis({ ...redis, ...addressOf(this.east) }));
  }

  ours(redis: RedisOptions = {}, options: Partial<GeoFailoverOptions> = {}): GeoFailoverRedis {
    const endpoints = ENDPOINTS.map((id, index) => ({
      id,
      weight: 1 / (index + 1),
      redis: addressOf(this.#server(index)),
    }));
    return this.#keep(createGeoFailoverRedis({ endpoints, redis, ...options }));
  }

  /** One of each, ready. */
  async both(redis: RedisOptions = {}): Promise<{ bare: Redis; ours: GeoFailoverRedis }> {
    const sides = { bare: this.bare(redis), ours: this.ours(redis) };
    await Promise.all([ready(sides.bare), ready(sides.ours)]);
    return sides;
  }

  /**
   * Runs the program on a plain client, on one of ours, on one of ours that was switched to its second endpoint before,
   * and on one that is switched halfway. All have to see the same.
   */
  async compare(program: Program, redis: RedisOptions = {}): Promise<void> {
    const expected = await this.seenBy(program, this.bare(redis));
    const halfway = (client: GeoFailoverRedis) => () => this.switchToWest(client);
    const across = async (client: GeoFailoverRedis): Promise<unknown> => this.seenBy(program, client, halfway(client));
    const seen = {
      'at first': await this.seenBy(program, this.ours(redis)),
      'after a switch': await this.seenBy(program, await this.switched(redis)),
      'across a switch': await across(this.ours(redis)),
    };
    expect(seen).to.deep.equal({ 'at first': expected, 'after a switch': expected, 'across a switch': expected });
  }

  async switched(redis: RedisOptions = {}): Promise<GeoFailoverRedis> {
    const client = this.ours(redis);
    await this.switchToWest(client);
    return client;
  }

  async switchToWest(client: GeoFailoverRedis): Promise<void> {
    if (client.status === 'wait') await client.connect();
    await allReady(client);
    await client.geo.switchTo('west');
  }

  disconnect(): void {
    for (const client of this.#clients.splice(0)) client.disconnect();
  }

  async flush(): Promise<void> {
    for (const server of this.#servers) {
      await server.cli('FLUSHALL');
      await server.cli('SCRIPT', 'FLUSH');
    }
  }

  /** The same for what begins with the client: a plain one, and one of ours. */
  async compareOnce(program: Program, redis: RedisOptions = {}): Promise<void> {
    const expected = await this.seenBy(program, this.bare(redis));
    expect(await this.seenBy(program, this.ours(redis))).to.deep.equal(expected);
  }

  async seenBy(program: Program, client: Redis, halfway = stay): Promise<unknown> {
    await this.flush();
    try {
      return plain(await program(client, halfway));
    } finally {
      client.disconnect();
    }
  }

  #server(index: number): RedisServer {
    const server = this.#servers[index];
    if (server === undefined) throw new Error('The servers are not started');
    return server;
  }

  #keep<T extends Redis>(client: T): T {
    this.#clients.push(client);
    return client;
  }
}

export async function ready(client: Redis): Promise<void> {
  if (client.status !== 'ready') await once(client, 'ready');
}

/** Declares one test per program. */
export function itIsTheSame(
  sides: SideBySide,
  programs: Readonly<Record<string, Program>>,
  redis?: RedisOptions,
): void {
  for (const [name, program] of Object.entries(programs)) it(name, () => sides.compare(program, redis));
}

function addressOf({ host, port }: RedisServer): { host: string; port: number } {
  return { host, port };
}

function stay(): Promise<void> {
  return Promise.resolve();
}
