import { Redis } from 'ioredis';
import type { RedisServer } from './redis-server.ts';

/** One direction of what an Active-Active database does with published messages. */
export class RelayDirection {
  /** Whether messages are passed on. */
  flows = true;
  /** How long a message is under way. */
  delayMs = 0;
  /** What has been published where this direction begins, passed on or not. */
  #heard = 0;
  #waiting: { readonly until: number; readonly resolve: () => void }[] = [];

  get count(): number {
    return this.#heard;
  }

  /** Resolves when so many more have been. */
  next(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ until: this.#heard + count, resolve }));
  }

  heard(): void {
    this.#heard++;
    for (const { until, resolve } of this.#waiting) if (this.#heard >= until) resolve();
    this.#waiting = this.#waiting.filter(({ until }) => this.#heard < until);
  }
}

/** Passes on between two servers what is published on either, as an Active-Active database does. */
export class ReplicationRelay {
  readonly eastToWest = new RelayDirection();
  readonly westToEast = new RelayDirection();
  readonly #clients: Redis[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();

  async start(east: RedisServer, west: RedisServer): Promise<void> {
    const [eastIn, eastOut, westIn, westOut] = [east, east, west, west].map((server) => this.#connect(server));
    if (eastIn === undefined || eastOut === undefined || westIn === undefined || westOut === undefined) return;
    // What was passed on is heard where it was passed on to, and must not go back.
    const ownOfEast = new Set<string>();
    const ownOfWest = new Set<string>();
    this.#passOn(this.eastToWest, eastIn, westOut, ownOfEast, ownOfWest);
    this.#passOn(this.westToEast, westIn, eastOut, ownOfWest, ownOfEast);
    await Promise.all([eastIn.psubscribe('*'), westIn.psubscribe('*')]);
  }

  /** In both directions, or in none. */
  set flows(flows: boolean) {
    this.eastToWest.flows = flows;
    this.westToEast.flows = flows;
  }

  stop(): void {
    for (const client of this.#clients.splice(0)) client.disconnect();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #passOn(direction: RelayDirection, from: Redis, to: Redis, ownOfFrom: Set<string>, ownOfTo: Set<string>): void {
    from.on('pmessage', (_pattern: string, channel: string, message: string) => {
      const id = `${channel}\n${message}`;
      if (ownOfFrom.delete(id)) return;
      const { flows, delayMs } = direction;
      const send = (): void => {
        ownOfTo.add(id);
        // A server that is down hears nothing.
        to.publish(channel, message).catch(() => undefined);
      };
      if (flows && delayMs === 0) send();
      else if (flows) this.#after(delayMs, send);
      direction.heard();
    });
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #connect({ host, port }: RedisServer): Redis {
    const client = new Redis({ host, port, retryStrategy: () => 20, enableOfflineQueue: true });
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }
}
