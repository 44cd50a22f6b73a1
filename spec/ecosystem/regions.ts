import type { RedisOptions } from 'ioredis';
import type { GeoFailoverRedis } from '../../lib/index.ts';
import { type GeoPair, SHORT_TIMES, allReady, geoPairForEachTest } from '../support/geo-pair.ts';
import { nextEvent } from '../support/next-event.ts';

type Closing = () => unknown;

/**
 * Two regions for a program, `east` preferred to `west`. The servers know nothing of each other: where a program rests
 * on what it stored, {@link copyData} does what an Active-Active database does all the time.
 */
export class Regions {
  readonly pair: GeoPair;
  readonly #closings: Closing[] = [];

  constructor(pair: GeoPair) {
    this.pair = pair;
  }

  /** A client that is connected to both regions. The program quits it at its end, unless a library did. */
  async connect(redis: RedisOptions = {}): Promise<GeoFailoverRedis> {
    const client = await this.pair.connect({ ...SHORT_TIMES, failback: { enabled: false }, redis });
    this.atTheEnd(() => (client.status === 'end' ? undefined : client.quit()));
    return client;
  }

  /** What the program does at its end, last first. */
  atTheEnd(closing: Closing): void {
    this.#closings.push(closing);
  }

  /** Gives the other region all that is stored in the active one. */
  async copyData(): Promise<void> {
    const { east, west } = this.pair;
    const keys = (await east.server.cli('KEYS', '*')) as string[];
    const { host, port } = west.server;
    await east.server.cli('MIGRATE', host, port, '', 0, 5_000, 'COPY', 'REPLACE', 'KEYS', ...keys);
  }

  /** Kills the active server for good. Resolves when these clients have left it. */
  async loseEast(...clients: GeoFailoverRedis[]): Promise<void> {
    await Promise.all(clients.map(allReady));
    const switches = clients.map((client) => nextEvent(client, 'endpointSwitched'));
    await this.pair.east.server.kill();
    await Promise.all(switches);
  }

  /** Lets the program end, and sees that it leaves no connection behind. */
  async close(): Promise<void> {
    for (const closing of this.#closings.splice(0).reverse()) await closing();
    await Promise.all(this.pair.endpoints.map(({ proxy }) => proxy.waitForConnections(0)));
  }
}

/** Regions that are set up anew for each test of the suite in which this is called. */
export function regionsForEachTest(): Regions {
  const closing: { regions?: Regions } = {};
  // Stands before the hook that ends the servers.
  afterEach(() => closing.regions?.close());
  closing.regions = new Regions(geoPairForEachTest());
  return closing.regions;
}
