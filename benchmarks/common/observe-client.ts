import { performance } from 'node:perf_hooks';
import type {
  AllEndpointsUnhealthyEvent,
  EndpointSwitchedEvent,
  GeoFailoverEvents,
  GeoFailoverRedis,
} from '../../lib/index.ts';

type Seen<E> = E & { /** By `performance.now()`. */ readonly seenAt: number };

/** What `redis.geo` told, with the times of this process's monotonic clock. */
export class Observation {
  readonly switches: Seen<EndpointSwitchedEvent>[] = [];
  readonly health: Seen<GeoFailoverEvents['healthStatusChanged']>[] = [];
  readonly circuits: Seen<GeoFailoverEvents['circuitStateChanged']>[] = [];
  readonly outages: Seen<AllEndpointsUnhealthyEvent>[] = [];
  readonly #client: GeoFailoverRedis;

  constructor(client: GeoFailoverRedis) {
    this.#client = client;
    const seen = <E>(event: E): Seen<E> => ({ ...event, seenAt: performance.now() });
    client.geo.on('endpointSwitched', (event) => this.switches.push(seen(event)));
    client.geo.on('healthStatusChanged', (event) => this.health.push(seen(event)));
    client.geo.on('circuitStateChanged', (event) => this.circuits.push(seen(event)));
    client.geo.on('allEndpointsUnhealthy', (event) => this.outages.push(seen(event)));
  }

  /** For instance `failover east>west (silence)`. */
  get path(): string[] {
    return this.switches.map(({ kind, from, to, reason }) => `${kind} ${from}>${to} (${reason})`);
  }

  /** Whether the endpoint is, or within that time becomes, the active one. */
  async active(endpointId: string, timeoutMs: number): Promise<boolean> {
    const { geo } = this.#client;
    if (geo.activeEndpoint === endpointId) return true;
    return new Promise((resolve) => {
      const finish = (isActive: boolean): void => {
        clearTimeout(timer);
        geo.off('endpointSwitched', look);
        resolve(isActive);
      };
      const look = ({ to }: EndpointSwitchedEvent): void => {
        if (to === endpointId) finish(true);
      };
      const timer = setTimeout(finish, timeoutMs, false);
      geo.on('endpointSwitched', look);
    });
  }

  /** Whether the active endpoint changed between two moments. */
  switchedBetween(from: number, to: number): boolean {
    return this.switches.some(({ seenAt }) => seenAt >= from && seenAt <= to);
  }
}
