import { ConnectionKeeper } from '../../lib/endpoints/connection-keeper.ts';
import type { DrainResult } from '../../lib/endpoints/connection.ts';
import type { CoreMember } from '../../lib/geo-core-member.ts';
import type { GeoCore } from '../../lib/geo-core.ts';
import type { Region } from './region.ts';

const NOTHING_IN_FLIGHT: DrainResult = { answered: 0, unanswered: 0 };

export interface RegionRoute {
  readonly region: Region;
  readonly roundTripMs: number;
}

/** A client's connection for data to one region, which is kept up with the package's own pauses. */
class DataConnection {
  isReady = false;
  readonly #route: RegionRoute;
  readonly #keeper: ConnectionKeeper;
  readonly #onChange: () => void;
  #isConnecting = false;

  constructor(route: RegionRoute, onChange: () => void) {
    this.#route = route;
    this.#onChange = onChange;
    this.#keeper = new ConnectionKeeper(() => this.#connect());
  }

  start(): void {
    this.#keeper.start();
  }

  nudge(): void {
    if (!this.isReady && !this.#isConnecting) this.#keeper.start();
  }

  lose(): void {
    if (!this.isReady) return;
    this.isReady = false;
    this.#onChange();
    this.#keeper.start();
  }

  stop(): void {
    this.#keeper.stop();
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true;
    try {
      await this.#route.region.connect(this.#route.roundTripMs);
    } finally {
      this.#isConnecting = false;
    }
    this.isReady = true;
    this.#onChange();
  }
}

/** An application's client, as far as a regional outage is concerned: its connections, and what it complains of. */
export class FleetMember implements CoreMember {
  readonly keepsStandbys = true;
  /** Nothing is replaced here. */
  readonly successors = {
    connect: () => undefined,
    nudge: () => undefined,
    isReady: () => true,
    take: () => undefined,
    discard: () => undefined,
  };
  readonly #core: GeoCore;
  readonly #routes: ReadonlyMap<string, RegionRoute>;
  readonly #connections = new Map<string, DataConnection>();
  readonly #duplicates: number;

  /** @param duplicates How many clients `duplicate()` has made: each connects to the active endpoint only. */
  constructor(core: GeoCore, routes: ReadonlyMap<string, RegionRoute>, duplicates: number) {
    this.#core = core;
    this.#routes = routes;
    this.#duplicates = duplicates;
  }

  start(): void {
    for (const [id, route] of this.#routes) {
      const connection = new DataConnection(route, () => this.#core.readinessChanged(id));
      this.#connections.set(id, connection);
      route.region.onLost(() => this.#lost(id));
      connection.start();
    }
    this.#connectDuplicates();
  }

  /** A command is not answered for as long as a command may. */
  suspectSilence(id: string): void {
    if (id === this.#core.activeEndpointId) this.#core.suspect(id, 'silence');
  }

  stop(): void {
    for (const connection of this.#connections.values()) connection.stop();
  }

  isReady(endpointId: string): boolean {
    return this.#connections.get(endpointId)?.isReady ?? false;
  }

  nudge(endpointId: string): void {
    this.#connections.get(endpointId)?.nudge();
  }

  abandon(endpointId: string): void {
    this.#connections.get(endpointId)?.lose();
  }

  activeChanged(): void {
    this.#connectDuplicates();
  }

  drained(): Promise<DrainResult> {
    return Promise.resolve(NOTHING_IN_FLIGHT);
  }

  release(): number {
    return 0;
  }

  tick(): boolean {
    return true;
  }

  limitInFlight(): Promise<void> {
    return Promise.resolve();
  }

  hold(): void {
    // Nothing is sent.
  }

  allUnhealthy(): void {
    // Nothing waits.
  }

  keepStandbys(): void {
    // It does.
  }

  refresh(): void {
    // Nothing is sent.
  }

  replaceIfSilent(): void {
    // Its connections are as good as the region.
  }

  giveUpInFlight(): void {
    // Nothing is in flight.
  }

  endpointAdded(): void {
    // None is.
  }

  endpointRemoved(): void {
    // None is.
  }

  #lost(id: string): void {
    const connection = this.#connections.get(id);
    if (connection?.isReady !== true) return;
    connection.lose();
    if (id === this.#core.activeEndpointId) this.#core.suspect(id, 'connection-lost');
  }

  #connectDuplicates(): void {
    const route = this.#routes.get(this.#core.activeEndpointId);
    for (let i = 0; i < this.#duplicates; i++) {
      route?.region.connect(route.roundTripMs).catch(() => undefined);
    }
  }
}
